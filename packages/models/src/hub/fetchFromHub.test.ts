import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanCacheDir } from "@huggingface/hub";
import { fillUniform, key } from "@sae/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type HubServer, type ServedRepo, startHubServer } from "../hubServer.testkit.js";
import { type FetchFromHubOptions, fetchFromHub } from "./fetchFromHub.js";
import type { HubProgress } from "./hubRepo.js";

const weights = new Uint8Array(fillUniform(key("weights"), new Float32Array(500_000)).buffer); // 2 MB
const other = new Uint8Array(fillUniform(key("other"), new Float32Array(10)).buffer);
const repos: Record<string, ServedRepo> = {
  "org/name": {
    commits: [
      {
        refs: ["main", "refs/pr/1"],
        files: { "config.json": "{}", "model.safetensors": weights, "sub/dir/a b.txt": "a", empty: "" },
      },
      { refs: ["v1"], files: { "config.json": '{"old": true}', "model.safetensors": other } },
    ],
  },
  "org/texts": {
    kind: "dataset",
    commits: [{ refs: ["main"], files: { "data/a.parquet": other, "data/b.parquet": weights, "README.md": "#" } }],
  },
  "org/private": { access: { token: "secret" }, commits: [{ refs: ["main"], files: { "config.json": "{}" } }] },
  "org/gated": {
    access: { token: "secret", gated: true },
    commits: [{ refs: ["main"], files: { "config.json": "{}", "model.safetensors": other } }],
  },
};

let hub: HubServer;
let folder: string;
beforeAll(async () => {
  hub = await startHubServer(repos);
});
afterAll(() => hub.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-"));
  // Everything that the environment of whoever runs the tests may say is said here.
  for (const name of ["HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HF_HOME", folder);
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  hub.requests.length = 0;
  expect(hub.faults).toEqual([]); // each was met
  await rm(folder, { recursive: true });
});

const fetchModel = (files: readonly string[], options: Partial<FetchFromHubOptions> = {}) =>
  fetchFromHub({ repo: "org/name", retryMs: 1, ...options, pattern: undefined, files });
const cacheOf = (repo = "models--org--name") => join(folder, "hub", repo);
const asked = () => hub.requests.map(({ server, method, path }) => `${server} ${method} ${path.split("?")[0]}`);
const downloads = () => hub.requests.filter(({ server }) => server === "cdn");
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error) => error.code,
  );

/** A fault that closes the connection when `bytes` of the file are on the disk, and the listener that knows. */
function cutAt(bytes: number) {
  let cut: (value: unknown) => void;
  const cutWhen = new Promise((resolve) => {
    cut = resolve;
  });
  hub.faults.push({ at: /^cdn/, cutAfter: bytes, cutWhen });
  return (progress: HubProgress) => progress.bytes >= bytes && cut(null);
}

describe("files", () => {
  test("named files, with their paths, at the commit that the branch is", async () => {
    const commit = hub.commit("org/name");
    const snapshot = await fetchModel(["config.json", "sub/dir/a b.txt", "empty", "model.safetensors"]);
    expect(snapshot).toMatchObject({
      folder: join(cacheOf(), "snapshots", commit),
      commit,
      repo: "org/name",
      kind: "model",
    });
    expect(await readFile(join(snapshot.folder, "sub/dir/a b.txt"), "utf8")).toBe("a");
    expect(await readFile(join(snapshot.folder, "empty"), "utf8")).toBe("");
    expect(Buffer.compare(await readFile(join(snapshot.folder, "model.safetensors")), weights)).toBe(0);
    expect(snapshot.files["config.json"]).toEqual({ bytes: 2, etag: "9e26dfeeb6e641a33dae4961196235bdb965b21b" }); // git hash-object
    expect(snapshot.files["model.safetensors"].etag).toMatch(/^[0-9a-f]{64}$/);
  });

  test("the cache is laid out as the Python tools do it: refs, blobs by hash, links", async () => {
    const { commit } = await fetchModel(["config.json", "sub/dir/a b.txt"]);
    expect((await readdir(cacheOf())).sort()).toEqual(["blobs", "refs", "snapshots"]);
    expect(await readFile(join(cacheOf(), "refs/main"), "utf8")).toBe(commit);
    expect(await readlink(join(cacheOf(), "snapshots", commit, "sub/dir/a b.txt"))).toBe(
      "../../../../blobs/2e65efe2a145dda7ee51d1741299f848e5bf752e",
    );
    const { repos: scanned, warnings } = await scanCacheDir(join(folder, "hub")); // of the hub's own client
    expect(warnings).toEqual([]);
    expect(scanned).toMatchObject([
      { id: { name: "org/name", type: "model" }, revisions: [{ commitOid: commit, refs: ["main"] }] },
    ]);
  });

  test("what is there is not fetched again; with a commit as revision nothing is asked at all", async () => {
    const { commit } = await fetchModel(["config.json", "model.safetensors"]);
    hub.requests.length = 0;
    await fetchModel(["config.json", "model.safetensors"]);
    expect(asked()).toEqual(["hub GET /api/models/org/name/revision/main"]);
    hub.requests.length = 0;
    await fetchModel(["config.json", "model.safetensors"], { revision: commit });
    expect(asked()).toEqual([]);
  });

  test("files that another tool put into the cache are found", async () => {
    const commit = "0123456789012345678901234567890123456789";
    const place = join(cacheOf(), "snapshots", commit);
    await mkdir(join(cacheOf(), "blobs"), { recursive: true });
    await mkdir(place, { recursive: true });
    await writeFile(join(cacheOf(), "blobs/abc"), "{}");
    await symlink("../../blobs/abc", join(place, "config.json"));
    const { files } = await fetchModel(["config.json"], { revision: commit });
    expect(files).toEqual({ "config.json": { bytes: 2, etag: "abc" } });
    expect(asked()).toEqual([]);
  });

  test("a link whose blob was deleted is fetched again", async () => {
    await fetchModel(["config.json"]);
    await rm(join(cacheOf(), "blobs"), { recursive: true });
    const { folder: place } = await fetchModel(["config.json"]);
    expect(await readFile(join(place, "config.json"), "utf8")).toBe("{}");
  });

  test("a pattern, through several pages of the list, of a dataset", async () => {
    const { files, folder: place } = await fetchFromHub({
      repo: "org/texts",
      kind: "dataset",
      pattern: /^data\/.*\.parquet$/g,
    });
    expect(Object.keys(files)).toEqual(["data/a.parquet", "data/b.parquet"]);
    expect(place).toBe(join(cacheOf("datasets--org--texts"), "snapshots", hub.commit("org/texts")));
    expect(asked().filter((line) => line.includes("/tree/"))).toHaveLength(2);
    expect(await code(fetchFromHub({ repo: "org/texts", kind: "dataset", pattern: /\.csv$/ }))).toBe(
      "hub_file_not_found",
    );
  });

  test("no file is a snapshot without files", async () => {
    expect((await fetchModel([])).files).toEqual({});
  });

  test("two revisions never mix", async () => {
    const [now, old] = [
      await fetchModel(["config.json", "model.safetensors"]),
      await fetchModel(["config.json", "model.safetensors"], { revision: "v1" }),
    ];
    expect(await readFile(join(now.folder, "config.json"), "utf8")).toBe("{}");
    expect(await readFile(join(old.folder, "config.json"), "utf8")).toBe('{"old": true}');
    expect(now.commit).not.toBe(old.commit);
  });

  test("a branch that moved on is another folder; its old commit stays as a pin", async () => {
    const moving = { commits: [{ refs: ["main"], files: { "config.json": "1" } }] };
    hub.repos["org/moving"] = moving;
    const before = await fetchModel(["config.json"], { repo: "org/moving" });
    hub.repos["org/moving"] = {
      commits: [
        { refs: ["main"], files: { "config.json": "2" } },
        { ...moving.commits[0], refs: [] },
      ],
    };
    const after = await fetchModel(["config.json"], { repo: "org/moving" });
    const pinned = await fetchModel(["config.json"], { repo: "org/moving", revision: before.commit });
    expect(await readFile(join(after.folder, "config.json"), "utf8")).toBe("2");
    expect(await readFile(join(pinned.folder, "config.json"), "utf8")).toBe("1");
  });

  test("revisions with slashes; a cache folder and an endpoint as options", async () => {
    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:1");
    const cacheDir = join(folder, "elsewhere");
    const { commit, folder: place } = await fetchModel(["config.json"], {
      revision: "refs/pr/1",
      cacheDir,
      endpoint: `${hub.endpoint}/`,
    });
    expect(place).toBe(join(cacheDir, "models--org--name/snapshots", commit));
    expect(await readFile(join(cacheDir, "models--org--name/refs/refs/pr/1"), "utf8")).toBe(commit);
  });

  test("HF_HUB_CACHE is the cache", async () => {
    vi.stubEnv("HF_HUB_CACHE", join(folder, "cache"));
    expect((await fetchModel(["config.json"])).folder).toContain(join(folder, "cache", "models--org--name"));
  });

  test("progress counts all bytes, those that were there before as well", async () => {
    await fetchModel(["config.json"]);
    const seen: HubProgress[] = [];
    await fetchModel(["config.json", "model.safetensors", "empty"], { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ path: "model.safetensors", bytes: 2, totalBytes: 2_000_002 });
    expect(seen.at(-1)).toEqual({ path: "empty", bytes: 2_000_002, totalBytes: 2_000_002 });
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((a, b) => a - b));
  });

  test("many at once fetch the same file", async () => {
    const snapshots = await Promise.all(Array.from({ length: 5 }, () => fetchModel(["model.safetensors"])));
    for (const { folder: place } of snapshots) {
      expect(Buffer.compare(await readFile(join(place, "model.safetensors")), weights)).toBe(0);
    }
    expect(await readdir(join(cacheOf(), "blobs"))).toHaveLength(1);
  });
});

describe("a download that breaks off", () => {
  const partial = async () => {
    const [name, ...more] = await readdir(join(cacheOf(), "blobs"));
    expect(more).toEqual([]);
    return join(cacheOf(), "blobs", name);
  };

  test("is continued by the next call from the byte where it broke", async () => {
    const onProgress = cutAt(700_000);
    const broken = fetchModel(["model.safetensors"], { retries: 0, onProgress });
    await expect(broken).rejects.toMatchObject({ code: "hub_interrupted" });
    expect((await stat(await partial())).size).toBe(700_000);
    const { folder: place } = await fetchModel(["model.safetensors"], { retries: 0 });
    expect(downloads().map(({ range }) => range)).toEqual([undefined, "bytes=700000-"]);
    expect(Buffer.compare(await readFile(join(place, "model.safetensors")), weights)).toBe(0);
    expect(await readdir(join(cacheOf(), "blobs"))).toHaveLength(1);
  });

  test("is continued in the same call; failures count since the last progress", async () => {
    const listeners = [cutAt(500_000), cutAt(500_000), cutAt(500_000)];
    let cuts = 0;
    await fetchModel(["model.safetensors"], {
      retries: 1,
      onProgress: (progress) => {
        listeners[cuts]?.({ ...progress, bytes: progress.bytes - 500_000 * cuts });
        cuts = Math.floor(progress.bytes / 500_000);
      },
    });
    expect(downloads().map(({ range }) => range)).toEqual([
      undefined,
      "bytes=500000-",
      "bytes=1000000-",
      "bytes=1500000-",
    ]);
  });

  test("is started again when the server has no ranges", async () => {
    const onProgress = cutAt(700_000);
    hub.faults.push({ at: /^cdn/, ignoreRange: true });
    const { folder: place } = await fetchModel(["model.safetensors"], { onProgress });
    expect(Buffer.compare(await readFile(join(place, "model.safetensors")), weights)).toBe(0);
  });

  test("a part that is longer than the file is not used", async () => {
    const onProgress = cutAt(1000);
    await code(fetchModel(["model.safetensors"], { retries: 0, onProgress }));
    await truncate(await partial(), 3_000_000);
    await fetchModel(["model.safetensors"]);
    expect(downloads().map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  test("a silent connection is given up and asked again", async () => {
    hub.faults.push({ at: /^cdn/, stallAfter: 0 });
    await fetchModel(["model.safetensors"], { stallMs: 200 });
    expect(downloads().length).toBeGreaterThanOrEqual(2);
    hub.faults.push({ at: /^cdn/, stallAfter: 1000 });
    const stalled = fetchModel(["model.safetensors"], { stallMs: 200, retries: 0, cacheDir: join(folder, "b") });
    await expect(stalled).rejects.toMatchObject({ code: "hub_stalled" });
  });

  test("500, then 503, then success; 429 waits as long as it says", async () => {
    hub.faults.push({ at: /revision/, status: 500 }, { at: /revision/, status: 503 });
    hub.faults.push({ at: /resolve/, status: 502 }, { at: /^cdn/, status: 429, headers: { "Retry-After": "1" } });
    const start = performance.now();
    await fetchModel(["model.safetensors"]);
    expect(performance.now() - start).toBeGreaterThan(900);
    hub.faults.push({ at: /revision/, status: 500 });
    const failed = fetchModel(["config.json"], { retries: 0 });
    await expect(failed).rejects.toMatchObject({
      code: "hub_failed",
      message: "fetch org/name@main: the hub answered 500 (as told); try again later",
    });
  });

  test("a wrong content is an error and is removed", async () => {
    hub.faults.push({ at: /^cdn/, corrupt: true }, { at: /resolve.*config/, corrupt: true });
    await expect(fetchModel(["model.safetensors"])).rejects.toMatchObject({
      code: "checksum_mismatch",
      message: expect.stringMatching(
        /^fetch org\/name@main\/model\.safetensors: needed sha256 [0-9a-f]{64}, got [0-9a-f]{64}; the file was removed, run again to fetch it anew$/,
      ),
    });
    expect(await readdir(join(cacheOf(), "blobs"))).toEqual([]);
    await expect(fetchModel(["config.json"])).rejects.toMatchObject({ code: "checksum_mismatch" }); // git's hash
    const { folder: place } = await fetchModel(["model.safetensors"]);
    expect(Buffer.compare(await readFile(join(place, "model.safetensors")), weights)).toBe(0);
  });
});

describe("access", () => {
  test("a private repository looks like none", async () => {
    await expect(fetchModel(["config.json"], { repo: "org/private" })).rejects.toMatchObject({
      code: "hub_repo_not_found",
      message:
        'fetch org/private@main: the hub answered 401 (Repository not found): no model "org/private" for everyone to read; check the name, and if it is private set HF_TOKEN to a token that may read it',
    });
  });

  test("the token of HF_TOKEN, of the file, or of the option; it goes to the hub only", async () => {
    vi.stubEnv("HF_TOKEN", "secret");
    await fetchModel(["config.json"], { repo: "org/private" });
    vi.stubEnv("HF_TOKEN", undefined);
    await writeFile(join(folder, "token"), "secret\n");
    await fetchModel(["model.safetensors"], { repo: "org/gated" });
    await rm(join(folder, "token"));
    expect(
      hub.requests
        .filter(({ server }) => server === "hub")
        .every(({ authorization }) => authorization === "Bearer secret"),
    ).toBe(true);
    expect(downloads().map(({ authorization }) => authorization)).toEqual([undefined]);
    await rm(cacheOf("models--org--gated"), { recursive: true });
    expect(await code(fetchModel(["model.safetensors"], { repo: "org/gated" }))).toBe("hub_gated");
    await fetchModel(["model.safetensors"], { repo: "org/gated", token: "secret" });
  });

  test("a gated repository says what to do; a rejected token too", async () => {
    await expect(fetchModel(["config.json"], { repo: "org/gated" })).rejects.toMatchObject({
      code: "hub_gated",
      message:
        "fetch org/gated@main/config.json: the hub answered 401 (Access to model org/gated is restricted): org/gated is for accounts that accepted its terms; accept them on its page, then set HF_TOKEN to a token of that account",
    });
    expect(await code(fetchModel(["config.json"], { repo: "org/gated", token: "wrong" }))).toBe("hub_gated");
    hub.faults.push({ at: /revision/, status: 401 });
    expect(await code(fetchModel(["config.json"], { token: "wrong" }))).toBe("hub_token_rejected");
    hub.faults.push({ at: /revision/, status: 403 });
    expect(await code(fetchModel(["config.json"], { token: "wrong" }))).toBe("hub_forbidden");
  });

  test("no such repository, revision, file", async () => {
    expect(await code(fetchModel(["config.json"], { repo: "org/none" }))).toBe("hub_repo_not_found");
    expect(await code(fetchModel(["config.json"], { repo: "org/texts" }))).toBe("hub_repo_not_found"); // a dataset
    await expect(fetchModel(["config.json"], { revision: "v9" })).rejects.toMatchObject({
      code: "hub_revision_not_found",
      message: 'fetch org/name@v9: org/name has no revision "v9"; give a branch, a tag or a commit that its page lists',
    });
    expect(await code(fetchModel(["config.json"], { revision: "0".repeat(40) }))).toBe("hub_revision_not_found");
    await expect(fetchModel(["config.json", "tokenizer.json"])).rejects.toMatchObject({
      code: "hub_file_not_found",
      message: 'fetch org/name@main: org/name has no file "tokenizer.json" at "main"; look at its list of files',
    });
  });

  test.each(["", "a/b/c", "org/", "../name", "org/..", "org name", "org/a--b", "org/name.git"])(
    "no repository's name: %j",
    async (repo) => {
      expect(await code(fetchModel(["config.json"], { repo }))).toBe("bad_reference");
    },
  );

  test.each(["", "../main", "/main", "a b", "a//b"])("no revision: %j", async (revision) => {
    expect(await code(fetchModel(["config.json"], { revision }))).toBe("bad_reference");
  });

  test("a path that leads out of the cache is refused", async () => {
    hub.repos["org/evil"] = { commits: [{ refs: ["main"], files: { "../../../../out.txt": "evil" } }] };
    expect(await code(fetchFromHub({ repo: "org/evil", pattern: /./ }))).toBe("bad_path");
    expect(await readdir(folder)).not.toContain("out.txt");
  });
});

describe("no hub", () => {
  test("nothing listens, or its name is not known", async () => {
    const { endpoint, close } = await startHubServer({});
    await close();
    await expect(fetchModel(["config.json"], { endpoint })).rejects.toMatchObject({
      code: "hub_unreachable",
      message: `fetch org/name@main: ${endpoint} cannot be reached, nothing listens there (ECONNREFUSED); check the network and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use what is in the cache`,
    });
    // RFC 6761: a name under .invalid never exists; where no name server answers at all, that is said
    const unknown = await code(fetchModel(["config.json"], { endpoint: "http://hub.invalid", retries: 0 }));
    expect(["hub_unreachable", "hub_interrupted"]).toContain(unknown);
  });

  test("something else than a hub", async () => {
    const page = createServer((_, response) => response.end("<html>Please log in</html>"));
    await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const options = { endpoint, revision: "0".repeat(40) };
    expect(await code(fetchModel(["config.json"], { endpoint }))).toBe("hub_answer_invalid");
    expect(await code(fetchModel(["config.json"], options))).toBe("hub_answer_invalid");
    expect(await code(fetchFromHub({ repo: "org/name", pattern: /./, ...options }))).toBe("hub_answer_invalid");
    page.closeAllConnections();
    page.close();
  });

  test("offline: the cache only, and what is missing is named", async () => {
    const { commit } = await fetchModel(["config.json", "sub/dir/a b.txt"]);
    hub.requests.length = 0;
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    expect(await fetchModel(["config.json"])).toMatchObject({ commit, files: { "config.json": { bytes: 2 } } });
    expect(await fetchModel(["config.json"], { revision: commit })).toMatchObject({ commit });
    expect((await fetchFromHub({ repo: "org/name", pattern: /txt$/ })).files).toHaveProperty(["sub/dir/a b.txt"]);
    await expect(fetchModel(["config.json", "model.safetensors", "empty"])).rejects.toMatchObject({
      code: "hub_offline",
      message: `fetch org/name@main: offline, and the cache ${cacheOf()} has no model.safetensors, empty of commit ${commit}; run once without HF_HUB_OFFLINE`,
    });
    await expect(fetchModel(["config.json"], { revision: "v1" })).rejects.toMatchObject({
      code: "hub_offline",
      message: `fetch org/name@v1: offline, and the cache ${cacheOf()} does not know the revision "v1"; run once without HF_HUB_OFFLINE`,
    });
    expect(await code(fetchFromHub({ repo: "org/name", pattern: /csv$/ }))).toBe("hub_offline");
    expect(asked()).toEqual([]);
    await fetchModel(["config.json"], { offline: false });
    expect(asked()).toHaveLength(1);
  });
});

describe("a full disk", async () => {
  const small = await mkdtemp(join(tmpdir(), "hub-disk-"));
  const missing = mountSmallDisk(small);
  afterAll(() => {
    if (missing === null) execFileSync("umount", [small]);
    return rm(small, { recursive: true });
  });

  test("too large a file is refused before its first byte", async ({ skip }) => {
    if (missing !== null) skip(missing);
    await expect(fetchModel(["model.safetensors"], { cacheDir: small })).rejects.toMatchObject({
      code: "disk_full",
      message: expect.stringMatching(
        /needed 2000000 bytes on the disk, \d+ are free; make room, or set HF_HUB_CACHE to a folder on another disk$/,
      ),
    });
    expect(downloads()).toEqual([]);
  });

  test("a disk that fills up meanwhile keeps the part that came", async ({ skip }) => {
    if (missing !== null) skip(missing);
    const filler = join(small, "filler");
    hub.repos["org/half"] = {
      commits: [{ refs: ["main"], files: { "model.safetensors": weights.subarray(0, 800_000) } }],
    };
    const onProgress = cutAt(200_000);
    const cacheDir = join(small, "b");
    const get = (options: object) => fetchModel(["model.safetensors"], { repo: "org/half", cacheDir, ...options });
    let filled = false;
    const failed = get({
      onProgress(progress: HubProgress) {
        if (!filled && progress.bytes > 0) {
          writeFileSync(filler, new Uint8Array(600_000));
          filled = true;
        }
        onProgress(progress);
      },
      retries: 1,
    });
    await expect(failed).rejects.toMatchObject({
      code: "disk_full",
      message: expect.stringMatching(/no space left on the disk; free some, then run again$/),
    });
    expect(downloads().map(({ range }) => range)).toEqual([undefined, "bytes=200000-"]);
    await rm(filler);
    await get({});
    expect(Number(downloads()[2].range?.slice("bytes=".length, -1))).toBeGreaterThan(200_000);
  });
});

/** A disk of one megabyte, where the system lets us have one; else why not. */
function mountSmallDisk(folder: string): string | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
    return null;
  } catch {
    return "needs the right to mount a tmpfs";
  }
}
