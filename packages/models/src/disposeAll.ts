import type { Program } from "@sae/core";

/** What holds memory or a file until it is told to let go. */
export type Disposable = Pick<Program<never, never>, "dispose">;

/** Disposes of all, the last first, whether or not some of them fail; then throws the first error. */
export async function disposeAll(all: readonly Disposable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const one of all.toReversed()) await one.dispose().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
