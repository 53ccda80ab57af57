import { datasetInfo, listFiles, modelInfo, pathsInfo } from "@huggingface/hub";
import { SaeError } from "@sae/core";
import { downloadBlob } from "./downloadBlob.js";
import { type HubCache, hubCache } from "./hubCache.js";
import { HubFailure, type HubSubject, subjectName } from "./hubFailure.js";
import { hubFetch } from "./hubRequest.js";
import { type HubOptions, type HubSettings, hubSettings } from "./hubSettings.js";

/** Which repository, at which revision, and who is told how far it is. */
export interface HubRepoOptions extends HubOptions {
  /** "org/name". */
  readonly repo: string;
  readonly kind?: "model" | "dataset";
  /** Branch, tag or commit. Default "main". */
  readonly revision?: string;
  /** Called for each piece that came. */
  readonly onProgress?: (progress: HubProgress) => void;
}

/** How far a fetch is. */
export interface HubProgress {
  /** File that is being fetched. */
  readonly path: string;
  /** Bytes of all files that are on the disk. */
  readonly bytes: number;
  /** Bytes of all files. */
  readonly totalBytes: number;
}

/** Files of a repository at one commit, on the disk. */
export interface HubSnapshot {
  /** Local folder; the files have their paths of the repository in it. */
  readonly folder: string;
  readonly repo: string;
  readonly kind: "model" | "dataset";
  /** The commit that the revision was resolved to. Other commits have other folders. */
  readonly commit: string;
  /** What was asked for: sizes, and what the hub names the contents by: sha256 of large files, git's hash of small ones. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly etag: string | null }>>;
}

/** A repository at one commit. */
export interface HubRepo {
  readonly commit: string;
  readonly folder: string;
  /** Paths of its files; offline those in the cache. */
  paths(options?: { readonly recursive?: boolean }): Promise<string[]>;
  /** Fetches what is not in the cache. */
  fetch(paths: readonly string[]): Promise<HubSnapshot>;
  readonly settings: HubSettings;
  /** Name for messages. */
  readonly name: string;
}

interface Entry {
  readonly bytes: number;
  readonly etag: string;
}

const isCommit = (revision: string) => /^[0-9a-f]{40}$/.test(revision);

/** See `openHubRepo`. */
export async function hubRepo(options: HubRepoOptions): Promise<HubRepo> {
  const { repo, kind = "model", revision = "main", onProgress = () => {} } = options;
  checkName(repo, revision);
  const settings = hubSettings(options);
  const cache = hubCache(settings.cacheDir, kind, repo);
  const subject: HubSubject = { kind, repo, revision };
  const { endpoint, offline } = settings;
  const commit = offline ? await cachedCommit(cache, subject) : await currentCommit();
  const pinned = { ...client(subject), repo: { type: kind, name: repo }, revision: commit } as const;
  const known = new Map<string, Entry>();

  return {
    commit,
    folder: cache.snapshot(commit),
    settings,
    name: subjectName(subject),
    async paths({ recursive = false } = {}) {
      if (offline) return (await cache.paths(commit)).filter((path) => recursive || !path.includes("/"));
      try {
        for await (const entry of listFiles({ ...pinned, recursive })) remember(entry);
      } catch (cause) {
        throw unreadable(cause);
      }
      return [...known.keys()].sort();
    },
    async fetch(paths) {
      const wanted = [...new Set(paths)];
      const missing: string[] = [];
      for (const path of wanted) if ((await cache.file(commit, path)) === null) missing.push(path);
      if (missing.length > 0) {
        if (offline) throw notInCache(missing);
        await describe(missing.filter((path) => !known.has(path)));
        await download(wanted, missing);
      }
      const files: Record<string, { bytes: number; etag: string | null }> = {};
      for (const path of wanted) {
        const file = await cache.file(commit, path);
        if (file !== null) files[path] = file;
      }
      return { folder: cache.snapshot(commit), repo, kind, commit, files };
    },
  };

  /** What the client's functions need. The token is the business of our `fetch`: the client takes only those that begin with "hf_". */
  function client(about: HubSubject) {
    return { hubUrl: endpoint, fetch: hubFetch(settings, about) };
  }

  async function currentCommit(): Promise<string> {
    if (isCommit(revision)) return revision;
    const asked = { ...client(subject), name: repo, revision };
    const info =
      kind === "model"
        ? modelInfo({ ...asked, additionalFields: ["sha"] })
        : datasetInfo({ ...asked, additionalFields: ["sha"] });
    const { sha } = await info.catch(unreadable);
    if (typeof sha !== "string" || !isCommit(sha)) throw unreadable(new Error(`needed a commit, got ${sha}`));
    await cache.writeRef(revision, sha);
    return sha;
  }

  function remember({
    type,
    path,
    size,
    oid,
    lfs,
  }: {
    type: string;
    path: string;
    size: number;
    oid?: string;
    lfs?: { oid: string };
  }) {
    const etag = lfs?.oid ?? oid ?? "";
    if (type !== "file") return;
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(etag)) throw unreadable(new Error(`${path} has no hash`));
    known.set(path, { bytes: size, etag });
  }

  async function describe(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    for (const entry of await pathsInfo({ ...pinned, paths: [...paths] }).catch(unreadable)) remember(entry);
    const absent = paths.find((path) => !known.has(path));
    if (absent === undefined) return;
    throw new SaeError(
      "hub_file_not_found",
      `fetch ${subjectName(subject)}: ${repo} has no file "${absent}" at "${revision}"; look at its list of files`,
    );
  }

  async function download(wanted: readonly string[], missing: readonly string[]): Promise<void> {
    const bytesOf = new Map<string, number>();
    for (const path of wanted) {
      bytesOf.set(path, known.get(path)?.bytes ?? (await cache.file(commit, path))?.bytes ?? 0);
    }
    const totalBytes = [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0);
    let before = wanted
      .filter((path) => !missing.includes(path))
      .reduce((sum, path) => sum + (bytesOf.get(path) ?? 0), 0);
    for (const path of missing) {
      const { bytes, etag } = known.get(path) as Entry;
      const base = before;
      await downloadBlob({
        settings,
        subject: { ...subject, path },
        url: resolveUrl(path),
        blob: cache.blob(etag),
        bytes,
        etag,
        onBytes: (here) => onProgress({ path, bytes: base + here, totalBytes }),
      });
      await cache.link(commit, path, etag);
      before += bytes;
    }
  }

  function resolveUrl(path: string): string {
    const place = path.split("/").map(encodeURIComponent).join("/");
    return `${endpoint}/${kind === "dataset" ? "datasets/" : ""}${repo}/resolve/${commit}/${place}`;
  }

  function notInCache(paths: readonly string[]): SaeError {
    return new SaeError(
      "hub_offline",
      `fetch ${subjectName(subject)}: offline, and the cache ${cache.folder} has no ${paths.join(", ")} of commit ${commit}; run once without HF_HUB_OFFLINE`,
    );
  }

  function unreadable(cause: unknown): never {
    if (cause instanceof SaeError) throw cause;
    throw new HubFailure(
      "hub_answer_invalid",
      `fetch ${subjectName(subject)}: ${endpoint} answered something else than a hub does (${(cause as Error).message}); check HF_ENDPOINT`,
      { cause },
    );
  }
}

async function cachedCommit(cache: HubCache, subject: HubSubject): Promise<string> {
  if (isCommit(subject.revision)) return subject.revision;
  const commit = await cache.readRef(subject.revision);
  if (commit !== null) return commit;
  throw new SaeError(
    "hub_offline",
    `fetch ${subjectName(subject)}: offline, and the cache ${cache.folder} does not know the revision "${subject.revision}"; run once without HF_HUB_OFFLINE`,
  );
}

/** The hub's rules for names, and git's for revisions as far as they matter for paths and addresses. */
function checkName(repo: string, revision: string): void {
  const name = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;
  if (!name.test(repo) || /--|\.\.|\.git$/.test(repo)) {
    throw new SaeError("bad_reference", `fetch: needed a repository such as "org/name", got "${repo}"; correct it`);
  }
  if (!/^[\w.+/-]+$/.test(revision) || /\.\.|\/\/|^\/|\/$/.test(revision)) {
    throw new SaeError("bad_reference", `fetch ${repo}: needed a branch, tag or commit, got "${revision}"; correct it`);
  }
}
