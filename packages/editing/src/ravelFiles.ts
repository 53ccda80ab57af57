import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { checkTable, type RavelTable, type Split } from "./table.js";

/** The four files of an entity type, as RAVEL names their parts. */
export const ravelParts = ["entity_attributes", "attribute_to_prompts", "entity_to_split", "prompt_to_split"] as const;
type RavelPart = (typeof ravelParts)[number];

/** What is in the four files. */
export interface RavelFiles {
  readonly entity_attributes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly attribute_to_prompts: Readonly<Record<string, readonly string[]>>;
  readonly entity_to_split: Readonly<Record<string, string>>;
  readonly prompt_to_split: Readonly<Record<string, string>>;
}

/** Name of a file of an entity type: `ravel_city_entity_attributes.json`. */
export const ravelFileName = (entityType: string, part: RavelPart): string => `ravel_${entityType}_${part}.json`;

/** Nothing here is chosen on validation data, so it is training data. */
const splits: Readonly<Record<string, Split>> = { train: "train", val: "train", test: "test" };

const badTable = (problem: string): SaeError =>
  new SaeError("bad_table", `RAVEL files: ${problem}; are these the files of one release?`);

/**
 * The table of RAVEL's files (Huang et al. 2024, arXiv 2402.17700). Its own splits are kept; validation counts as training.
 *
 * @throws SaeError `bad_table`
 */
export function ravelTable(entityType: string, files: RavelFiles): RavelTable {
  const sideOf = (what: string, of: Readonly<Record<string, string>>): { split?: Split } => {
    const name = of[what];
    if (name === undefined) return {};
    if (!Object.hasOwn(splits, name))
      throw badTable(`needed a split of train, val or test, got '${name}' of '${what}'`);
    return { split: splits[name] as Split };
  };
  const table: RavelTable = {
    entityType,
    entities: Object.entries(files.entity_attributes).map(([name, attributes]) => ({
      name,
      attributes,
      ...sideOf(name, files.entity_to_split),
    })),
    templates: Object.fromEntries(
      Object.entries(files.attribute_to_prompts).map(([attribute, prompts]) => [
        attribute,
        prompts.map((template) => ({ template, ...sideOf(template, files.prompt_to_split) })),
      ]),
    ),
  };
  checkTable(table);
  return table;
}

/**
 * Reads the four files of an entity type from a folder.
 *
 * @param entityType "city", "nobel_prize_winner", "occupation", "physical_object", "verb"
 * @throws SaeError `file_not_found`, `bad_json`, `bad_table`
 */
export async function loadRavelTable(folder: string, entityType: string): Promise<RavelTable> {
  const files: Partial<Record<RavelPart, unknown>> = {};
  for (const part of ravelParts) files[part] = await readJson(join(folder, ravelFileName(entityType, part)));
  return ravelTable(entityType, files as unknown as RavelFiles);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new SaeError(
      "file_not_found",
      `RAVEL: needed ${path}, and it cannot be read; name the folder that holds RAVEL's json files, and an entity type that is among them`,
      { cause },
    );
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SaeError("bad_json", `RAVEL: ${path} is not JSON; was it cut short?`, { cause });
  }
}
