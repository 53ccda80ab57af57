import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { SaeWeights, TrainSpec } from "@sae/autoencoders";
import { readSafetensors, SaeError, toFloat32 } from "@sae/core";

/** Hash of the bytes of a file, in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const digest = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new SaeError(missing ? "file_not_found" : "read_failed", `read ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return digest.digest("hex");
}

/**
 * Starting weights from a safetensors file: W_enc [dModel, dSae], b_enc [dSae], W_dec [dSae, dModel], b_dec [dModel], and what the architecture has
 * besides, each if it is there. A threshold [dSae] may be there for architectures that learn none, so that one file serves all of them; it is left out.
 *
 * @throws SaeError `shape_mismatch`, `tensor_not_found` for a name that is none of these, `non_finite`, those of `readSafetensors`
 */
export async function readInitial(
  path: string,
  { variant, config, dModel, dSae }: Pick<TrainSpec, "variant" | "config" | "dModel" | "dSae">,
): Promise<Partial<SaeWeights>> {
  const extra = variant.extraParams?.({ dModel, dSae }, config) ?? {};
  const shapes: Readonly<Record<string, readonly number[]>> = {
    W_enc: [dModel, dSae],
    b_enc: [dSae],
    W_dec: [dSae, dModel],
    b_dec: [dModel],
    threshold: [dSae],
    ...Object.fromEntries(Object.entries(extra).map(([name, { shape }]) => [name, shape])),
  };
  const { tensors } = await readSafetensors(path);
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    const wanted = shapes[name];
    if (wanted === undefined) {
      throw new SaeError(
        "tensor_not_found",
        `--init ${path}: needed tensors among ${Object.keys(shapes).join(", ")}, got '${name}'`,
      );
    }
    if (wanted.join() !== tensor.shape.join()) {
      throw new SaeError(
        "shape_mismatch",
        `--init ${path}: '${name}' needed shape [${wanted.join(", ")}] (d_model ${dModel}, d_sae ${dSae}), got [${tensor.shape.join(", ")}]`,
      );
    }
    const values = toFloat32(tensor);
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      throw new SaeError(
        "non_finite",
        `--init ${path}: '${name}' needed finite numbers, got ${values[at]} at element ${at}; correct the file`,
      );
    }
    return [name, values] as const;
  });
  return Object.fromEntries(entries.filter(([name]) => name !== "threshold" || extra.threshold !== undefined));
}
