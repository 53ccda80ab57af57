import { readFile } from "node:fs/promises";

/** A file that a document of the repository shows: the code block that has its name. */
async function fileOfTheDocs(document: string, name: string): Promise<string> {
  const text = await readFile(new URL(`../../../../${document}`, import.meta.url), "utf8");
  const [, code] = new RegExp(`^\`\`\`ts ${name}\\n([\\s\\S]*?)^\`\`\``, "m").exec(text) ?? [];
  if (code === undefined) throw new Error(`${document} shows no ${name}`);
  return code;
}

/** The variant file that CONTRIBUTING.md shows. */
export const variantOfTheDocs = (): Promise<string> => fileOfTheDocs("CONTRIBUTING.md", "ridge-topk.ts");

/** The study that the README of the program shows. */
export const studyOfTheDocs = (): Promise<string> => fileOfTheDocs("apps/bench/README.md", "study.ts");
