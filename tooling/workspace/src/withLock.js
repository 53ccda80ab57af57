import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

const pollMs = 200;
const abandonedAfterMs = 10 * 60_000;

/**
 * Runs `action` while holding a lock file, waiting for other holders first. A holder that died on this machine, or on any
 * machine ten minutes ago, no longer counts.
 * @template T
 * @param {string} file
 * @param {() => T} action
 */
export function withLock(file, action) {
  while (!tryTake(file)) {
    if (isAbandoned(file)) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  try {
    return action();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function tryTake(file) {
  try {
    writeFileSync(file, `${hostname()} ${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const [host, pid] = readFileSync(file, "utf8").split(" ");
    if (Date.now() - statSync(file).mtimeMs > abandonedAfterMs) return true;
    return host === hostname() && pid !== undefined && !isRunning(Number(pid));
  } catch {
    return false; // released between the attempt and this look: try again
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
