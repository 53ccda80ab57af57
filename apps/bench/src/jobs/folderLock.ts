import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
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
  const own = `${nameOf(process.pid)}\n${randomUUID()}\n`;
  let waiting = false;
  while (!(await tryTake(file, own))) {
    const lock = await contentOf(file);
    if (lock === null) continue;
    const [holder] = lock.split("\n");
    if (await isAbandoned(file, holder)) {
      await removeLock(file, lock);
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
    await removeLock(file, own);
  };
}

/**
 * Removes a lock, unless there is another in its place by now: of two who wait and find the same holder dead, the slower must not remove the lock of the faster.
 * Nothing deletes a file by what it holds, so it is moved aside first, which only one can do, and put back if it is not the one that was meant.
 *
 * @param content of the lock that is meant; each is different
 */
export async function removeLock(file: string, content: string): Promise<void> {
  if ((await contentOf(file)) !== content) return;
  const aside = `${file}.${randomUUID()}`;
  const isMoved = await rename(file, aside).then(() => true, ifMissing(false));
  if (!isMoved) return;
  // A link, because unlike a rename it replaces nothing.
  if ((await contentOf(aside)) !== content) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

const nameOf = (pid: number): string => `process ${pid} on ${hostname()}`;

const contentOf = (file: string): Promise<string | null> => readFile(file, "utf8").catch(ifMissing(null));

/** What stands for a file that is not there; other errors pass. */
const ifMissing =
  <Value>(value: Value) =>
  (error: NodeJS.ErrnoException): Value => {
    if (error.code === "ENOENT") return value;
    throw error;
  };

async function tryTake(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: "wx" });
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
