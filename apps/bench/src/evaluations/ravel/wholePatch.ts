import { join } from "node:path";
import { compileEditVectors, entityFeatures, neurons, openPairScorer } from "@sae/editing";
import type { LanguageModel } from "@sae/models";
import type { JobContext } from "../../jobs/job.js";
import { keptJson } from "../../jobs/keptJson.js";
import { programOptions } from "../../jobs/programOptions.js";
import type { RavelFolder } from "./ravelFolder.js";

/**
 * Test pairs of each attribute when the whole activation of the source stands at the base's entity, every neuron of it: 1 where the completion is right,
 * else 0 [attributes][pairs]. Nothing is learned. Kept in the job's folder when it is done.
 *
 * @throws SaeError `session_failed`, `corrupt_result`
 */
export function wholePatch(
  model: LanguageModel,
  { pairs: { attributes, prompts }, activations }: RavelFolder,
  newTokens: number,
  { folder, local }: Pick<JobContext, "folder" | "local">,
): Promise<number[][]> {
  return keptJson(join(folder, "patched.json"), async () => {
    const options = programOptions(local);
    const every = neurons(activations.dModel);
    const vectors = await compileEditVectors(
      activations,
      every,
      await entityFeatures(every, activations, options),
      options,
    );
    const scorer = await openPairScorer(model, activations.hook, prompts, { ...options, newTokens });
    const all = new Float32Array(activations.dModel).fill(1);
    const scores: number[][] = [];
    try {
      for (const { test } of attributes) scores.push([...(await scorer.score(test, await vectors.of(test, all)))]);
    } finally {
      await scorer.dispose();
      await vectors.dispose();
    }
    return scores;
  });
}
