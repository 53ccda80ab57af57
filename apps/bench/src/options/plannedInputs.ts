import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { fetchFromHub, type LanguageModel, modelOutline } from "@sae/models";
import { knownConfigs } from "../studies/knownConfigs.js";
import { byOption, type ChosenTexts, chosenModel, chosenTexts } from "./modelOptions.js";

/** What a plan found. */
interface Planned<Found> {
  readonly found: Found;
  /** What is not on this machine, for readers. */
  readonly missing: readonly string[];
}

const offline = { offline: true };

/** Whether an error says that something is not on this machine. */
const isMissing = (error: unknown): boolean =>
  error instanceof SaeError && (error.code === "offline" || error.code === "hub_offline");

/**
 * The model as far as a plan needs it: nothing is fetched but the config.json of a model of the hub that is neither here nor known.
 *
 * @throws SaeError those of `chosenModel`
 */
export async function plannedModel(
  reference: string,
  options: Parameters<typeof chosenModel>[1],
): Promise<Planned<LanguageModel>> {
  try {
    return { found: await chosenModel(reference, offline), missing: [] };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const config = knownConfigs[reference] ?? (await hubConfig(reference, options));
  if (config === null) return { found: await chosenModel(reference, options), missing: [] };
  return { found: modelOutline(reference, config), missing: [reference] };
}

/** Null for a file of a repository, which holds its config itself. */
async function hubConfig(
  reference: string,
  options: Parameters<typeof chosenModel>[1],
): Promise<Record<string, unknown> | null> {
  const [, repo, revision] = /^([^:@]+)(?:@([^:]+))?$/.exec(reference) ?? [];
  if (repo === undefined) return null;
  const files = ["config.json"];
  const config = fetchFromHub({
    repo,
    files,
    ...(revision !== undefined && { revision }),
    ...(options.offline && offline),
  });
  const { folder } = await (options.offline ? byOption(config) : config);
  return JSON.parse(await readFile(join(folder, files[0]), "utf8")) as Record<string, unknown>;
}

/**
 * The texts as far as a plan needs them: data sets of the hub that are not here are known by their names only.
 *
 * @throws SaeError those of `chosenTexts`
 */
export async function plannedTexts(
  spec: readonly string[] | undefined,
  options: Parameters<typeof chosenTexts>[1],
): Promise<Planned<Pick<ChosenTexts, "local"> & { readonly identity: ChosenTexts["source"]["identity"] }>> {
  try {
    const { source, local } = await chosenTexts(spec, { ...options, ...offline });
    return { found: { identity: source.identity, local }, missing: [] };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { found: { identity: { kind: "not here yet", spec }, local: {} }, missing: spec ?? [] };
  }
}
