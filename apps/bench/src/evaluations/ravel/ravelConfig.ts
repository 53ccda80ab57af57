import { SaeError } from "@sae/core";
import { defaultNewTokens, maskRecipe, type RavelTable } from "@sae/editing";
import { z } from "zod";

const count = z.number().int().positive();

/** Options of the RAVEL evaluation. */
export const ravelConfig = z.strictObject({
  table: z
    .string()
    .default("")
    .describe(
      "entities and attributes: `embedded`, a folder with RAVEL's json files, or a data set of the hub that holds them (org/name@revision); when left out `embedded` for that model, else adamkarvonen/ravel_prompts",
    ),
  entityTypes: z
    .array(z.string())
    .nonempty()
    .refine((types) => new Set(types).size === types.length, "each kind once")
    .default(["city"])
    .describe(
      "kinds of entities, as RAVEL's files are named: city, nobel_prize_winner, occupation, physical_object, verb",
    ),
  attributes: z
    .array(z.string())
    .refine((names) => new Set(names).size !== 1, "two attributes or more, as isolation needs a second attribute")
    .default([])
    .describe("attributes to edit; when left out those that SAEBench takes of its entity types, else all of the table"),
  candidates: count.default(800).describe("entities that the model is asked about, drawn at random"),
  templates: count
    .default(12)
    .describe("templates of an attribute for training, and as many for the test, drawn at random"),
  entities: count.default(400).describe("entities that are kept, those that the model knows most about"),
  entityTokens: count
    .default(3)
    .describe("entities whose name has more tokens are left out: an edit at the last token does not reach the others"),
  newTokens: count.default(defaultNewTokens).describe("tokens of a completion"),
  trainPairs: count
    .default(1024)
    .describe("pairs of each kind, cause and isolation, that the mask of an attribute is trained on"),
  testPairs: count.default(256).describe("pairs of each kind that it is scored on"),
  epochs: count.default(maskRecipe.epochs).describe("epochs of a mask's training"),
  lr: z.number().positive().default(maskRecipe.lr).describe("learning rate of a mask: how far a logit moves in a step"),
  batch: count.default(maskRecipe.batch).describe("pairs of a step"),
  keepError: z
    .boolean()
    .default(false)
    .describe("whether what an SAE does not explain of the base's activation stays; the paper drops it"),
  masks: count
    .default(1)
    .describe("masks for each attribute, each with the pairs in another order; scores are their means"),
  randomMasks: count.default(3).describe("random masks of the same size that a learned one is compared with"),
  mdasEpochs: count.default(4).describe("epochs of the learned basis (MDAS) that is a control"),
  mdasLr: z.number().positive().default(1e-3).describe("learning rate of the learned basis and its mask"),
  layerPairs: z
    .number()
    .int()
    .nonnegative()
    .default(64)
    .describe(
      "cause pairs with which the whole activation is patched after every block, to see where a site can be; 0 for none",
    ),
});

export type RavelConfig = z.output<typeof ravelConfig>;

/** What SAEBench edits. */
const saebenchAttributes: Readonly<Record<string, readonly string[]>> = {
  city: ["Country", "Continent", "Language"],
  nobel_prize_winner: ["Country of Birth", "Field", "Gender"],
};

/**
 * The attributes to edit of each table: of those that are asked for the ones that it has, else the usual ones.
 *
 * @throws SaeError `bad_option` for an attribute that no table has, and for a table that has none of them or only one
 */
export function chosenAttributes(
  { attributes }: Pick<RavelConfig, "attributes">,
  tables: readonly Pick<RavelTable, "entityType" | "templates">[],
): readonly (readonly string[])[] {
  const there = tables.map(({ templates }) => Object.keys(templates));
  const unknown = attributes.find((name) => !there.flat().includes(name));
  if (unknown !== undefined) {
    throw new SaeError(
      "bad_option",
      `RAVEL attributes: needed some of ${there.flat().join(", ")}, got '${unknown}'; correct the name, or add the kind of entities that has it`,
    );
  }
  return tables.map(({ entityType }, i) => {
    const usual = saebenchAttributes[entityType] ?? [];
    const unasked = usual.length > 0 && usual.every((name) => there[i].includes(name)) ? usual : there[i];
    const own = attributes.length === 0 ? unasked : attributes.filter((name) => there[i].includes(name));
    if (own.length === 0) {
      throw new SaeError(
        "bad_option",
        `RAVEL attributes: needed some of the kind '${entityType}' (${there[i].join(", ")}), got ${attributes.join(", ")}; name two, or leave the kind out`,
      );
    }
    if (own.length === 1) {
      const others = there[i].filter((name) => name !== own[0]);
      throw new SaeError(
        "bad_option",
        `RAVEL attributes: isolation needs a second attribute of the kind '${entityType}', got only '${own[0]}'; ${others.length > 0 ? `name another of ${others.join(", ")}` : "add another to the table"}, or leave the kind out`,
      );
    }
    return own;
  });
}
