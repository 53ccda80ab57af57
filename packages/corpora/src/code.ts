import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TextDocument } from "@sae/models";
import { byText } from "./byText.js";
import { type CodePackage, codePackages } from "./codePackages.js";
import type { CorpusSource } from "./corpusSource.js";
import { packageFolder } from "./packageFolder.js";

/** The longest piece of one file: a few long files should not be most of a language. */
const longest = 24_000;

/** Whether people wrote the file for people: no long lines, no binary content, not written by a generator. */
export const isReadable = (text: string): boolean =>
  text.trim() !== "" &&
  !text.includes("\0") &&
  text.length / text.split("\n").length < 100 &&
  !/(automatically|auto-?) ?generated|do not edit/i.test(text.slice(0, 1000));

/**
 * Files of a package in the order of their paths, each with its language.
 *
 * @param folder where the package is
 */
export function codeFiles(
  { package: name, under, languages }: CodePackage,
  folder: string = packageFolder(name),
): TextDocument[] {
  const inside = (path: string) => under.some((part) => part === "." || path === part || path.startsWith(`${part}/`));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((path) => inside(path) && !path.includes("node_modules/") && !/\.min\.|\.d\.ts$/.test(path))
    .sort(byText)
    .flatMap((path) => {
      const file = path.slice(path.lastIndexOf("/") + 1);
      const language = languages[file.includes(".") ? file.slice(file.lastIndexOf(".") + 1) : ""];
      if (language === undefined) return [];
      const text = readFileSync(join(folder, path), "utf8").replaceAll("\r\n", "\n");
      return isReadable(text) ? [{ id: `${name}/${path}`, text: text.slice(0, longest), fields: { language } }] : [];
    });
}

/** Source code in eleven programming languages. */
export const code: CorpusSource = {
  name: "code",
  origins: codePackages.map(({ package: name, licence, note }) => ({ package: name, licence, note })),
  documents: () => codePackages.flatMap((each) => codeFiles(each)),
};
