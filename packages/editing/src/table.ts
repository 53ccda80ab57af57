import { SaeError } from "@sae/core";

/** Which side something is on: masks are trained on one and scored on the other. */
export type Split = "train" | "test";

/** Something that has attributes: a city, a person. */
export interface Entity {
  readonly name: string;
  /** By the name of the attribute. One that is missing or empty is not asked for. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Left to chance when it is not given, see `splitTable`. */
  readonly split?: Split;
}

/** A text with one `%s`, where the entity goes, which an attribute's value continues. */
export interface Template {
  readonly template: string;
  readonly split?: Split;
}

/** Entities, their attributes, and texts that ask for them: all that the evaluation needs to know about the world. */
export interface RavelTable {
  /** "city". */
  readonly entityType: string;
  readonly entities: readonly Entity[];
  /** By the name of the attribute. */
  readonly templates: Readonly<Record<string, readonly Template[]>>;
}

/** Stands for the entity in a template. */
export const placeholder = "%s";

const badTable = (entityType: string, problem: string): SaeError =>
  new SaeError("bad_table", `table of ${entityType}: ${problem}; correct the table`);

/**
 * Checks a table.
 *
 * @throws SaeError `bad_table`: no entity, a name twice, no template, a template without `%s` or with two
 */
export function checkTable({ entityType, entities, templates }: RavelTable): void {
  if (entities.length === 0) throw badTable(entityType, "needed entities, got none");
  const names = new Set<string>();
  for (const { name } of entities) {
    if (name === "" || names.has(name)) {
      throw badTable(entityType, `needed names that are all different, got '${name}'${name === "" ? "" : " twice"}`);
    }
    names.add(name);
  }
  if (Object.keys(templates).length === 0) throw badTable(entityType, "needed templates, got none");
  for (const [attribute, list] of Object.entries(templates)) {
    for (const { template } of list) {
      if (template.split(placeholder).length !== 2) {
        throw badTable(entityType, `needed one ${placeholder} in each template of ${attribute}, got '${template}'`);
      }
    }
  }
}

/**
 * A table of some of the attributes.
 *
 * @param attributes all when left out
 * @throws SaeError `bad_table` for an attribute without templates
 */
export function tableOf(table: RavelTable, attributes: readonly string[] | undefined): RavelTable {
  const known = Object.keys(table.templates);
  const wanted = attributes ?? known;
  const unknown = wanted.find((attribute) => !known.includes(attribute));
  if (unknown !== undefined) {
    throw badTable(table.entityType, `needed attributes among ${known.join(", ")}, got '${unknown}'`);
  }
  return { ...table, templates: Object.fromEntries(wanted.map((name) => [name, table.templates[name] ?? []])) };
}
