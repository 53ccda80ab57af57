import { spawn } from "node:child_process";
import { SaeError } from "@sae/core";
import { memoryEnvironment } from "../jobs/memoryEnvironment.js";

/**
 * Makes a command that computes by itself do so in the environment of a job's process: glibc reads its settings when a process starts, so the same
 * call is made again, once.
 *
 * @param run what the command does; returns the exit code
 */
export const withMemory =
  <Arguments extends readonly unknown[]>(run: (...args: Arguments) => Promise<number>) =>
  async (...args: Arguments): Promise<number> => {
    const environment = memoryEnvironment();
    return environment.GLIBC_TUNABLES === process.env.GLIBC_TUNABLES ? run(...args) : callAgain(environment);
  };

async function callAgain(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], { env, stdio: "inherit" });
  // Ctrl-C reaches both; this process ends when the other has.
  const wait = () => {};
  const stop = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", stop);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) =>
        code === null
          ? reject(new SaeError("worker_died", `the process that computes ended with ${signal}`))
          : resolve(code),
      );
    });
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", stop);
  }
}
