import { isDeepStrictEqual } from "node:util";
import { SaeError } from "@sae/core";
import { openTexts, type TextOptions, type TextSource } from "@sae/models";
import { z } from "zod";

/** Texts as part of a job's config: by content. */
export const textsSchema = z.record(z.string(), z.unknown());

/** How texts were asked for, on this machine: files, or those that come with the program. */
export type TextsReference = { readonly paths: readonly string[]; readonly options: TextOptions } | "embedded";

/** Facts that a job is given about its texts. */
export const localTexts = (texts: TextsReference): Record<string, string> => ({ texts: JSON.stringify(texts) });

/**
 * Opens texts.
 *
 * @throws SaeError those of `openTexts` and `embeddedTexts`
 */
export async function openReferredTexts(reference: TextsReference): Promise<TextSource> {
  if (reference !== "embedded") return openTexts(reference.paths, reference.options);
  // Loaded here, so that nobody waits for it who has texts of their own.
  return (await import("@sae/corpora")).embeddedTexts();
}

/**
 * Opens the texts that a config names.
 *
 * @throws SaeError `missing_input`, `data_changed`, those of `openReferredTexts`
 */
export async function openNamedTexts(
  identity: z.infer<typeof textsSchema>,
  local: Readonly<Record<string, string>>,
): Promise<TextSource> {
  if (local.texts === undefined) throw new SaeError("missing_input", "texts: needed to know which; pass --text");
  const reference = JSON.parse(local.texts) as TextsReference;
  const source = await openReferredTexts(reference);
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(source.identity)), identity)) return source;
  throw new SaeError(
    "data_changed",
    `${reference === "embedded" ? reference : reference.paths.join(", ")}: the texts changed since the study was planned; start the command again`,
  );
}
