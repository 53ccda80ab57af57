import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTexts, type TextOptions } from "./openTexts.js";
import type { TextDocument } from "./textSource.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "texts-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function documentsOf(spec: string | readonly string[], options: TextOptions = {}): Promise<TextDocument[]> {
  const documents: TextDocument[] = [];
  for await (const document of (await openTexts(spec, options)).documents()) documents.push(document);
  return documents;
}

const textsOf = async (...args: Parameters<typeof documentsOf>) => (await documentsOf(...args)).map(({ text }) => text);

const parquet = (columns: Record<string, readonly unknown[]>, rowGroupSize = 2): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data: [...data] })),
      rowGroupSize,
    }),
  );

/** Three rows in every tabular format: text and label. */
const rows = [
  { text: 'He said "no",\nand left.', label: "a" },
  { text: "", label: "b" },
  { text: "Füße — 足", label: "c" },
];
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
const tables = {
  jsonl: rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  csv: `text,label\n${rows.map(({ text, label }) => `${quoted(text)},${label}\n`).join("")}`,
  tsv: `text\tlabel\n${rows.map(({ text, label }) => `${quoted(text)}\t${label}\n`).join("")}`,
  parquet: parquet({ text: rows.map(({ text }) => text), label: rows.map(({ label }) => label) }),
};
const tableNames = Object.keys(tables) as (keyof typeof tables)[];

describe.each(tableNames)("%s", (format) => {
  test.each(["", ".gz"])("rows are documents, with the other columns beside them%s", async (packed) => {
    const content = packed ? gzipSync(tables[format]) : tables[format];
    const path = await write(`table.${format}${packed}`, content);
    const name = `table.${format}${packed}`;
    expect(await documentsOf(path)).toEqual(
      rows.map(({ text, label }, i) => ({ id: `${name}:${i}`, text, fields: { label } })),
    );
    expect(await documentsOf(path, { column: "label", fields: [] })).toEqual(
      rows.map(({ label }, i) => ({ id: `${name}:${i}`, text: label })),
    );
  });

  test("a column that is not there", async () => {
    const path = await write(`table.${format}`, tables[format]);
    for (const options of [{ column: "review" }, { fields: ["review"] }]) {
      await expect(documentsOf(path, options)).rejects.toMatchObject({
        code: "missing_column",
        message: expect.stringContaining('needed a column "review", the columns are text, label; name one of them'),
      });
    }
  });

  test("a table without rows", async () => {
    const empty = { jsonl: "", csv: "text,label\n", tsv: "text\tlabel", parquet: parquet({ text: [], label: [] }) };
    expect(await documentsOf(await write(`empty.${format}`, empty[format]))).toEqual([]);
  });

  test("the same documents at every reading, and a reader that leaves early", async () => {
    const texts = await openTexts(await write(`table.${format}`, tables[format]));
    for await (const { text } of texts.documents()) {
      expect(text).toBe(rows[0].text);
      break;
    }
    for (let reading = 0; reading < 2; reading++) {
      let count = 0;
      for await (const { text } of texts.documents()) expect(text).toBe(rows[count++].text);
      expect(count).toBe(3);
    }
  });
});

describe("txt", () => {
  test("a file is a document; without a character but white space it is none", async () => {
    expect(await documentsOf(await write("one.txt", " a\r\nb\n"))).toEqual([{ id: "one.txt", text: " a\r\nb\n" }]);
    for (const content of ["", " \n\n\t"]) {
      expect(await documentsOf(await write("blank.txt", content))).toEqual([]);
    }
  });

  test.each<{ split: TextOptions["split"]; texts: string[] }>([
    { split: "line", texts: ["first", "second <|endoftext|> x", " third", "<|endoftext|>", "last"] },
    { split: "paragraph", texts: ["first\nsecond <|endoftext|> x", " third\n<|endoftext|>\nlast"] },
    { split: { at: "<|endoftext|>" }, texts: ["first\r\nsecond ", " x\n  \n\n third", "last"] },
  ])("documents parted by $split", async ({ split, texts }) => {
    const path = await write("parts.txt", "first\r\nsecond <|endoftext|> x\n  \n\n third\n<|endoftext|>\nlast\n");
    expect(await documentsOf(path, { split })).toEqual(texts.map((text, i) => ({ id: `parts.txt:${i}`, text })));
  });

  test("wherever the pieces of a file end", async () => {
    // longer than one piece of reading, with separators and characters of several bytes on its seams
    const texts = Array.from({ length: 40_000 }, (_, i) => `${i} ${"ü足😀".repeat(i % 7)}`);
    const path = await write("long.txt", texts.join("<|endoftext|>"));
    expect(await textsOf(path, { split: { at: "<|endoftext|>" } })).toEqual(texts);
    expect(await textsOf(await write("lines.txt.gz", gzipSync(texts.join("\n"))), { split: "line" })).toEqual(texts);
    expect(
      await textsOf(await write("long.jsonl", texts.map((text) => JSON.stringify({ text })).join("\r\n"))),
    ).toEqual(texts);
    expect(await textsOf(await write("long.csv", ["text", ...texts].join("\n")))).toEqual(texts);
  });

  test("any lines", async () => {
    const line = fc.stringMatching(/^[ -~]*[!-~][ -~]*$/);
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.constantFrom("\n", "\r\n"), fc.boolean(), async (lines, end, last) => {
        const path = await write("any.txt", lines.join(end) + (last ? end : ""));
        expect(await textsOf(path, { split: "line" })).toEqual(lines);
      }),
      { numRuns: 50 },
    );
  });
});

describe("encoding", () => {
  const latin1 = Buffer.from("café \x80", "latin1");

  test("bytes that are no UTF-8 are replaced, a byte order mark is dropped", async () => {
    expect(await textsOf(await write("bad.txt", latin1))).toEqual(["caf� �"]);
    expect(await textsOf(await write("bom.txt", "\uFEFFabc"))).toEqual(["abc"]);
    expect(await textsOf(await write("bom.csv", "\uFEFFtext\nabc\n"))).toEqual(["abc"]);
    expect(await textsOf(await write("bad.csv", Buffer.concat([Buffer.from("text\n"), latin1])))).toEqual(["caf� �"]);
  });

  test("latin-1", async () => {
    const options = { encoding: "latin1" } as const;
    expect(await textsOf(await write("l.txt", latin1), options)).toEqual(["café \x80"]);
    const csv = Buffer.concat([Buffer.from("text\n"), latin1]);
    expect(await textsOf(await write("l.csv", csv), options)).toEqual(["café \x80"]);
    const jsonl = Buffer.concat([Buffer.from('{"text":"'), latin1, Buffer.from('"}')]);
    expect(await textsOf(await write("l.jsonl.gz", gzipSync(jsonl)), options)).toEqual(["café \x80"]);
  });
});

describe("folders", () => {
  test("all files of known formats at any depth, in the order of their paths", async () => {
    await write("tree/b.txt", "b");
    await write("tree/a/z.txt", "az");
    await write("tree/a/B.jsonl", '{"text":"aB"}');
    await write("tree/a.txt.gz", gzipSync("a"));
    await write("tree/readme.md", "no");
    await write("tree/.hidden/c.txt", "no");
    await write("blobs/0123", "linked");
    await symlink("../blobs/0123", join(folder, "tree/c.txt"));
    await symlink(".", join(folder, "tree/circle"));
    const tree = join(folder, "tree");
    expect((await documentsOf(tree)).map(({ id, text }) => [id, text])).toEqual([
      ["a.txt.gz", "a"],
      ["a/B.jsonl:0", "aB"],
      ["a/z.txt", "az"],
      ["b.txt", "b"],
      ["c.txt", "linked"],
    ]);
    expect(await textsOf(tree, { extensions: [".jsonl"] })).toEqual(["aB"]);
    expect(await textsOf([join(tree, "b.txt"), join(tree, "a")])).toEqual(["b", "aB", "az"]);
    await expect(openTexts(tree, { extensions: [".csv"] })).rejects.toMatchObject({
      code: "no_texts",
      message: `read ${tree}: needed files ending in .csv, found none in this folder`,
    });
    await expect(openTexts([tree, join(tree, "b.txt")])).rejects.toMatchObject({ code: "duplicate_file" });
  });
});

test("identity tells the files by content, wherever they lie", async () => {
  const [first, moved] = [await write("here/t.csv", "text\na\n"), await write("there/far/t.csv", "text\na\n")];
  const sha256 = createHash("sha256")
    .update(await readFile(first))
    .digest("hex");
  const { identity } = await openTexts(first);
  expect(identity).toEqual({ kind: "files", files: [{ name: "t.csv", sha256 }], column: "text", encoding: "utf-8" });
  expect((await openTexts(moved, { split: "line" })).identity).toEqual(identity);
  await write("there/far/t.csv", "text\nb\n");
  expect((await openTexts(moved)).identity).not.toEqual(identity);
});

describe("errors", () => {
  const failing = (spec: string | readonly string[], options?: TextOptions) =>
    expect(documentsOf(spec, options)).rejects;

  test("files", async () => {
    const missing = join(folder, "none.txt");
    await failing(missing).toMatchObject({
      code: "file_not_found",
      message: `read ${missing}: no such file; check the path`,
    });
    await failing([]).toMatchObject({ code: "no_texts" });
    await failing(await write("a.docx", "")).toMatchObject({ code: "unknown_format" });
    await failing(folder, { extensions: [".md"] }).toMatchObject({ code: "unknown_format" });
    await failing(await write("a.txt", "a"), { split: { at: "" } }).toMatchObject({ code: "bad_option" });
  });

  test("gzip that is cut short, changed or none", async () => {
    const whole = gzipSync("word ".repeat(1000));
    for (const content of [whole.subarray(0, 40), Buffer.from("no gzip"), Buffer.alloc(0)]) {
      for (const name of ["bad.txt.gz", "bad.jsonl.gz", "bad.csv.gz", "bad.parquet.gz"]) {
        await failing(await write(name, content)).toMatchObject({ code: "bad_gzip" });
      }
    }
  });

  test("JSON", async () => {
    const path = await write("bad.jsonl", '{"text":"a"}\n\n{"text":');
    await failing(path).toMatchObject({
      code: "bad_json",
      message: expect.stringContaining(`read ${path}, line 3: needed JSON, got`),
    });
    for (const line of ["1", "[1]", "null"]) {
      await failing(await write("bad.jsonl", line)).toMatchObject({ code: "bad_json" });
    }
    await failing(await write("bad.jsonl", "{}")).toThrow('needed a column "text", there are none');
  });

  test("text that is none", async () => {
    await failing(await write("number.jsonl", '{"text":1}')).toThrow(
      'row 1: needed text in column "text", got a number; choose another column',
    );
    await failing(await write("list.jsonl", '{"text":["a"]}')).toMatchObject({ code: "wrong_column_type" });
    await failing(await write("number.parquet", parquet({ text: [1.5] }))).toMatchObject({ code: "wrong_column_type" });
    expect(await textsOf(await write("null.jsonl", '{"text":null}\n{"text":"a"}'))).toEqual(["", "a"]);
  });

  test("tables with separators", async () => {
    for (const content of ['text\n"open', "text,label\na,b,c\n", 'text\na"b"\n']) {
      await failing(await write("bad.csv", content)).toMatchObject({ code: "bad_csv" });
    }
  });

  test("Parquet", async () => {
    const whole = parquet({ text: Array.from({ length: 100 }, (_, i) => `text ${i}`) }, 100);
    const broken = whole.slice();
    broken.fill(255, 4, 60);
    for (const content of [
      new Uint8Array(0),
      whole.subarray(0, 50),
      Buffer.from("no Parquet, but long enough"),
      broken,
    ]) {
      await failing(await write("bad.parquet", content)).toMatchObject({ code: "bad_parquet" });
    }
  });
});

describe("real files", () => {
  const data = join(process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../../shared"), "data");
  const needs = (name: string, skip: (reason: string) => void): string => {
    if (!existsSync(join(data, name))) skip(`needs ${name} of the shared data`);
    return join(data, name);
  };

  test("WikiText-2", async ({ skip }) => {
    const texts = await textsOf(needs("wikitext-2", skip), { split: "line", extensions: [".txt"] });
    expect(texts.length).toBeGreaterThan(5000);
    expect(texts.some((text) => text.includes("Homarus gammarus"))).toBe(true);
  });

  test("AG News", async ({ skip }) => {
    const path = needs("ag-news/test.csv", skip);
    const documents = await documentsOf(path, { column: "description", fields: ["class"] });
    expect(documents).toHaveLength(7600);
    expect(new Set(documents.map(({ fields }) => fields?.class))).toEqual(
      new Set(["Business", "Sci/Tech", "Sports", "World"]),
    );
  });

  test("code samples, packed", async ({ skip }) => {
    const path = needs("linguist-code-samples/samples.csv.gz", skip);
    await expect(documentsOf(path, { column: "no such column" })).rejects.toThrow("the columns are");
  });
});
