import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fold, key, SaeError, writeFileAtomic } from "@sae/core";
import { type Explanation, type Judgement, judgeLatent, type LatentSequences, otherLatents } from "@sae/interp";
import { errorMessage } from "../../errors.js";
import type { JobContext } from "../../jobs/job.js";
import { keptJson } from "../../jobs/keptJson.js";
import type { OpenExplainer } from "./explainerKind.js";

/** A latent, explained and judged. */
export interface JudgedLatent {
  readonly explanation: Explanation;
  readonly judgement: Judgement;
  /** With the description of another latent; null when there is no other. */
  readonly control: Judgement | null;
}

/**
 * Explains every latent, then judges each with its own description and with that of another latent. Every answer is kept in the folder at once. A
 * latent that fails does not stop the others: when they are done, `partial.json` in the folder has their judgements and the failures.
 *
 * @param seed names orders and others
 * @throws the error of explainer or judge; SaeError with the code of the first one that is a SaeError
 */
export async function judgedLatents(
  latents: readonly LatentSequences[],
  { explainer, judge, keepsAnswers = false, announce }: OpenExplainer,
  { folder, report }: Pick<JobContext, "folder" | "report">,
  seed: number,
): Promise<JudgedLatent[]> {
  const others = otherLatents(fold(key(seed), "autointerp", "control"), latents.length);
  await announce?.({ latents, others });
  const kept = await keeper(folder, keepsAnswers);
  const failures: LatentFailure[] = [];
  let done = 0;
  /** null when it failed. */
  const settled = async <Value>(latent: number, work: Promise<Value>, text: (value: Value) => string) => {
    try {
      const value = await work;
      report({ done: ++done / (2 * latents.length), text: `latent ${latent} ${text(value)}` });
      return value;
    } catch (error) {
      failures.push({ latent, error });
      return null;
    }
  };
  const explanations = await Promise.all(
    latents.map(({ latent, examples }) =>
      settled(
        latent,
        kept("explanations", latent, () => explainer.explain(examples)),
        ({ text }) => `is explained: ${text}`,
      ),
    ),
  );
  const judged = await Promise.all(
    latents.map(async (sequences, i): Promise<JudgedLatent | null> => {
      const { latent } = sequences;
      const explanation = explanations[i];
      const other = others.length === 0 ? undefined : explanations[others[i]];
      if (explanation === null || other === null) return null;
      const judgements = kept("judgements", latent, async () => ({
        judgement: await judgeLatent(judge, explanation, sequences, seed),
        control: other ? await judgeLatent(judge, other, sequences, seed) : null,
      }));
      const found = await settled(latent, judgements, () => "is judged");
      return found && { explanation, ...found };
    }),
  );
  if (failures.length === 0) return judged.flatMap((one) => one ?? []);
  const partial = join(folder, "partial.json");
  const complete = judged.flatMap((one, i) => (one ? [{ latent: latents[i].latent, ...one }] : []));
  const failed = failures.map(({ latent, error }) => ({ latent, ...withoutStack(error) }));
  await writeFileAtomic(partial, `${JSON.stringify({ judged: complete, failed }, null, 2)}\n`);
  throw incomplete(failures, latents.length, complete.length, partial);
}

interface LatentFailure {
  readonly latent: number;
  readonly error: unknown;
}

const withoutStack = (error: unknown) => {
  const { code, message } = errorMessage(error);
  return { code, message };
};

/** Keeps answers as files of the folder, unless they are kept elsewhere. */
async function keeper(folder: string, keptElsewhere: boolean) {
  if (!keptElsewhere)
    for (const name of ["explanations", "judgements"]) await mkdir(join(folder, name), { recursive: true });
  return <Value>(name: string, latent: number, make: () => Promise<Value>): Promise<Value> =>
    keptElsewhere ? make() : keptJson(join(folder, name, `${latent}.json`), make);
}

/** The error of all failures: that of the first, and what is there in spite of it. */
function incomplete(failures: readonly LatentFailure[], latents: number, judged: number, partial: string): unknown {
  const mistake = failures.find(({ error }) => !(error instanceof SaeError));
  if (mistake) return mistake.error;
  const [{ error: first }] = failures;
  const { code, message } = errorMessage(first);
  return new SaeError(
    code,
    `${judged} of ${latents} latents are judged, the others are not: ${message} (${failures.length} failures, all in ${partial}; what was answered is kept)`,
    { cause: first },
  );
}
