import { isDeepStrictEqual } from "node:util";
import { SaeError } from "@sae/core";
import { type LanguageModel, loadModel } from "@sae/models";
import { z } from "zod";

/** A language model as part of a job's config: by what identifies its weights, not by where they lie. */
export const modelIdentitySchema = z.record(z.string(), z.unknown());
/** See {@link modelIdentitySchema}. */
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

/** How a model was asked for, on this machine. */
export interface ModelReference {
  /** A path, a hub id, or the name of a model that is known here. */
  readonly model: string;
  /** Use what is in the cache only. */
  readonly offline?: boolean;
}

/** Facts that a job is given about its model. */
export const localModel = ({ model, offline = false }: ModelReference): Record<string, string> => ({
  model,
  ...(offline && { offline: "true" }),
});

/**
 * Opens the model that a config names.
 *
 * @param local how it was asked for, see `localModel`
 * @throws SaeError `missing_input`, `data_changed`, those of `loadModel`
 */
export async function openLanguageModel(
  identity: ModelIdentity,
  { model: reference, offline }: Readonly<Record<string, string>>,
): Promise<LanguageModel> {
  if (!reference) throw new SaeError("missing_input", "language model: needed to know which; pass --model");
  const model = await loadModel(reference, offline === "true" ? { offline: true } : {});
  // As it went into the config: through JSON.
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(model.identity)), identity)) return model;
  await model.close();
  throw new SaeError(
    "data_changed",
    `${reference}: its weights are not those that the study was planned with; start the command again`,
  );
}
