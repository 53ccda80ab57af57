import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type HubServer, startHubServer } from "../hubServer.testkit.js";
import { fetchTexts } from "./fetchTexts.js";
import { openTexts, type TextOptions } from "./openTexts.js";

const parquet = (texts: readonly string[]) =>
  new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "text", data: [...texts] }] }));

const files = {
  "README.md": "# a card",
  "plain/train/0.parquet": parquet(["one", "two"]),
  "plain/train/1.parquet": parquet(["three"]),
  "plain/test/0.parquet": parquet(["four"]),
  "raw/all.jsonl.gz": gzipSync('{"text":"five"}\n'),
};

let hub: HubServer;
let folder: string;
beforeAll(async () => {
  hub = await startHubServer({
    "org/texts": {
      kind: "dataset",
      commits: [
        { refs: ["main"], files },
        { refs: ["v1"], files: { "old.txt": "old" } },
      ],
    },
    "org/pictures": { kind: "dataset", commits: [{ refs: ["main"], files: { "a.png": "", "README.md": "#" } }] },
    "org/model": { commits: [{ refs: ["main"], files: { "texts.txt": "no data set" } }] },
  });
});
afterAll(() => hub.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-texts-"));
  for (const name of ["HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HF_HOME", folder);
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  hub.requests.length = 0;
  expect(hub.faults).toEqual([]);
  await rm(folder, { recursive: true });
});

async function textsOf(spec: string | readonly string[], options: TextOptions = {}): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of (await openTexts(spec, options)).documents()) texts.push(text);
  return texts;
}

/** Code and message of the error, without the folder. */
const messageOf = (spec: string, options: TextOptions = {}): Promise<string> =>
  textsOf(spec, options).then(
    () => "no error",
    (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(folder, "HOME")}`,
  );

describe("a data set of the hub", () => {
  test.each([
    ["hf:org/texts", ["four", "one", "two", "three", "five"]],
    ["org/texts", ["four", "one", "two", "three", "five"]],
    ["hf:org/texts@v1", ["old"]],
    ["hf:org/texts:plain/train", ["one", "two", "three"]],
    ["hf:org/texts:plain/train/", ["one", "two", "three"]],
    ["hf:org/texts@main:plain/*/0.parquet", ["four", "one", "two"]],
    ["hf:org/texts:**/*.gz", ["five"]],
    ["org/texts:plain/train/1.parquet", ["three"]],
    ["hf:org/texts:{plain/test,raw}/**", ["four", "five"]],
  ])("%s", async (spec, texts) => expect(await textsOf(spec)).toEqual(texts));

  test("among other texts, in the order of the list", async () => {
    const own = join(folder, "own.txt");
    await writeFile(own, "own");
    expect(await textsOf([own, "hf:org/texts:raw", "hf:org/texts@v1"])).toEqual(["own", "five", "old"]);
  });

  test("is fetched once; only the files of its part are", async () => {
    const paths = await fetchTexts("hf:org/texts:plain/train");
    const snapshot = join(folder, "hub/datasets--org--texts/snapshots", hub.commit("org/texts"));
    expect(paths).toEqual(["0", "1"].map((name) => join(snapshot, `plain/train/${name}.parquet`)));
    const resolved = () => hub.requests.filter(({ path }) => path.includes("/resolve/")).length;
    expect(resolved()).toBe(2);
    await fetchTexts("hf:org/texts:plain/train");
    expect(resolved()).toBe(2);
  });

  test("has the identity of the same files in a folder", async () => {
    const copy = join(folder, "copy");
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(copy, path, ".."), { recursive: true });
      await writeFile(join(copy, path), content);
    }
    expect((await openTexts("hf:org/texts")).identity).toEqual((await openTexts(copy)).identity);
    expect((await openTexts("hf:org/texts@v1")).identity).not.toEqual((await openTexts(copy)).identity);
  });

  test("continues where a download broke off", async () => {
    const large = parquet(Array.from({ length: 20_000 }, (_, i) => `document number ${i}`));
    hub.repos["org/large"] = { kind: "dataset", commits: [{ refs: ["main"], files: { "a.parquet": large } }] };
    let cut: (value: unknown) => void = () => {};
    const cutWhen = new Promise((resolve) => {
      cut = resolve;
    });
    hub.faults.push({ at: /^cdn/, cutAfter: 50_000, cutWhen });
    const onProgress = ({ bytes }: { bytes: number }) => bytes >= 50_000 && cut(null);
    await expect(textsOf("hf:org/large", { hub: { retries: 0, onProgress } })).rejects.toMatchObject({
      code: "hub_interrupted",
    });
    expect(await textsOf("hf:org/large")).toHaveLength(20_000);
    expect(hub.requests.filter(({ server }) => server === "cdn").map(({ range }) => range)).toEqual([
      undefined,
      "bytes=50000-",
    ]);
  });

  test("offline: what the cache has", async () => {
    await fetchTexts("hf:org/texts:plain");
    hub.requests.length = 0;
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    expect(await textsOf("hf:org/texts:plain")).toEqual(["four", "one", "two", "three"]);
    expect(await messageOf("hf:org/texts:raw")).toBe(
      "hub_offline: fetch datasets/org/texts@main: offline, and in the cache no file of raw ends in .txt, .jsonl, .csv, .tsv, .parquet; run once without HF_HUB_OFFLINE",
    );
    expect(await messageOf("hf:org/texts@v1")).toMatch(/^hub_offline: .* does not know the revision "v1"/);
    expect(hub.requests).toEqual([]);
    expect(await textsOf("hf:org/texts@v1", { hub: { offline: false } })).toEqual(["old"]);
  });

  test("that is none, or has no texts", async () => {
    expect(await messageOf("hf:org/none")).toMatch(/^hub_repo_not_found: .* no dataset "org\/none" for everyone/);
    expect(await messageOf("hf:org/model")).toMatch(/^hub_repo_not_found: /);
    expect(await messageOf("hf:org/pictures")).toBe(
      "hub_file_not_found: fetch datasets/org/pictures@main: no file ends in .txt, .jsonl, .csv, .tsv, .parquet; its files are README.md, a.png",
    );
    expect(await messageOf("hf:org/texts:train")).toMatch(
      /: no file of train ends in .*; its files are README.md, plain/,
    );
    expect(await messageOf("hf:texts")).toBe(
      'bad_reference: fetch texts: needed a data set such as "hf:org/name", "hf:org/name@revision" or "hf:org/name:data/*.parquet", got "hf:texts"; correct it',
    );
  });
});

describe("a path", () => {
  test("wins over a data set of its name, unless there is hf: before it", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await mkdir("org/texts", { recursive: true });
      await writeFile("org/texts/here.txt", "here");
      expect(await textsOf("org/texts")).toEqual(["here"]);
      expect(hub.requests).toEqual([]);
      expect(await textsOf("hf:org/texts:raw")).toEqual(["five"]);
    } finally {
      process.chdir(before);
    }
  });

  test("stays what it is, also one that is not there", async () => {
    const paths = ["./a/b", "/a", "a/b.txt", "data/train.csv.gz", "a/b/c"];
    expect(await fetchTexts(paths)).toEqual(paths);
    expect(await fetchTexts([])).toEqual([]);
    expect(hub.requests).toEqual([]);
    expect(await messageOf("data/wiki")).toMatch(
      /^hub_repo_not_found: .*no dataset "data\/wiki".* \(there is no file or folder data\/wiki here either\)$/,
    );
  });
});
