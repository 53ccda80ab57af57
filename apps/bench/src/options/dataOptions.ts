import { extname } from "node:path";
import { SaeError } from "@sae/core";
import { type DataConfig, type ExaminedFile, examineFile } from "../jobs/dataSource.js";
import { choice, real, type Values, word } from "./option.js";
import { required } from "./readArguments.js";

const group = "Data";

/** Options that name activations on disk. */
export const dataOptions = {
  data: word({
    describe: "activations, a matrix [rows, d_model] of floats in an .npy or .safetensors file; one row is one token",
    hint: "FILE",
    needed: true,
    group,
  }),
  tensor: word({
    describe: "name of the tensor in a .safetensors file",
    otherwise: "the only one",
    hint: "NAME",
    group,
  }),
  order: choice({
    of: ["shuffled", "sequential"],
    describe:
      "shuffled: another permutation of the rows for each pass; sequential: consecutive batches, from the start again after as many as fit",
    otherwise: "shuffled",
    group,
  }),
  heldOut: real({
    describe: "share of the rows kept for thresholds and evaluation; 0 evaluates on training rows",
    otherwise: "0.05 when shuffled, 0 when sequential",
    least: 0,
    below: 1,
    group,
  }),
};

/** Activations on disk, examined, with the order in which to read them. */
export interface ChosenData {
  readonly file: ExaminedFile;
  /** The data of a job; the seed names the permutation. */
  config(seed: number): DataConfig;
}

/**
 * Examines the file of `--data`.
 *
 * @throws SaeError `missing_option`, `bad_option`, `too_few_rows`, those of `examineFile`
 */
export async function chooseData(values: Values<typeof dataOptions>, batch: number): Promise<ChosenData> {
  const { tensor, order = "shuffled", heldOut } = values;
  const path = required(values.data, "data", "FILE");
  if (tensor !== undefined && extname(path) !== ".safetensors") {
    throw new SaeError("bad_option", `--tensor: is for .safetensors files, got --data ${path}; leave it out`);
  }
  const file = await examineFile(path, tensor);
  checkRows(file, heldOut ?? (order === "shuffled" ? 0.05 : 0), batch);
  return {
    file,
    config: (seed) => ({
      kind: "file",
      sha256: file.sha256,
      ...(tensor !== undefined && { tensor }),
      order,
      seed,
      ...(heldOut !== undefined && { heldOut }),
    }),
  };
}

/** Both parts of the rows need a batch: otherwise the evaluation would borrow training rows. */
function checkRows({ path, rows }: ExaminedFile, heldOut: number, batch: number): void {
  const heldOutRows = Math.floor(rows * heldOut);
  const least = heldOutRows === 0 ? rows : Math.min(heldOutRows, rows - heldOutRows);
  if (heldOut > 0 && heldOutRows < batch) {
    throw new SaeError(
      "too_few_rows",
      `${path}: needed at least one batch of ${batch} held-out rows, got ${heldOutRows} (${heldOut} of ${rows}); lower --batch, raise --held-out, or evaluate on training rows with --held-out 0`,
    );
  }
  if (least < batch) {
    throw new SaeError(
      "too_few_rows",
      `${path}: needed at least one batch of ${batch} rows for training, got ${rows - heldOutRows}; lower --batch`,
    );
  }
}
