import { job } from "../jobs/job.js";
import { autointerpConfig } from "./autointerp/autointerpConfig.js";
import { autointerpJob } from "./autointerp/autointerpJob.js";
import type { ExplainerKind } from "./autointerp/explainerKind.js";
import { autointerpId, type ExplainerName, explainers } from "./autointerp/explainers.js";
import { defineEvaluation, type EvaluationMeasure } from "./evaluation.js";
import { saeSizesOf } from "./siteSizes.js";

const chance = { label: "chance", value: 0.5 };

const measures = (id: string, by: string): readonly EvaluationMeasure[] => {
  const shared = { digits: 3, smallestEffect: 0.02, pairing: "none", floor: () => chance } as const;
  return [
    {
      id: `${id}-accuracy`,
      label: `AutoInterp (${by})`,
      definition: `share of texts for which a judge says rightly, from the description of a latent by ${by} alone, whether it is active somewhere in them: as many in which it is as in which it is not; mean over latents that are not dead`,
      figures: { bars: "Figures 1 and 10, AutoInterp" },
      ...shared,
    },
    {
      id: `${id}-shuffled`,
      label: `AutoInterp (${by}), shuffled`,
      definition: "the same with the description of another latent: what is above chance here is not about the latent",
      isControl: true,
      ...shared,
    },
  ];
};

/**
 * AutoInterp with one way to explain and judge (section 4 of arXiv 2602.14111).
 *
 * @param name of the explainer: each has an evaluation of its own, so that no score passes for another's
 */
function autointerpEvaluation(name: ExplainerName) {
  const kind: ExplainerKind = explainers[name];
  const id = autointerpId(name);
  return defineEvaluation({
    id,
    title: `AutoInterp (${kind.title})`,
    readsCodesOnly: true,
    config: autointerpConfig.extend({ explainer: kind.config.prefault({}).describe("options of the explainer") }),
    prepare: () => ({}),
    evaluate: (site, { explainer, ...collect }, _prepared, sae) => {
      const { identity, harvest, seed } = site;
      return job(
        autointerpJob,
        { model: identity, seed, explainer: name, options: explainer as Record<string, unknown>, collect },
        { title: `${id} ${sae.title}`, needs: { activations: harvest, sae }, ...saeSizesOf(site, sae) },
      );
    },
    measures: () => measures(id, kind.title),
    sections: async (shown) => (await import("./autointerp/autointerpSections.js")).autointerpSections(shown, name),
  });
}

/** With the embedded explainer, which needs no language model to ask. */
export const autointerp = autointerpEvaluation("ngram");

/** With a language model behind a server, as in the paper; only when it is asked for, because it needs one, and may cost money. */
export const autointerpLlm = { ...autointerpEvaluation("llm"), onRequest: true };
