/*
 * A hub on this machine: the routes of huggingface.co that a download needs, with its headers and redirects, and a second server in the place of
 * its content network. Both can be told to fail.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One commit of a repository. */
interface ServedCommit {
  /** Branches and tags that are this commit. */
  readonly refs: readonly string[];
  /** Contents by path. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
}

export interface ServedRepo {
  readonly kind?: "model" | "dataset";
  /** Only for this token: as a private repository, or as a gated one, which shows its list of files to everyone. */
  readonly access?: { readonly token: string; readonly gated?: boolean };
  readonly commits: readonly ServedCommit[];
}

/** A failure of the next request whose address matches. */
interface Fault {
  readonly at: RegExp;
  /** An answer with this status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is closed after so many bytes of the body... */
  readonly cutAfter?: number;
  /** ...and not before this: bytes on their way may be lost with a connection. */
  readonly cutWhen?: Promise<unknown>;
  /** After so many bytes of the body nothing more comes. */
  readonly stallAfter?: number;
  /** One bit of the body is another. */
  readonly corrupt?: boolean;
  /** The whole file, whatever range was asked for. */
  readonly ignoreRange?: boolean;
}

interface SeenRequest {
  readonly server: "hub" | "cdn";
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface HubServer {
  readonly endpoint: string;
  /** All requests so far. */
  readonly requests: SeenRequest[];
  readonly faults: Fault[];
  readonly repos: Record<string, ServedRepo>;
  /** The commit behind a revision. */
  commit(repo: string, revision?: string): string;
  close(): Promise<void>;
}

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
const gitHash = (data: Uint8Array) => createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
const bytesOf = (content: Uint8Array | string) => (typeof content === "string" ? Buffer.from(content) : content);
const isLarge = (path: string) => /\.(safetensors|gguf|parquet|bin)$/.test(path);

/** Name of a commit: a hash of what is in it. */
function commitName(repo: string, { files }: ServedCommit): string {
  const hash = createHash("sha1").update(repo);
  for (const [path, content] of Object.entries(files)) hash.update(path).update(bytesOf(content));
  return hash.digest("hex");
}

function describe(path: string, content: Uint8Array | string) {
  const data = bytesOf(content);
  const large = { oid: sha256(data), size: data.length, pointerSize: 134 };
  const oid = isLarge(path) ? gitHash(Buffer.from(`pointer to ${large.oid}`)) : gitHash(data);
  return {
    type: "file",
    path,
    size: data.length,
    oid,
    ...(isLarge(path) && { lfs: large, xetHash: sha256(Buffer.from(oid)) }),
  };
}

/** Starts the two servers on free ports of 127.0.0.1. Pages of file lists hold three entries, so that lists of more are in several pages. */
export async function startHubServer(repos: Record<string, ServedRepo>): Promise<HubServer> {
  const requests: SeenRequest[] = [];
  const faults: Fault[] = [];
  const contents = new Map<string, Uint8Array>(); // of the content network, by address
  const cdn = await listen("cdn", (request, response, fault) => {
    const data = contents.get(request.url ?? "");
    if (data === undefined) return fail(response, 403, {}, "signature does not match");
    send(request, response, data, { ETag: '"cdn"' }, fault);
  });
  const hub = await listen("hub", answer);
  const endpoint = address(hub);
  return {
    endpoint,
    requests,
    faults,
    repos,
    commit: (repo, revision = "main") => find(repo, revision)?.name ?? "",
    async close() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };

  async function listen(
    name: "hub" | "cdn",
    handle: (request: IncomingMessage, response: ServerResponse, fault: Fault | undefined) => unknown,
  ): Promise<Server> {
    const server = createServer((request, response) => {
      const { method = "", url: path = "", headers } = request;
      requests.push({ server: name, method, path, range: headers.range, authorization: headers.authorization });
      const place = faults.findIndex(({ at }) => at.test(`${name} ${path}`));
      const [fault] = place < 0 ? [] : faults.splice(place, 1);
      if (fault?.status !== undefined) return fail(response, fault.status, fault.headers ?? {}, "as told");
      return handle(request, response, fault);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  function find(repo: string, revision: string) {
    for (const commit of repos[repo]?.commits ?? []) {
      const name = commitName(repo, commit);
      if (name === revision || commit.refs.includes(revision)) return { name, files: commit.files };
    }
    return undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined) {
    const url = new URL(request.url ?? "", "http://hub");
    const api = /^\/api\/(model|dataset)s\/(.+?)\/(revision|tree|paths-info)\/([^/]+)(?:\/(.+))?$/.exec(url.pathname);
    const file = /^\/(datasets\/)?(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [kind, repo, revision, rest = ""] = (
      api
        ? [api[1], api[2], api[4], api[5]]
        : file
          ? [file[1] ? "dataset" : "model", file[2], file[3], file[4]]
          : ["", "", ""]
    ).map((part) => decodeURIComponent(part ?? ""));
    const served = repos[repo];
    const [, token] = request.headers.authorization?.split(" ") ?? [];
    const allowed = served?.access === undefined || served.access.token === token;
    if (served === undefined || (served.kind ?? "model") !== kind || (!allowed && !served.access?.gated)) {
      return fail(response, 401, { "X-Error-Code": "RepoNotFound" }, "Repository not found");
    }
    const commit = find(repo, revision);
    if (commit === undefined)
      return fail(response, 404, { "X-Error-Code": "RevisionNotFound" }, `Invalid rev id: ${revision}`);
    const listed = Object.entries(commit.files).map(([path, content]) => describe(path, content));
    if (api?.[3] === "revision")
      return json(response, { _id: "1", id: repo, sha: commit.name, private: false, lastModified: 0 });
    if (api?.[3] === "paths-info") {
      const { paths } = JSON.parse(await textOf(request)) as { paths: string[] };
      return json(
        response,
        listed.filter(({ path }) => paths.includes(path)),
      );
    }
    if (api) return tree(response, url, listed, rest);
    const content = commit.files[rest];
    const headers = { "X-Repo-Commit": commit.name, "Accept-Ranges": "bytes" };
    if (content === undefined)
      return fail(response, 404, { ...headers, "X-Error-Code": "EntryNotFound" }, "Entry not found");
    if (!allowed) {
      return fail(
        response,
        token ? 403 : 401,
        { ...headers, "X-Error-Code": "GatedRepo" },
        `Access to ${kind} ${repo} is restricted`,
      );
    }
    const data = bytesOf(content);
    if (!isLarge(rest)) return send(request, response, data, { ...headers, ETag: `"${gitHash(data)}"` }, fault);
    const place = `/repos/${sha256(data)}?signature=${encodeURIComponent(rest)}`;
    contents.set(place, data);
    response.writeHead(302, {
      ...headers,
      "X-Linked-Size": data.length,
      "X-Linked-Etag": `"${sha256(data)}"`,
      Location: `${address(cdn)}${place}`,
    });
    response.end();
  }

  function tree(response: ServerResponse, url: URL, listed: ReturnType<typeof describe>[], folder: string) {
    const under = folder === "" ? listed : listed.filter(({ path }) => path.startsWith(`${folder}/`));
    const start = folder === "" ? 0 : folder.length + 1;
    const folders = new Set(
      under.flatMap(({ path }) => (path.includes("/", start) ? [path.slice(0, path.indexOf("/", start))] : [])),
    );
    const entries = [
      ...[...folders].map((path) => ({ type: "directory", path, size: 0, oid: gitHash(Buffer.from(path)) })),
      ...under.filter(({ path }) => url.searchParams.get("recursive") === "true" || !path.includes("/", start)),
    ];
    const from = Number(url.searchParams.get("cursor") ?? 0);
    if (from + 3 < entries.length) {
      url.searchParams.set("cursor", String(from + 3));
      response.setHeader("Link", `<${endpoint}${url.pathname}${url.search}>; rel="next"`);
    }
    json(response, entries.slice(from, from + 3));
  }
}

const address = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString();
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}

function fail(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  message: string,
): void {
  response.writeHead(status, { "Content-Type": "application/json", "X-Error-Message": message, ...headers });
  response.end(JSON.stringify({ error: message }));
}

/** Sends a file or the range of it that was asked for, as well as the fault lets it. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  data: Uint8Array,
  headers: Readonly<Record<string, string>>,
  fault: Fault | undefined,
): void {
  const range = fault?.ignoreRange ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, data.length) : data.length;
  if (start >= data.length && range) {
    response.writeHead(416, { "Content-Range": `bytes */${data.length}` }).end();
    return;
  }
  const body = Buffer.from(data.subarray(start, end));
  if (fault?.corrupt) body[body.length >> 1] ^= 1;
  response.writeHead(range ? 206 : 200, {
    ...headers,
    "Content-Length": body.length,
    ...(range && { "Content-Range": `bytes ${start}-${end - 1}/${data.length}` }),
  });
  const stop = fault?.cutAfter ?? fault?.stallAfter;
  if (stop === undefined) {
    response.end(body);
  } else {
    response.write(body.subarray(0, stop), async () => {
      await fault?.cutWhen;
      if (fault?.cutAfter !== undefined) response.destroy();
    });
  }
}
