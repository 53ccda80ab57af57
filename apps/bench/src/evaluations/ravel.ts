import { job } from "../jobs/job.js";
import { mean } from "../studies/syntheticGroups.js";
import { defineEvaluation, type EvaluationMeasure, type EvaluationSite, type Prepared } from "./evaluation.js";
import { nameTable } from "./ravel/namedTable.js";
import { type RavelConfig, ravelConfig } from "./ravel/ravelConfig.js";
import { controlOf, type RavelControlsResult, ravelControlsJob } from "./ravel/ravelControlsJob.js";
import { ravelJob } from "./ravel/ravelJob.js";
import { ravelPairsJob } from "./ravel/ravelPairsJob.js";
import { saeSizesOf, sizesOf } from "./siteSizes.js";

/** Sizes of the edits beside those of a site. */
function withEdits<Sizes>({ sizes }: { sizes?: () => Sizes }, config: RavelConfig) {
  const { entityTypes, attributes, trainPairs, testPairs } = config;
  return sizes && { sizes: () => ({ ...sizes(), entityTypes, attributes, trainPairs, testPairs }) };
}

/** Each job takes from the options what its own config has. */
function prepare(site: EvaluationSite, config: RavelConfig): Prepared {
  const { model, identity, hook, local, seed, title = model } = site;
  const { named, local: localTable } = nameTable(config.table, config.entityTypes, model);
  const pairs = job(
    ravelPairsJob,
    { ...config, model: identity, hook, table: named, seed },
    { title: `RAVEL: pairs for ${title}`, local: { ...local, ...localTable }, ...sizesOf(site) },
  );
  const controls = job(
    ravelControlsJob,
    { ...config, model: identity, seed },
    { title: `RAVEL: controls for ${title}`, needs: { pairs }, ...withEdits(sizesOf(site), config) },
  );
  return { pairs, controls };
}

/** What a control scored, as the floor of a measure. */
const uneditedFloor =
  (score: (control: { disentanglement: number }) => number): EvaluationMeasure["floor"] =>
  ({ controls }, results) => {
    const found = results.of<RavelControlsResult>(controls);
    const unedited = found && controlOf(found, "unedited");
    return unedited ? { label: "no edit", value: score(unedited) } : null;
  };

const shared = {
  digits: 3,
  smallestEffect: 0.02,
  pairing: "units",
} as const;

const measures: readonly EvaluationMeasure[] = [
  {
    id: "ravel",
    label: "RAVEL",
    definition:
      "Disentanglement: the mean of cause (edited pairs that get the source's value of the edited attribute) and isolation (those that keep their other " +
      "attributes), mean over attributes, then over kinds of entities; a learned binary mask chooses the latents that are taken from the source at the entity's last token",
    floor: uneditedFloor(({ disentanglement }) => disentanglement),
    figures: { bars: "Figures 1 and 10, RAVEL", byL0: "Figure 8" },
    ...shared,
  },
  {
    id: "ravel-cause",
    label: "RAVEL, cause",
    definition:
      "share of edited pairs that get the source's value of the edited attribute, mean over attributes, then over kinds of entities",
    floor: () => ({ label: "no edit", value: 0 }),
    partOf: "RAVEL",
    ...shared,
  },
  {
    id: "ravel-isolation",
    label: "RAVEL, isolation",
    definition:
      "share of edited pairs that keep their value of an attribute that was not to change, mean over attributes, then over kinds of entities",
    floor: () => null,
    partOf: "RAVEL", // alone it is best where nothing is edited
    ...shared,
  },
  {
    id: "ravel-over-random",
    label: "RAVEL, learned minus random mask",
    definition:
      "disentanglement with the learned mask minus that with random masks of as many active latents, pair by pair: whether the latents were chosen for a reason",
    floor: () => ({ label: "random mask", value: 0 }),
    ceiling: null,
    isControl: true,
    ...shared,
  },
];

/** Causal editing: whether latents can change one attribute of an entity and leave the others (SAEBench's RAVEL; section 4 of arXiv 2602.14111). */
export const ravel = defineEvaluation({
  id: "ravel",
  title: "Causal editing (RAVEL)",
  config: ravelConfig,
  prepare,
  evaluate: (site, config, { pairs }, sae) => {
    const { identity, seed } = site;
    return job(
      ravelJob,
      { ...config, model: identity, seed },
      { title: `RAVEL ${sae.title}`, needs: { pairs, sae }, ...withEdits(saeSizesOf(site, sae), config) },
    );
  },
  measures: () => measures,
  references: ({ controls: job }, results) =>
    (results.of<RavelControlsResult>(job)?.controls ?? []).flatMap(
      ({ label, disentanglement, cause, isolation, attributes }) => [
        { measure: "ravel", label, value: disentanglement, job },
        { measure: "ravel-cause", label, value: cause ?? mean(attributes.map((own) => own.cause)), job },
        { measure: "ravel-isolation", label, value: isolation ?? mean(attributes.map((own) => own.isolation)), job },
      ],
    ),
  sections: async (shown) => (await import("./ravel/ravelSections.js")).ravelSections(shown),
});
