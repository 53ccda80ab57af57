import type { ReportCell, ReportSection, ReportTable } from "../../report/report.js";
import type { ShownEvaluation } from "../evaluation.js";
import { everyCondition, meanColumn } from "../everyCondition.js";
import { disentanglementOf } from "./editSummary.js";
import type { ravelConfig } from "./ravelConfig.js";
import { controlOf, type FailedControl, type RavelControl, type RavelControlsResult } from "./ravelControlsJob.js";
import type { RavelAttribute, RavelJobResult } from "./ravelJob.js";
import type { RavelPairsResult } from "./ravelPairsJob.js";

type Shown = ShownEvaluation<typeof ravelConfig>;

/** What the model knows, what a patch does after each block, and every edit of every attribute beside its controls. */
export function ravelSections(shown: Shown): ReportSection[] {
  const { prepared, results } = shown;
  const pairs = results.of<RavelPairsResult>(prepared.pairs);
  if (pairs === null) return [];
  const controls = results.of<RavelControlsResult>(prepared.controls);
  return [
    {
      heading: "Causal editing (RAVEL)",
      prose: [
        about(shown, pairs),
        ...pairs.leftOut.map(({ reason }) => `Left out: ${reason}.`),
        ...failedOf(controls).map(({ label, message }) => `**Without a result: ${label}.** ${message}.`),
        ...patched(controls),
      ],
      tables: [
        ...pairs.attributes.map(({ attribute }) => attributeTable(shown, attribute, controls)),
        ...(controls && controls.layers.length > 0 ? [layerTable(controls)] : []),
      ],
    },
  ];
}

function about({ config }: Shown, { entities, prompts, leftOutPrompts, recall, attributes }: RavelPairsResult): string {
  const known = Object.entries(recall)
    .map(([attribute, { right, asked }]) => `${attribute} ${percent(right / asked)}`)
    .join(", ");
  const { merged, noToken, longName, tooLong, named } = leftOutPrompts;
  const drawn = attributes.map(({ attribute, train, test }) => `${attribute} ${train} and ${test}`).join(", ");
  return (
    `The model was asked ${prompts} questions about ${entities.asked} entities and answers rightly: ${known}. ${entities.kept} of ${entities.known} entities of which it knows something were kept. ` +
    `Left out were ${merged} prompts whose entity ends inside a token, ${noToken} without a token, ${longName} whose entity has more than ${config.entityTokens} tokens, ${tooLong} that are too long, ${named} whose template names the entity. ` +
    `Pairs of each kind to train and to test on: ${drawn}. Test pairs have entities and templates that no training pair has. ` +
    `Masks: ${config.epochs} epochs, batches of ${config.batch}, learning rate ${config.lr}; the part of the activation that an SAE does not explain is ${config.keepError ? "kept" : "dropped"}.`
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const failedOf = (controls: RavelControlsResult | null): readonly FailedControl[] => controls?.failed ?? [];

/** Below this an edit cannot show much: the site does not carry the attributes. */
const enough = 0.8;

function patched(controls: RavelControlsResult | null): string[] {
  const whole = controls && controlOf(controls, "patched");
  if (!whole) return [];
  const low = whole.attributes.filter(({ cause }) => cause < enough);
  if (low.length === 0) return [];
  const list = low.map(({ attribute, cause }) => `${attribute} ${percent(cause)}`).join(", ");
  return [
    `**The whole activation of the source changes fewer than ${percent(enough)} of the answers (${list})**: what is edited here is only a part of where the model has these attributes, and no SAE can do better than that. The table of blocks shows where a patch does more.`,
  ];
}

const attributeTable = (
  { plan, results, jobOf }: Shown,
  attribute: string,
  controls: RavelControlsResult | null,
): ReportTable =>
  everyCondition<RavelAttribute>(plan, {
    caption: `Edits of ${attribute}`,
    features: "Features",
    found: (run) =>
      results.of<RavelJobResult>(jobOf(run))?.attributes.filter((one) => one.attribute === attribute) ?? [],
    columns: [
      meanColumn("Cause", 3, ({ cause }) => cause),
      meanColumn("Isolation", 3, ({ isolation }) => isolation),
      meanColumn("Disentanglement", 3, disentanglementOf),
      meanColumn("In the mask", 1, ({ size }) => size),
      meanColumn("Active", 0, ({ active }) => active),
      meanColumn("Random mask", 3, ({ random }) => disentanglementOf(random)),
      meanColumn("No latent", 3, ({ reconstruction }) => disentanglementOf(reconstruction)),
      meanColumn("Every latent", 3, ({ every }) => disentanglementOf(every)),
    ],
    above: [
      ...(controls?.controls.map((control) => controlRow(control, attribute)) ?? []),
      ...failedOf(controls).flatMap(({ id, label }) => (id === "layers" ? [] : [emptyRow(label)])),
    ],
    note:
      "Cause: edited pairs that get the source's value. Isolation: edited pairs that keep the value of another attribute. Disentanglement: their mean, also in the last three columns, " +
      "which are edits with the same SAE: a random mask as large as the learned one, no latent of the source (the reconstruction of the base), every latent of the source. " +
      "Means over seeds, masks and draws.",
  });

const rowHead = (label: string): ReportCell[] => [null, label, "control"];
const emptyRow = (label: string): ReportCell[] => [...rowHead(label), ...Array<null>(8).fill(null)];

function controlRow({ label, attributes }: RavelControl, attribute: string): ReportCell[] {
  const own = attributes.find((one) => one.attribute === attribute);
  if (!own) return emptyRow(label);
  return [...rowHead(label), own.cause, own.isolation, disentanglementOf(own), own.size, own.active, null, null, null];
}

function layerTable({ layers }: RavelControlsResult): ReportTable {
  const attributes = Object.keys(layers[0].cause);
  return {
    caption: "Answers that change when the whole activation at the entity is the source's, after each block",
    columns: [{ label: "Hook" }, ...attributes.map((label) => ({ label, digits: 3 }))],
    rows: layers.map(({ hook, cause }): ReportCell[] => [hook, ...attributes.map((name) => cause[name])]),
    note: "Share of cause pairs. Late blocks have read the entity before; there an edit comes too late.",
  };
}
