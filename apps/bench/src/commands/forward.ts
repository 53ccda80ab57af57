import { readNpy, SaeError, type StoredArray, type Value, writeSafetensors } from "@sae/core";
import { compileForward } from "@sae/models";
import { machineOptions } from "../options/machineOptions.js";
import { chosenModel, modelOptions } from "../options/modelOptions.js";
import { count, flag, listOf, word } from "../options/option.js";
import { required } from "../options/readArguments.js";
import { benchCommand } from "./benchCommand.js";

const options = {
  ...modelOptions,
  tokens: word({
    describe: "token ids [batch, length] or [length], whole numbers in an .npy file",
    hint: "FILE.npy",
    needed: true,
    group: "What",
  }),
  hooks: listOf(word({ describe: "", hint: "NAME" }), {
    describe:
      "what to write, by TransformerLens's names: hook_embed, blocks.L.hook_resid_pre, hook_resid_mid, hook_resid_post, hook_attn_out, hook_mlp_out, ln_final.hook_normalized",
    otherwise: "none: logits alone",
    group: "What",
  }),
  noLogits: flag({ describe: "leave the logits out, and everything behind the last hook uncomputed", group: "What" }),
  batch: count({ describe: "texts that the model reads at once", otherwise: "all", group: "What" }),
  provider: machineOptions.provider,
  threads: count({ describe: "threads on the CPU", otherwise: "all cores", group: "This machine" }),
  out: word({
    describe: "where to write a tensor [batch, length, size] for each hook, and `logits`, in float32",
    hint: "FILE.safetensors",
    needed: true,
    group: "Output",
  }),
  json: flag({ describe: "print what was written as one line of JSON on stdout", group: "Output" }),
  debug: flag({ describe: "print stack traces with errors", group: "Output" }),
};

/** `pnpm bench forward`: a language model's residual stream and logits for given tokens. */
export const forwardCommand = benchCommand({
  name: "forward",
  description: "a language model's activations and logits for given tokens, to compare with other tools",
  about: [
    "Runs a language model in float32 over token ids and writes what stands at the named hooks, and the logits, to a safetensors file under the hooks' own names.",
  ],
  examples: [
    [
      "forward --model ./my-model --tokens ids.npy --hooks blocks.0.hook_resid_post,blocks.1.hook_resid_post --out run.safetensors",
      "two residuals and the logits of a local model",
    ],
    [
      "forward --model tinyllama-1.1b --tokens ids.npy --hooks blocks.10.hook_resid_post --no-logits --out run.safetensors",
      "half of the model is enough, and only half is read",
    ],
  ],
  options,
  run: async (values) => {
    const model = await chosenModel(required(values.model, "model", "MODEL"), values);
    const out = required(values.out, "out", "FILE.safetensors");
    const hooks = values.hooks ?? [];
    const texts = await readTokens(required(values.tokens, "tokens", "FILE.npy"));
    const program = await compileForward(model, {
      hooks,
      logits: !values.noLogits,
      provider: values.provider ?? "auto",
      ...(values.threads !== undefined && { threads: values.threads }),
    });
    const size = values.batch ?? texts.length;
    const parts: Record<string, Value[]> = {};
    for (let at = 0; at < texts.length; at += size) {
      const { at: found, logits } = await program.run(texts.slice(at, at + size));
      const named: Record<string, Value | null> = { ...found, logits };
      for (const [name, value] of Object.entries(named)) {
        if (value !== null) parts[name] = [...(parts[name] ?? []), value];
      }
    }
    const tensors = Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, joined(values)]));
    await writeSafetensors(out, tensors, { model: model.name, identity: JSON.stringify(model.identity) });
    await program.dispose();
    await model.close();
    const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
    if (values.json) process.stdout.write(`${JSON.stringify({ out, tensors: shapes })}\n`);
    else for (const [name, shape] of Object.entries(shapes)) process.stdout.write(`${name} [${shape.join(", ")}]\n`);
    return 0;
  },
});

/** Rows of token ids. */
async function readTokens(path: string): Promise<number[][]> {
  const { shape, data, dtype } = await readNpy(path);
  if (shape.length < 1 || shape.length > 2 || /^float|bool/.test(dtype)) {
    throw new SaeError(
      "wrong_dtype",
      `${path}: needed whole numbers [batch, length] or [length], got ${dtype} [${shape.join(", ")}]`,
    );
  }
  const [batch, length] = shape.length === 2 ? shape : [1, shape[0]];
  if (batch === 0 || length === 0)
    throw new SaeError("no_rows", `${path}: needed at least one token, got shape [${shape.join(", ")}]`);
  const ids = Array.from(data as ArrayLike<number | bigint>, Number);
  return Array.from({ length: batch }, (_, row) => ids.slice(row * length, (row + 1) * length));
}

/** Batches of one tensor, one after the other. */
function joined(values: readonly Value[]): StoredArray {
  const data = new Float32Array(values.reduce((total, value) => total + value.data.length, 0));
  let at = 0;
  for (const value of values) {
    data.set(value.data as Float32Array, at);
    at += value.data.length;
  }
  const rows = values.reduce((total, { shape }) => total + shape[0], 0);
  return { dtype: "float32", shape: [rows, ...values[0].shape.slice(1)], data };
}
