import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { expect, test } from "vitest";

/** A code block that readers can copy and run, and what it prints. */
export interface DocExample {
  /** Line of the Markdown file that the code begins on. */
  readonly line: number;
  readonly code: string;
  /** Text of a block marked `text` that follows directly; undefined when there is none. */
  readonly output: string | undefined;
}

const block = /^```ts run\n(?<code>[\s\S]*?)^```\n(?:\s*^```text\n(?<output>[\s\S]*?)^```$)?/gm;

/** The code blocks of a Markdown text that are marked as `ts run`. */
export const extractExamples = (markdown: string): DocExample[] =>
  Array.from(`${markdown}\n`.matchAll(block), ({ index, groups }) => ({
    line: markdown.slice(0, index).split("\n").length + 1,
    code: groups?.code ?? "",
    output: groups?.output,
  }));

/**
 * Defines one test for each code block of a Markdown file that is marked as `ts run`: it is run as a module of the package that the test
 * belongs to, in an empty folder, and has to print what the `text` block behind it says.
 *
 * @param markdown path of the file, relative to the test
 * @param testUrl `import.meta.url` of the test
 * @example
 * testDocExamples("../README.md", import.meta.url);
 */
export function testDocExamples(markdown: string, testUrl: string): void {
  const file = fileURLToPath(new URL(markdown, testUrl));
  const examples = extractExamples(readFileSync(file, "utf8"));
  test(`${basename(file)} has an example`, () => {
    expect(examples).not.toEqual([]);
  });
  // The folder lies inside the package, so that imports are resolved as they are in its sources (see `inline` in vitest.js).
  const cache = join(packageFolder(dirname(fileURLToPath(testUrl))), "node_modules", ".cache", "doc-examples");
  for (const { line, code, output } of examples) {
    test(`${basename(file)}, line ${line}`, async () => {
      const module = join(cache, `${basename(file, ".md")}-${line}.ts`);
      mkdirSync(cache, { recursive: true });
      writeFileSync(`${module}.${process.pid}`, code);
      renameSync(`${module}.${process.pid}`, module);
      const printed = await printedBy(() => import(/* @vite-ignore */ module));
      if (output !== undefined) expect(printed).toBe(output);
    });
  }
}

function packageFolder(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : packageFolder(dirname(folder));
}

/** What `action` writes by console.log, while the current folder is an empty one that is deleted afterwards. */
async function printedBy(action: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  const [folder, before] = [mkdtempSync(join(tmpdir(), "doc-example-")), process.cwd()];
  console.log = (...values: unknown[]) => lines.push(`${format(...values)}\n`);
  process.chdir(folder);
  try {
    await action();
  } finally {
    process.chdir(before);
    console.log = log;
    rmSync(folder, { recursive: true, force: true });
  }
  return lines.join("");
}
