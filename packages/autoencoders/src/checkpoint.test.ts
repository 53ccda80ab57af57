import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkpoint, firstLines, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
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

  it("cut short at any place is refused", async () => {
    await writeCheckpoint(path, checkpoint, "run");
    const whole = await readFile(path);
    for (let size = 0; size < whole.length; size += 7) {
      await writeFile(path, whole.subarray(0, size));
      expect(await messageOf(readCheckpoint(path, "run"))).toMatch(/^corrupt_checkpoint: /);
    }
    await writeFile(path, whole);
    await truncate(path, whole.length - 5);
    expect(await messageOf(readCheckpoint(path, "run"))).toMatchInlineSnapshot(
      `"corrupt_checkpoint: checkpoint out/checkpoint.safetensors: damaged (read out/checkpoint.safetensors: needed 544 bytes, got 539; the file is cut short, fetch it again); delete it to start this run from the beginning"`,
    );
  });

  it("with a changed bit is refused", async () => {
    await writeCheckpoint(path, checkpoint, "run");
    const whole = await readFile(path);
    const bad = Buffer.from(whole);
    bad[bad.length - 9] ^= 1;
    await writeFile(path, bad);
    expect(await messageOf(readCheckpoint(path, "run"))).toMatchInlineSnapshot(
      `"corrupt_checkpoint: checkpoint out/checkpoint.safetensors: damaged (its checksum differs); delete it to start this run from the beginning"`,
    );
    const step = whole.indexOf('"150"');
    bad.set(whole);
    bad.write("160", step + 1);
    await writeFile(path, bad);
    expect(await messageOf(readCheckpoint(path, "run"))).toMatch(/^corrupt_checkpoint: /);
  });
});

describe("the lines of a log that belong to a checkpoint", () => {
  const log = () => join(folder, "log.jsonl");

  it("are the first ones; what came after is dropped, half a line too", async () => {
    await writeFile(log(), '{"step":0}\n{"step":1}\n{"st');
    expect(await firstLines(log(), 2)).toEqual(['{"step":0}', '{"step":1}']);
    expect(await firstLines(log(), 0)).toEqual([]);
  });

  it("must all be there", async () => {
    await writeFile(log(), '{"step":0}\n');
    expect(await messageOf(firstLines(log(), 2))).toMatchInlineSnapshot(
      `"corrupt_checkpoint: log out/log.jsonl: needed the 2 lines that the checkpoint counts, got 1; delete the folder to start again"`,
    );
    await rm(log());
    expect(await messageOf(firstLines(log(), 2))).toMatchInlineSnapshot(
      `"corrupt_checkpoint: log out/log.jsonl: needed the 2 lines that the checkpoint counts, cannot read it; delete the folder to start again"`,
    );
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
