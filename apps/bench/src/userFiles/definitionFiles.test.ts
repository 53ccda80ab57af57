import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../exitCodes.js";
import { definedBy, findVariant, knownVariants } from "../jobs/findByName.js";
import { temporaryFolder } from "../runCli.testkit.js";
import { addDefinitionFiles, addLocalDefinitions, loadStudyFile, localDefinitions } from "./definitionFiles.js";
import { variantOfTheDocs } from "./filesOfTheDocs.testkit.js";

const folder = await temporaryFolder();
const variant = await variantOfTheDocs();

/** Writes a file and gives its path. */
async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe("definitions of a file", () => {
  test("are known by their names, and named by the hash of the file", async () => {
    const before = knownVariants().length;
    const path = await written("ridge-topk.ts", variant);
    const [file] = await addDefinitionFiles([{ kind: "variant", path }]);
    expect(findVariant("ridge_topk").title).toBe("Ridge TopK");
    expect(definedBy("ridge_topk", "trained")).toEqual({ variantFile: { sha256: file.sha256 } });
    expect(definedBy("topk", "trained")).toEqual({});
    expect(knownVariants()).toHaveLength(before + 1);
    // A worker adds them again, a command once more: they are one.
    await addLocalDefinitions(localDefinitions([file]));
    expect(knownVariants()).toHaveLength(before + 1);
  });

  test("may be a list, the default export, and made of other files and packages", async () => {
    await written("l0.cjs", 'exports.title = require("node:path").basename("/a/Two");');
    const text = `import { title } from "./l0.cjs";
      ${variant.replaceAll("ridge_topk", "listed").replace('"Ridge TopK"', "title").replace("export const", "const")}
      export default [ridgeTopk];`;
    await addDefinitionFiles([{ kind: "variant", path: await written("listed.ts", text) }]);
    expect(findVariant("listed").title).toBe("Two");
  });

  test("know where their file is", async () => {
    const text = variant.replace("ridge_topk", "placed").replace('"Ridge TopK"', "import.meta.url");
    await addDefinitionFiles([{ kind: "variant", path: await written("placed.ts", text) }]);
    expect(findVariant("placed").title).toBe(`file://${join(folder, "placed.ts")}`);
  });

  test("are refused to a job that was planned with others", async () => {
    const path = await written("planned.ts", variant.replace("ridge_topk", "planned"));
    await expect(addDefinitionFiles([{ kind: "variant", path, sha256: "0" }])).rejects.toThrow(
      "planned.ts: it changed since the study was planned; start the command again",
    );
  });
});

/** Files that cannot be used: their text, the exit code, and what the message must say. */
const refused: Record<string, [name: string, text: string, exit: number, says: string]> = {
  "no SAE in it": [
    "none.ts",
    "export const weight = 1; export default { encode: 1, decode: 2 };",
    3,
    "needed an export made by defineSae, got default (an object with encode, decode), weight (a number); write",
  ],
  "nothing in it": ["empty.ts", "", 3, "got no exports"],
  "the name of an architecture that there is": [
    "taken.ts",
    variant.replace("ridge_topk", "topk"),
    2,
    "'topk' is an architecture of this program already; give yours another name",
  ],
  "the name of one in another file": [
    "second.ts",
    variant.replace("0.01", "0.5"),
    2,
    "'ridge_topk' is an architecture of another file already",
  ],
  "a name that is none": [
    "named.ts",
    variant.replace("ridge_topk", "Ridge TopK"),
    2,
    "it throws when it is loaded: defineSae: needed a name of lower-case letters, digits and _, got 'Ridge TopK'",
  ],
  "no target": [
    "target.ts",
    variant.replace("l0: l0Option.int(),", "").replace("config.l0", "4"),
    3,
    "the options of 'ridge_topk' (its config) needed the target `l0`, which every architecture has; write",
  ],
  "an option without default": [
    "needed.ts",
    variant.replace(".default(0.01)", ""),
    3,
    "needed defaults, got none for ridge; add .default(…)",
  ],
  "options that have no text": [
    "options.ts",
    variant.replace("z.number().nonnegative().default(0.01)", "z.date().default(new Date(0))"),
    3,
    "needed to be an object of zod's numbers, booleans, texts, enumerations and lists of them",
  ],
  "an error of its own": [
    "throws.ts",
    'throw new Error("no such luck");',
    3,
    "throws.ts: it throws when it is loaded: no such luck; correct it and run again",
  ],
  "a mistake in its text": ["broken.ts", "export const = 1;", 3, "broken.ts:1:14: Expected identifier but found"],
  "an import that is not there": [
    "lost.ts",
    'import "./nowhere";',
    3,
    'lost.ts:1:8: Could not resolve "./nowhere"; correct it and run again',
  ],
  "an import of a package of ours that is none": [
    "other.ts",
    'import { x } from "@sae/nowhere"; export default x;',
    3,
    "it imports '@sae/nowhere', which this program does not have",
  ],
  "no code": [
    "sae.json",
    "{}",
    3,
    "needed a module (.ts, .mts, .cts, .js, .mjs, .cjs), got '.json'; write one with `export const mine = defineSae({ … })`",
  ],
};

describe("a file is refused", () => {
  const errorOf = (path: string) =>
    addDefinitionFiles([{ kind: "variant", path }]).then(
      () => new Error("no error"),
      (error: Error) => error,
    );

  test.each(Object.entries(refused))("with %s", async (_, [name, text, exit, says]) => {
    const error = await errorOf(await written(name, text));
    expect(error).toBeInstanceOf(SaeError);
    expect(error.message).toContain(says);
    expect(exitCodeOf(error)).toBe(exit);
  });

  test("that should be a study and is a list of settings", async () => {
    const path = await written("study.json", "{}");
    await expect(loadStudyFile(path)).rejects.toThrow(
      "study.json: needed a module (.ts, .mts, .cts, .js, .mjs, .cjs), got '.json'; write one with `export default defineStudy({ … })`",
    );
  });

  test("that is not there, or a folder", async () => {
    const missing = await errorOf(join(folder, "nowhere.ts"));
    expect(missing.message).toContain("nowhere.ts: needed a file, got nothing there; check the path");
    expect(exitCodeOf(missing)).toBe(3);
    await mkdir(join(folder, "folder.ts"));
    expect((await errorOf(join(folder, "folder.ts"))).message).toContain("needed a file, got a folder");
  });
});
