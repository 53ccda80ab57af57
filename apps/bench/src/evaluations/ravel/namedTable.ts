import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { fetchRavelTable, loadRavelTable, type RavelTable, ravelFileName, ravelParts } from "@sae/editing";
import { z } from "zod";

/** A table as part of a job's config: by content where that is on this machine. */
export const namedTableSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("embedded") }),
  z.object({ kind: z.literal("folder"), sha256: z.string() }),
  z.object({ kind: z.literal("hub"), repo: z.string(), revision: z.string() }),
]);
export type NamedTable = z.infer<typeof namedTableSchema>;

const defaultRepo = "adamkarvonen/ravel_prompts";

/** Hash of the files of some kinds of entities in a folder. */
function sha256Of(folder: string, entityTypes: readonly string[]): string {
  const hash = createHash("sha256");
  for (const entityType of entityTypes) {
    for (const part of ravelParts) {
      const path = join(folder, ravelFileName(entityType, part));
      // A file that is missing is the job's to complain about.
      hash.update(part).update(existsSync(path) ? readFileSync(path) : "");
    }
  }
  return hash.digest("hex");
}

/**
 * The table that an option names, and facts about where it is for the job on this machine.
 *
 * @param model name of the model, whose own table is taken when none is named
 * @throws SaeError `bad_option`
 */
export function nameTable(
  table: string,
  entityTypes: readonly string[],
  model: string,
): { readonly named: NamedTable; readonly local: Readonly<Record<string, string>> } {
  const name = table === "" && model === "embedded" ? "embedded" : table || defaultRepo;
  if (name === "embedded") {
    const other = entityTypes.find((entityType) => entityType !== "city");
    if (other === undefined) return { named: { kind: "embedded" }, local: {} };
    throw new SaeError(
      "bad_option",
      `RAVEL table: the one that comes with the program is of cities, got the kind '${other}'; name a table that has it`,
    );
  }
  if (existsSync(name)) {
    return { named: { kind: "folder", sha256: sha256Of(name, entityTypes) }, local: { ravelTable: name } };
  }
  const found = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(name);
  if (found) return { named: { kind: "hub", repo: found[1], revision: found[2] ?? "main" }, local: {} };
  throw new SaeError(
    "bad_option",
    `RAVEL table: needed 'embedded', a folder, or a data set of the hub (org/name), got '${name}', where there is nothing; check the path`,
  );
}

/**
 * Opens the table of each kind of entities that a config names.
 *
 * @param local see `nameTable`; `offline` keeps to what is in the hub's cache
 * @throws SaeError `missing_input`, `data_changed`, those of `loadRavelTable` and `fetchRavelTable`
 */
export async function openNamedTables(
  named: NamedTable,
  entityTypes: readonly string[],
  { ravelTable: folder, offline }: Readonly<Record<string, string>>,
): Promise<RavelTable[]> {
  // Loaded here, so that jobs with other tables need not have it.
  if (named.kind === "embedded") return [(await import("./embeddedTable.js")).embeddedTable()];
  const open = (entityType: string): Promise<RavelTable> => {
    if (named.kind === "hub") {
      const { repo, revision } = named;
      return fetchRavelTable({ repo, revision, ...(offline === "true" && { offline: true }) }, entityType);
    }
    if (!folder) throw new SaeError("missing_input", "RAVEL table: needed to know its folder; pass it as the table");
    return loadRavelTable(folder, entityType);
  };
  const tables: RavelTable[] = [];
  for (const entityType of entityTypes) tables.push(await open(entityType));
  if (named.kind === "hub" || sha256Of(folder, entityTypes) === named.sha256) return tables;
  throw new SaeError(
    "data_changed",
    `${folder}: its files changed since the study was planned; start the command again`,
  );
}
