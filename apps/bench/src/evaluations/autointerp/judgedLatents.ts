import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fold, key } from "@sae/core";
import { type Explanation, type Judgement, judgeLatent, type LatentSequences, otherLatents } from "@sae/interp";
import type { JobContext } from "../../jobs/job.js";
import { keptJson } from "../../jobs/keptJson.js";
import type { OpenExplainer } from "./explainers.js";

/** A latent, explained and judged. */
export interface JudgedLatent {
  readonly explanation: Explanation;
  readonly judgement: Judgement;
  /** With the description of another latent; null when there is no other. */
  readonly control: Judgement | null;
}

/**
 * Explains every latent, then judges each with its own description and with that of another latent. Every answer is kept in the folder at once.
 *
 * @param seed names orders and others
 */
export async function judgedLatents(
  latents: readonly LatentSequences[],
  { explainer, judge }: OpenExplainer,
  { folder, report }: Pick<JobContext, "folder" | "report">,
  seed: number,
): Promise<JudgedLatent[]> {
  const [explanationsFolder, judgementsFolder] = ["explanations", "judgements"].map((name) => join(folder, name));
  for (const made of [explanationsFolder, judgementsFolder]) await mkdir(made, { recursive: true });
  let done = 0;
  const progress = (text: string): void => report({ done: ++done / (2 * latents.length), text });
  const explanations = await whenAllEnded(
    latents.map(async ({ latent, examples }) => {
      const file = join(explanationsFolder, `${latent}.json`);
      const explanation = await keptJson(file, () => explainer.explain(examples));
      progress(`latent ${latent}: ${explanation.text}`);
      return explanation;
    }),
  );
  const others = otherLatents(fold(key(seed), "autointerp", "control"), latents.length);
  return whenAllEnded(
    latents.map(async (sequences, i) => {
      const explanation = explanations[i];
      const other = explanations[others[i]];
      const judged = await keptJson(join(judgementsFolder, `${sequences.latent}.json`), async () => ({
        judgement: await judgeLatent(judge, explanation, sequences, seed),
        control: other ? await judgeLatent(judge, other, sequences, seed) : null,
      }));
      progress(`latent ${sequences.latent} judged`);
      return { explanation, ...judged };
    }),
  );
}

/** All values. A failure is thrown when the others have ended, too: what they give is kept. */
async function whenAllEnded<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
