/*
 * The cache of the hub's tools, one folder a repository:
 *
 *   models--org--name/refs/main                      commit that "main" was when it was last asked for
 *   models--org--name/blobs/ETAG                     contents: sha256 of large files, git's hash of small ones
 *   models--org--name/blobs/ETAG.incomplete          the part that came so far
 *   models--org--name/snapshots/COMMIT/config.json   link to the blob
 */
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { getRepoFolderName } from "@huggingface/hub";
import { SaeError, writeError, writeFileAtomic } from "@sae/core";

/** Where one repository is in the cache. */
export interface HubCache {
  readonly folder: string;
  /** Folder of the files at one commit. */
  snapshot(commit: string): string;
  blob(etag: string): string;
  /** The commit that a branch or tag was when it was last asked for, null if it never was. */
  readRef(revision: string): Promise<string | null>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** Makes a blob a file of a snapshot. */
  link(commit: string, path: string, etag: string): Promise<void>;
  /** Size and etag of a file of a snapshot; null if it is not there. The etag is null where files are copies because the disk has no links. */
  file(commit: string, path: string): Promise<{ readonly bytes: number; readonly etag: string | null } | null>;
  /** Paths of the files of a snapshot that are here, sorted. */
  paths(commit: string): Promise<string[]>;
}

/**
 * @param cacheDir folder of all repositories
 * @param kind models and datasets have separate names
 * @param repo "org/name"
 */
export function hubCache(cacheDir: string, kind: "model" | "dataset", repo: string): HubCache {
  const folder = join(cacheDir, getRepoFolderName({ type: kind, name: repo }));
  const snapshot = (commit: string) => join(folder, "snapshots", commit);
  const blob = (etag: string) => join(folder, "blobs", etag);
  const ref = (revision: string) => join(folder, "refs", inside(revision));
  return {
    folder,
    snapshot,
    blob,
    readRef: (revision) =>
      readFile(ref(revision), "utf8").then(
        (text) => text.trim(),
        () => null,
      ),
    async writeRef(revision, commit) {
      await makeFolder(dirname(ref(revision)));
      await writeFileAtomic(ref(revision), commit);
    },
    async link(commit, path, etag) {
      const file = join(snapshot(commit), inside(path));
      await makeFolder(dirname(file));
      // Another process may do the same: whoever renames last wins, and readers never see a file that is missing.
      const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
      try {
        await symlink(relative(dirname(file), blob(etag)), temporary).catch(() => copyFile(blob(etag), temporary));
        await rename(temporary, file);
      } catch (cause) {
        await rm(temporary, { force: true });
        throw writeError(file, cause);
      }
    },
    async file(commit, path) {
      const file = join(snapshot(commit), inside(path));
      const found = await stat(file).catch(() => null);
      if (!found?.isFile()) return null;
      const target = await realpath(file);
      return { bytes: found.size, etag: basename(dirname(target)) === "blobs" ? basename(target) : null };
    },
    async paths(commit) {
      const root = snapshot(commit);
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => !entry.isDirectory() && !entry.name.endsWith(".tmp"))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .sort();
    },
  };
}

const makeFolder = (folder: string) =>
  mkdir(folder, { recursive: true }).catch((cause) => {
    throw writeError(folder, cause);
  });

/** Names come from a server: none may lead out of the cache. */
function inside(path: string): string {
  const segments = path.split("/");
  if (
    path === "" ||
    /[\\:\0]/.test(path) ||
    segments.some((segment) => segment === "" || segment === "." || segment === "..")
  ) {
    throw new SaeError(
      "bad_path",
      `fetch: needed a path inside the repository such as "data/train.csv", got "${path}"; correct it`,
    );
  }
  return path;
}
