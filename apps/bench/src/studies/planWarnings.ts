import type { Device } from "../costs/device.js";
import { siText } from "../costs/siText.js";
import type { PlannedJob } from "./planTable.js";
import type { PlanTotal } from "./planTotals.js";

const bytes = (count: number): string => siText(count, "B");

/**
 * What cannot fit, in words: memory of single jobs, memory of jobs side by side, disk.
 *
 * @param freeBytes on the disk that results go to
 * @param workers jobs at once
 */
export function planWarnings(
  plan: readonly PlannedJob[],
  totals: readonly PlanTotal[],
  { device, freeBytes, workers, out }: { device: Device; freeBytes: number; workers: number; out: string },
): string[] {
  const there = device.memoryGib * 2 ** 30;
  const left = plan.filter(({ state }) => state !== "done");
  const kinds = totals.flatMap(({ kind }) => (kind === null ? [] : [kind]));
  const tooLarge = kinds.flatMap((kind) => {
    const own = left.filter((job) => job.kind === kind);
    const large = own.filter(({ cost }) => cost !== null && cost.memoryBytes > there);
    if (large.length === 0) return [];
    const most = Math.max(...large.map(({ cost }) => cost?.memoryBytes ?? 0));
    const remedy =
      kind === "train"
        ? "fewer latents (--d-sae) or a smaller --batch take less"
        : "a smaller model or shorter contexts take less";
    return [
      `Does not fit in memory: ${large.length} of ${own.length} ${kind} jobs need up to ${bytes(most)}, ${device.name} has ${bytes(there)}; ${remedy}.`,
    ];
  });
  const memory = left.map(({ cost }) => cost?.memoryBytes ?? 0).sort((a, b) => b - a);
  const together = memory.slice(0, workers).reduce((total, one) => total + one, 0);
  const sideBySide =
    tooLarge.length === 0 && together > there
      ? [
          `Does not fit in memory side by side: ${Math.min(workers, memory.length)} jobs at once need up to ${bytes(together)}, ${device.name} has ${bytes(there)}; use fewer --workers.`,
        ]
      : [];
  const scratch = left
    .map(({ cost }) => cost?.scratchBytes ?? 0)
    .sort((a, b) => b - a)
    .slice(0, workers)
    .reduce((total, one) => total + one, 0);
  const disk = (totals.at(-1)?.diskBytes ?? 0) + scratch;
  const full =
    disk > freeBytes
      ? [
          `Does not fit on the disk: results and checkpoints need ${bytes(disk)}, ${bytes(freeBytes)} are free for ${out} on this machine; choose another --out, or plan less.`,
        ]
      : [];
  return [...tooLarge, ...sideBySide, ...full];
}
