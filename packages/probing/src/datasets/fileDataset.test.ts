import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type HubServer, startHubServer } from "../../../models/src/hubServer.testkit.js";
import { readLabelledTexts } from "../readLabelledTexts.js";
import { fileDataset } from "./fileDataset.js";
import { findProbingDatasets } from "./probingDatasets.js";

const table = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: "body", data: ["fine", "poor"], type: "STRING" },
      { name: "stars", data: [5n, 1n], type: "INT64" },
    ],
  }),
);
let folder: string;
let hub: HubServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-dataset-"));
  const files: Record<string, string | Uint8Array> = {
    "reviews.csv": 'id,body,stars,shop\n1,"good, cheap",5,a\n2,bad,1,b\n',
    "plain.jsonl": '{"text": "yes", "label": true}\n{"text": "none", "label": null}\n{"text": "no", "label": false}\n',
    "tables/one.parquet": table,
    "tables/two.tsv": "stars\tbody\n3\tso so\n",
    "tables/README.md": "no table",
    "corpus/pos/1.txt": "all\nof it",
    "corpus/neg/1.txt": "nothing",
    "lines/pos.txt": "one\ntwo\n",
    "lines/neg.txt": "three\n",
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  hub = await startHubServer({
    "org/stars": {
      kind: "dataset",
      commits: [
        { refs: ["main"], files: { "data/train.parquet": table, "other/more.parquet": table, "README.md": "#" } },
        { refs: ["v1"], files: { "data/old.csv": "body,stars\nold,2\n" } },
      ],
    },
  });
});
afterAll(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const read = (spec: string) =>
  readLabelledTexts(fileDataset(spec.replace("file:", `file:${folder}/`)), undefined, {
    hub: { endpoint: hub.endpoint, cacheDir: join(folder, "cache"), token: null, retries: 0 },
  });

describe("texts and labels", () => {
  it.each([
    [
      "of two columns of a table",
      "file:reviews.csv?text=body&label=stars&stratum=shop",
      [
        { text: "good, cheap", label: "5", stratum: "a" },
        { text: "bad", label: "1", stratum: "b" },
      ],
    ],
    [
      "of the columns text and label, rows without one of them left out",
      "file:plain.jsonl",
      [
        { text: "yes", label: "true" },
        { text: "no", label: "false" },
      ],
    ],
    [
      "of every table in a folder",
      "file:tables?text=body&label=stars",
      [
        { text: "fine", label: "5" },
        { text: "poor", label: "1" },
        { text: "so so", label: "3" },
      ],
    ],
    [
      "of a folder for each class, a text in each file",
      "file:corpus",
      [
        { text: "nothing", label: "neg" },
        { text: "all\nof it", label: "pos" },
      ],
    ],
    [
      "of a file for each class, a text on each line",
      "file:lines",
      [
        { text: "three", label: "neg" },
        { text: "one", label: "pos" },
        { text: "two", label: "pos" },
      ],
    ],
    [
      "of chosen classes",
      "file:tables?text=body&label=stars&classes=1|3",
      [
        { text: "poor", label: "1" },
        { text: "so so", label: "3" },
      ],
    ],
    [
      "of files on the hub",
      "hf:org/stars:data/*.parquet?text=body&label=stars",
      [
        { text: "fine", label: "5" },
        { text: "poor", label: "1" },
      ],
    ],
    ["of a revision on the hub", "hf:org/stars@v1?text=body&label=stars", [{ text: "old", label: "2" }]],
  ])("%s", async (_, spec, texts) => {
    expect(await read(spec)).toEqual(texts);
  });
});

test("the name is that of the file, the folder or the repository, or a given one", () => {
  const names = [
    "file:a/b/reviews.csv.gz?text=body",
    "file:corpus/",
    "hf:org/stars@v1:data/*.parquet",
    "file:a.b/x y?name=z",
  ];
  expect(names.map((spec) => fileDataset(spec).name)).toEqual(["reviews", "corpus", "stars", "z"]);
  expect(findProbingDatasets(["ag_news", "file:corpus"]).map(({ name }) => name)).toEqual(["ag_news", "corpus"]);
});

describe("errors say what to do", () => {
  it("a column that is not there", async () => {
    await expect(read("file:reviews.csv?text=review&label=stars")).rejects.toThrow(
      `read ${join(folder, "reviews.csv")}: needed a column "review", the columns are id, body, stars, shop; name one of them`,
    );
    await expect(read("hf:org/stars?text=body")).rejects.toThrow(
      'needed a column "label", the columns are body, stars',
    );
  });
  it("a file that is not there, or none that can be read", async () => {
    for (const spec of ["file:nothing.csv", "file:tables/README.md"]) {
      await expect(read(spec)).rejects.toThrow(
        /needs a file or folder .* with \.csv, .* there is none; check the path/,
      );
    }
  });
  it("what is no option, or no name", () => {
    expect(() => fileDataset("file:a.csv?column=b")).toThrow(
      "needed text, label, document, stratum, classes, name, each at most once and with a value, got 'column=b'",
    );
    expect(() => fileDataset("file:a.csv?text=b&text=c")).toThrow("got 'text=c'");
    expect(() => fileDataset("file:?text=b")).toThrow("needed a path after 'file:'");
    expect(() => fileDataset("file:my reviews.csv")).toThrow("got 'my reviews'; add name=… after '?'");
    expect(() => findProbingDatasets(["file:a/x.csv", "file:b/x.csv"])).toThrow("got two data sets called 'x'");
    expect(() => findProbingDatasets(["reviews.csv"])).toThrow(
      "files of your own are 'file:PATH?text=COLUMN&label=COLUMN'",
    );
  });
});
