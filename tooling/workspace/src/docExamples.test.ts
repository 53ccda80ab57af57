import { expect, test } from "vitest";
import { extractExamples } from "./docExamples.js";

const fence = "```";

test("only blocks marked to be run are examples, each with the text that follows", () => {
  const markdown = `# Title
${fence}ts
notRun();
${fence}
${fence}ts run
console.log(1);
${fence}

${fence}text
1
${fence}

Prose in between: the text is not what the example prints.

${fence}ts run
const a = 2;
${fence}
Prose.
${fence}text
not printed
${fence}`;
  expect(extractExamples(markdown)).toEqual([
    { line: 6, code: "console.log(1);\n", output: "1\n" },
    { line: 16, code: "const a = 2;\n", output: undefined },
  ]);
});

test("a file without examples has none", () => {
  expect(extractExamples("")).toEqual([]);
});
