import { type ActivationSource, fileSource, generatorSource } from "@sae/autoencoders";
import { openActivations, SaeError } from "@sae/core";
import { HELD_OUT, type SyntheticModel, syntheticModel } from "@sae/synthetic";
import { z } from "zod";

const probability = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("constant"), p: z.number().min(0).max(1) }),
  z.object({ kind: z.literal("log_uniform"), logMin: z.number(), logMax: z.number() }),
]);

const magnitude = z.union([
  z.strictObject({ mu: z.number(), sigma: z.number().nonnegative() }),
  z.strictObject({ mu: z.number(), variance: z.number().nonnegative() }),
]);

/** Where a job's activations come from, as part of its config: by content, not by place. */
export const dataSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("synthetic"),
    seed: z.number().int().nonnegative(),
    dModel: z.number().int().positive(),
    features: z.number().int().positive(),
    probability,
    magnitude,
  }),
  z.object({
    kind: z.literal("file"),
    sha256: z.string(),
    tensor: z.string().optional(),
    order: z.enum(["shuffled", "sequential"]),
    seed: z.number().int().nonnegative(),
    heldOut: z.number().min(0).lt(1).optional(),
  }),
]);
export type DataConfig = z.infer<typeof dataSchema>;

export interface OpenData {
  readonly source: ActivationSource;
  /** The generator, when the true features are known. */
  readonly synthetic: SyntheticModel | null;
  close(): Promise<void>;
}

/**
 * Opens the activations that a config names.
 * @param path where the file lies on this machine
 */
export async function openData(data: DataConfig, path: string | undefined): Promise<OpenData> {
  if (data.kind === "synthetic") {
    const { kind: _, ...config } = data;
    const model = syntheticModel(config);
    const heldOut = {
      batch: (index: number, size: number, out: Float32Array) => model.batch(HELD_OUT + index, size, out),
    };
    return { source: generatorSource(model, heldOut, { ...config }), synthetic: model, close: async () => {} };
  }
  if (!path) throw new SaeError("missing_input", "file data: needed the path of the activations; pass --data FILE");
  const file = await openActivations(path, data.tensor ? { tensor: data.tensor } : {});
  const source = await fileSource(file, {
    order: data.order,
    seed: data.seed,
    ...(data.heldOut !== undefined && { heldOut: data.heldOut }),
  });
  if (source.identity.sha256 !== data.sha256) {
    await file.close();
    throw new SaeError(
      "data_changed",
      `${path}: its contents changed since the study was planned (sha256 ${source.identity.sha256}, planned ${data.sha256}); start the command again`,
    );
  }
  return { source, synthetic: null, close: () => file.close() };
}
