import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { resumableRun, stopAt } from "./resumableRun.testkit.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-checkpoint-"));
  path = join(folder, "checkpoint.safetensors");
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  step: 150,
  state: { W_enc: Float32Array.of(1, -2, 3e-30), "m.W_enc": new Float32Array(3), "state.hint": Float32Array.of(1e30) },
  start: { scale: Float32Array.of(0.5), W_dec: new Float32Array(0) },
  lastL0: 1 / 3,
  logLines: 2,
};

/** The message without the path of this machine. */
const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(folder, "out")}`,
  );

describe("a checkpoint", () => {
  it("comes back as it was, every bit of it", async () => {
    await writeCheckpoint(path, checkpoint, "run");
    expect(await readCheckpoint(path, "run")).toEqual(checkpoint);
    const first = { ...checkpoint, lastL0: Number.POSITIVE_INFINITY };
    await writeCheckpoint(path, first, "run");
    expect(await readCheckpoint(path, "run")).toEqual(first);
  });

  it("that is not there is none", async () => {
    expect(await readCheckpoint(path, "run")).toBeNull();
  });

  it("of another run is refused", async () => {
    await writeCheckpoint(path, checkpoint, "run");
    expect(await messageOf(readCheckpoint(path, "other"))).toMatchInlineSnapshot(
      `"other_run: checkpoint out/checkpoint.safetensors: belongs to a run with other options or data; use another --out, or delete it to start this run from the beginning"`,
    );
  });

  it("has the bytes that it always had: runs that were begun with an earlier version go on", async () => {
    await writeCheckpoint(path, { ...checkpoint, lastL0: Number.POSITIVE_INFINITY }, "run");
    expect(
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    ).toBe("37b6e0f374f1c6307e742dce4fc830211c8fcc44d868092d5f1e98bbc45ea097");
  });
});

describe("a run", () => {
  const interrupted = (options: Parameters<typeof resumableRun>[2] = {}) =>
    resumableRun("topk", folder, {
      onProgress: stopAt(100, () => {
        throw new Error("stopped");
      }),
      ...options,
    });

  it("does not go on with the checkpoint of one with other options, weights, data or baseline", async () => {
    await expect(interrupted()).rejects.toThrow("stopped");
    const code = "other_run";
    await expect(interrupted({ config: { l0: 4 } })).rejects.toMatchObject({ code });
    await expect(interrupted({ logEvery: 8 })).rejects.toMatchObject({ code });
    await expect(interrupted({ initial: { b_dec: new Float32Array(8) } })).rejects.toMatchObject({ code });
    await expect(interrupted({ constraint: { name: "frozen", frozen: ["W_dec"] } })).rejects.toMatchObject({ code });
    await expect(interrupted({ constraint: { name: "trained", config: { tau: 1 } } })).rejects.toMatchObject({ code });
    await expect(interrupted({ metadata: { hook: "blocks.1" } })).rejects.toMatchObject({ code });
    await expect(interrupted()).rejects.toThrow("stopped");
  });

  it("does not go on when its log is gone", async () => {
    await expect(interrupted()).rejects.toThrow("stopped");
    await rm(join(folder, "log.jsonl"));
    await expect(interrupted()).rejects.toMatchObject({ code: "corrupt_checkpoint" });
  });
});
