import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTable, type TableOptions } from "./readTable.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tables-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function rowsOf(path: string, options?: TableOptions): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const row of readTable(path, options)) rows.push(row);
  return rows;
}

/** What the error says, without the folder. */
const messageOf = (path: string, options?: TableOptions): Promise<string> =>
  rowsOf(path, options).then(
    () => "no error",
    (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(`${folder}/`, "")}`,
  );

const parquet = (columns: Record<string, readonly unknown[]>): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data: [...data] })),
      rowGroupSize: 2,
    }),
  );

const rows = [
  { city: "Paris", country: "France", note: 'a "big" one,\ntwo lines' },
  { city: "Zürich", country: "Schweiz", note: "" },
  { city: "東京", country: "日本", note: "x" },
];
const column = (name: keyof (typeof rows)[number]) => rows.map((row) => row[name]);
const separated = (between: string, end = "\n") =>
  [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(between) + end)
    .join("");
const tables = {
  csv: separated(","),
  tsv: separated("\t", "\r\n"),
  jsonl: rows.map((row) => `${JSON.stringify(row)}\n`).join("\n"),
  parquet: parquet({ city: column("city"), country: column("country"), note: column("note") }),
};
const formats = Object.keys(tables) as (keyof typeof tables)[];

describe.each(formats)("%s", (format) => {
  test.each(["", ".gz"])("all columns, or those that are asked for%s", async (packed) => {
    const path = await write(`cities.${format}${packed}`, packed ? gzipSync(tables[format]) : tables[format]);
    expect(await rowsOf(path)).toEqual(rows);
    expect(await rowsOf(path, { columns: ["note", "city"] })).toEqual(rows.map(({ city, note }) => ({ city, note })));
    expect(await rowsOf(path, { columns: [] })).toEqual([{}, {}, {}]);
  });

  test("a column that is not there", async () => {
    const path = await write(`cities.${format}`, tables[format]);
    expect(await messageOf(path, { columns: ["city", "mayor"] })).toBe(
      `missing_column: read cities.${format}${format === "jsonl" ? ", line 1" : ""}: needed a column "mayor", the columns are city, country, note; name one of them`,
    );
  });

  test("no rows", async () => {
    const none = { csv: "city,country\n", tsv: "city\tcountry", jsonl: "\n", parquet: parquet({ city: [] }) };
    const path = await write(`none.${format}`, none[format]);
    expect(await rowsOf(path)).toEqual([]);
    expect(await rowsOf(path, { columns: ["city"] })).toEqual([]);
  });

  test("no file", async () => {
    for (const packed of ["", ".gz"]) {
      expect(await messageOf(join(folder, `gone.${format}${packed}`))).toBe(
        `file_not_found: read gone.${format}${packed}: no such file; check the path`,
      );
    }
  });

  test("a reader that leaves early, and one that reads again", async () => {
    const path = await write(`cities.${format}`, tables[format]);
    for await (const row of readTable(path)) {
      expect(row).toEqual(rows[0]);
      break;
    }
    expect(await rowsOf(path)).toEqual(rows);
  });
});

describe("a table with separators", () => {
  test("without a row that names the columns", async () => {
    const path = await write("bare.csv", "1,Paris\n2,Rome\n");
    expect(await rowsOf(path, { header: ["id", "city"] })).toEqual([
      { id: "1", city: "Paris" },
      { id: "2", city: "Rome" },
    ]);
    expect(await rowsOf(path, { header: ["id", "city"], columns: ["city"] })).toEqual([
      { city: "Paris" },
      { city: "Rome" },
    ]);
    expect(await rowsOf(path, { header: false })).toEqual([
      { 0: "1", 1: "Paris" },
      { 0: "2", 1: "Rome" },
    ]);
    expect(await messageOf(path, { header: ["id"] })).toBe(
      "bad_csv: read bare.csv, row 1: needed a field for each of the 1 columns, got 2",
    );
    expect(await rowsOf(await write("empty.csv", ""), { header: ["id", "city"], columns: ["city"] })).toEqual([]);
    expect(await rowsOf(await write("empty.csv", ""))).toEqual([]);
  });

  test("with a broken row", async () => {
    expect(await messageOf(await write("long.csv", "a,b\n1,2\n\n3,4,5\n"))).toBe(
      "bad_csv: read long.csv, row 2: needed a field for each of the 2 columns, got 3",
    );
    const quote = 'a,b\n1,2\n3,"4"x\n';
    expect(await messageOf(await write("quote.csv", quote))).toMatch(
      /^bad_csv: read quote\.csv, row 2: needed a table with separators, got "Invalid Closing Quote: got "x" at line 3 /,
    );
    expect(await messageOf(await write("quote.csv", quote), { header: false })).toMatch(/quote\.csv, row 3: needed/);
    expect(await messageOf(await write("names.csv", 'a,"b'))).toMatch(/^bad_csv: read names\.csv, the row of names: /);
  });

  test("in Latin-1, or with a byte order mark", async () => {
    const path = await write("latin.csv", Buffer.from("city\nZürich\n", "latin1"));
    expect(await rowsOf(path, { encoding: "latin1" })).toEqual([{ city: "Zürich" }]);
    expect(await rowsOf(await write("bom.csv", "\uFEFFcity\nRome\n"))).toEqual([{ city: "Rome" }]);
  });
});

test("a broken row of JSON lines says where it is", async () => {
  expect(await messageOf(await write("bad.jsonl", '{"a":1}\n\n{"a":'))).toMatch(
    /^bad_json: read bad\.jsonl, line 3: needed JSON, got "/,
  );
  expect(await messageOf(await write("bad.jsonl", '{"a":1}\n[2]'))).toBe(
    'bad_json: read bad.jsonl, line 2: needed an object {"column": value, ...}, got [2]',
  );
  // Not every line of such a file has the same columns.
  expect(await messageOf(await write("other.jsonl", '{"a":1}\n{"b":2}'), { columns: ["a"] })).toBe(
    'missing_column: read other.jsonl, line 2: needed a column "a", the columns are b; name one of them',
  );
  expect(await rowsOf(await write("other.jsonl", '{"a":1}\n{"b":2}'))).toEqual([{ a: 1 }, { b: 2 }]);
});

test("of Parquet only the bytes of the columns are read", async () => {
  const good = await write("good.parquet", parquet({ a: [1, 2], b: ["unreadable", "unreadable"] }));
  const bytes = Buffer.from(parquet({ a: [1, 2], b: ["unreadable", "unreadable"] }));
  // Pages of column b: what they say of themselves is wrong now. The list of columns at the end of the file stays.
  const at = bytes.indexOf("unreadable");
  bytes.fill(255, at - 12, at + 10);
  const bad = await write("bad.parquet", bytes);
  expect(await rowsOf(bad, { columns: ["a"] })).toEqual(await rowsOf(good, { columns: ["a"] }));
  expect(await messageOf(bad)).toMatch(/^bad_parquet: read bad\.parquet, rows 1 to 2: needed a Parquet file, got "/);
});

test("cells keep their types", async () => {
  const path = await write("types.parquet", parquet({ small: [1.5], large: [2n ** 40n], none: [null], yes: [true] }));
  expect(await rowsOf(path)).toEqual([{ small: 1.5, large: 2n ** 40n, none: null, yes: true }]);
});

test("a file that is no table", async () => {
  expect(await messageOf(join(folder, "a.txt"))).toBe(
    "unknown_format: read a.txt: needed a table ending in .jsonl, .csv, .tsv, .parquet, or one of these and .gz",
  );
});
