import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const pollMs = 200;
const touchEveryMs = 30_000;
/** A holder that has not touched its lock for so long is gone, whatever machine or container it ran on. */
const abandonedAfterMs = 10 * 60_000;

/**
 * Makes this process the only one that works in a folder, waiting for others first: two studies that share a job, or the worker
 * of a killed program that has not noticed yet. A holder that died no longer counts.
 *
 * @param onWait called once when there is another holder, with its name
 * @returns function that lets the next one in
 */
export async function lockFolder(folder: string, onWait: (holder: string) => void): Promise<() => Promise<void>> {
  const file = join(folder, "lock");
  let waiting = false;
  while (!(await tryTake(file))) {
    const holder = await readFile(file, "utf8").catch(() => null);
    if (holder === null) continue;
    if (await isAbandoned(file, holder)) {
      await rm(file, { force: true });
      continue;
    }
    if (!waiting) onWait(holder);
    waiting = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const touch = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), touchEveryMs);
  touch.unref();
  return async () => {
    clearInterval(touch);
    await rm(file, { force: true });
  };
}

const nameOf = (pid: number): string => `process ${pid} on ${hostname()}`;

async function tryTake(file: string): Promise<boolean> {
  try {
    await writeFile(file, nameOf(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isAbandoned(file: string, holder: string): Promise<boolean> {
  const touched = await stat(file).catch(() => null);
  if (touched !== null && Date.now() - touched.mtimeMs > abandonedAfterMs) return true;
  const pid = Number(/^process (\d+) on /.exec(holder)?.[1] ?? Number.NaN);
  return holder === nameOf(pid) && (pid === process.pid || !isRunning(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
