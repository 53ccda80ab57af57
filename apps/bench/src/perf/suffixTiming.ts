/*
 * How far the passes of evaluations over the second part of a cut model are from their matrix products.
 *
 *   x, replacement, dx [batch, seq, dModel]     last, target int64 [batch, 1]
 */
import { type CompileOptions, crossEntropy, fillNormal, grad, int64, key, type OpTime } from "@sae/core";
import {
  type CutModel,
  cut,
  finalHook,
  type LanguageModel,
  type ModelProgram,
  takePositions,
  tokenBatch,
} from "@sae/models";
import { contextsAtOnce } from "../jobs/spliceCost.js";
import { compileLosses } from "../jobs/spliceLosses.js";
import { someTexts } from "./modelShapes.js";
import { blockRows, headRows, inTurns, type RowsOf, startProducts, timing } from "./products.js";

/** Time of one kind of pass. */
export interface PassTiming {
  readonly tokens: number;
  readonly ms: number;
  /** Its matrix products alone. */
  readonly gemmMs: number;
  /** ms / gemmMs. */
  readonly ratio: number;
  /** Time per operation, when profiled. */
  readonly ops?: readonly OpTime[];
}

/** Times of a suffix. */
export interface SuffixTiming {
  readonly hook: string;
  /** Losses with a reconstruction in place of the activations: a suffix of each, and cross entropy and KL divergence of all tokens. */
  readonly losses: PassTiming;
  /** The loss at the last token of each text and its gradient with respect to x, as masks are learned with. Products forward and back. */
  readonly gradient: PassTiming;
}

/** Contexts as a harvest has them, and prompts as RAVEL has them. */
const contexts = { batch: contextsAtOnce, seq: 128 };
const prompts = { batch: 16, seq: 16 };

/** The gradient of the loss of one token for each text. */
const compileGradient = (at: CutModel, options: CompileOptions) =>
  at.compile(
    { last: int64("batch", 1), target: int64("batch", 1) },
    ({ x, inputs, suffix }) => {
      const logits = suffix(x, { [finalHook]: (y) => takePositions(y, inputs.last) }); // [batch, 1, dVocab]
      const loss = crossEntropy(logits, inputs.target);
      const [dx] = grad(loss, [x]);
      return { loss, dx };
    },
    options,
  );

/** Times both passes after a block, in this process. */
export async function timeSuffix(
  model: LanguageModel,
  after: number,
  rounds: number,
  { profile, ...options }: CompileOptions & { readonly profile: boolean },
): Promise<SuffixTiming> {
  const hook = `blocks.${after}.hook_resid_post`;
  const { dModel } = model.sizes;
  const at = cut(model, hook, { ...options, profile });
  const textsOf = ({ batch, seq }: typeof contexts) => {
    const { tokens } = tokenBatch(someTexts(model, batch, seq), model.sizes);
    const noise = (name: string) => ({
      data: fillNormal(key(name), new Float32Array(batch * seq * dModel)),
      shape: [batch, seq, dModel],
    });
    return { tokens, x: noise("x"), replacement: noise("replacement") };
  };
  const column = (value: number) => ({
    data: new BigInt64Array(prompts.batch).fill(BigInt(value)),
    shape: [prompts.batch, 1],
  });
  const productsOf = ({ batch, seq }: typeof contexts, headTokens: number): RowsOf => ({
    ...blockRows(model, batch * seq, after),
    ...headRows(model, headTokens),
  });
  const pass = async (
    program: ModelProgram<string, string>,
    feeds: Parameters<(typeof program)["run"]>[0],
    rowsOf: RowsOf,
    times: number,
    { batch, seq }: typeof contexts,
  ): Promise<PassTiming> => {
    const products = await startProducts(model, rowsOf, options);
    const [ms, floorMs] = await inTurns(
      rounds,
      timing(() => program.run(feeds)),
      products.timed,
    );
    const ops = profile ? await perRun(program, rounds + 1) : undefined;
    await products.dispose();
    await program.dispose();
    const gemmMs = times * floorMs;
    return { tokens: batch * seq, ms, gemmMs, ratio: ms / gemmMs, ...(ops && { ops }) };
  };
  const { replacement, ...long } = textsOf(contexts);
  const losses = await pass(
    await compileLosses(at, dModel),
    { ...long, replacement, targets: long.tokens },
    productsOf(contexts, contexts.batch * contexts.seq),
    2,
    contexts,
  );
  const { replacement: _, ...short } = textsOf(prompts);
  const gradient = await pass(
    await compileGradient(at, options),
    { ...short, last: column(prompts.seq - 1), target: column(1) },
    productsOf(prompts, prompts.batch),
    2,
    prompts,
  );
  await at.dispose();
  return { hook, losses, gradient };
}

/** Time of each operation in one of so many runs. */
const perRun = async (program: ModelProgram<string, string>, runs: number): Promise<OpTime[]> =>
  (await program.profile()).map(({ op, ms, calls, flops }) => ({
    op,
    ms: ms / runs,
    calls: calls / runs,
    flops: flops / runs,
  }));
