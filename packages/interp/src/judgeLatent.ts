import { fold, key, keyedPermutation, SaeError } from "@sae/core";
import type { LatentSequences } from "./collect/collectLatents.js";
import type { Explanation, Judge, JudgedSequence, Sequence } from "./explainer.js";
import { type Judgement, judgementOf } from "./scores/judgement.js";

/** Without what a judge must not see. */
const withoutActivations = ({ id, tokens, ids }: Sequence): JudgedSequence => ({ id, tokens, ids });

/**
 * Asks a judge about the sequences of a latent, active and inactive ones in a keyed order, and counts what it got right.
 *
 * @param explanation of the latent, or of another one as a control
 * @param seed names the order
 * @throws SaeError `bad_answer` when the judge does not answer once for each sequence
 */
export async function judgeLatent(
  judge: Judge,
  explanation: Explanation,
  { latent, judged }: Pick<LatentSequences, "latent" | "judged">,
  seed: number,
): Promise<Judgement> {
  const sequences = [...judged.activating, ...judged.inactive];
  const order = keyedPermutation(fold(key(seed), "autointerp", "order", latent), sequences.length);
  const places = Array.from(sequences.keys(), order);
  const shown = places.map((place) => withoutActivations(sequences[place]));
  const given = await judge.judge(explanation, shown);
  if (given.length !== shown.length) {
    throw new SaeError(
      "bad_answer",
      `judge ${judge.name}: needed ${shown.length} answers on latent ${latent}, got ${given.length}; give null for those that cannot be read`,
    );
  }
  const answers = new Array<boolean | null>(sequences.length).fill(null);
  places.forEach((place, at) => {
    answers[place] = given[at];
  });
  const { length } = judged.activating;
  return judgementOf(answers.slice(0, length), answers.slice(length));
}
