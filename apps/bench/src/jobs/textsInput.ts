import { isDeepStrictEqual } from "node:util";
import { SaeError } from "@sae/core";
import { openTexts, type TextOptions, type TextSource } from "@sae/models";
import { z } from "zod";

/** Texts as part of a job's config: by content. */
export const textsSchema = z.record(z.string(), z.unknown());

/** How texts were asked for, on this machine. */
export interface TextsReference {
  readonly paths: readonly string[];
  readonly options: TextOptions;
}

/** Facts that a job is given about its texts. */
export const localTexts = (texts: TextsReference): Record<string, string> => ({ texts: JSON.stringify(texts) });

/**
 * Opens the texts that a config names.
 *
 * @throws SaeError `missing_input`, `data_changed`, those of `openTexts`
 */
export async function openNamedTexts(
  identity: z.infer<typeof textsSchema>,
  local: Readonly<Record<string, string>>,
): Promise<TextSource> {
  if (local.texts === undefined) throw new SaeError("missing_input", "texts: needed to know which; pass --text");
  const { paths, options } = JSON.parse(local.texts) as TextsReference;
  const source = await openTexts(paths, options);
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(source.identity)), identity)) return source;
  throw new SaeError(
    "data_changed",
    `${paths.join(", ")}: the texts changed since the study was planned; start the command again`,
  );
}
