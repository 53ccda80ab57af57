import { SaeError } from "@sae/core";

/** What a request is for: errors name it. */
export interface HubSubject {
  readonly kind: "model" | "dataset";
  /** "org/name". */
  readonly repo: string;
  readonly revision: string;
  /** File inside the repository, when the request is for one. */
  readonly path?: string;
}

/** An error of a request, which may be worth repeating. */
export class HubFailure extends SaeError {
  /** Whether the same request may succeed later. */
  readonly transient: boolean;
  /** How long the server asked to wait, 0 when it did not. */
  readonly waitMs: number;

  constructor(code: string, message: string, options: { transient?: boolean; waitMs?: number; cause?: unknown } = {}) {
    super(code, message, { cause: options.cause });
    this.transient = options.transient ?? false;
    this.waitMs = options.waitMs ?? 0;
  }
}

/** Name of what is fetched: "org/name@main", "org/name@main/config.json". */
export const subjectName = ({ kind, repo, revision, path }: HubSubject): string =>
  `${kind === "dataset" ? "datasets/" : ""}${repo}@${revision}${path === undefined ? "" : `/${path}`}`;

/**
 * The error of an answer that is not 2xx. The hub says in `X-Error-Code` what it means; it answers 401 where a repository does not exist, so
 * that nobody learns which private ones do.
 *
 * @param response answer whose body is not read
 * @param subject what was asked for
 * @param token whether a token was sent along
 */
export function answerFailure(response: Response, subject: HubSubject, token: boolean): HubFailure {
  const { status, headers } = response;
  const word = headers.get("X-Error-Code");
  const said = headers.get("X-Error-Message");
  const fetching = `fetch ${subjectName(subject)}`;
  const got = `the hub answered ${status}${said ? ` (${said})` : ""}`;
  const failure = (code: string, rest: string) => new HubFailure(code, `${fetching}: ${rest}`);
  if (word === "GatedRepo") {
    return failure(
      "hub_gated",
      `${got}: ${subject.repo} is for accounts that accepted its terms; accept them on its page, then set HF_TOKEN to a token of that account`,
    );
  }
  if (word === "RevisionNotFound") {
    return failure(
      "hub_revision_not_found",
      `${subject.repo} has no revision "${subject.revision}"; give a branch, a tag or a commit that its page lists`,
    );
  }
  if (word === "EntryNotFound" || (status === 404 && word === null && subject.path !== undefined)) {
    return failure(
      "hub_file_not_found",
      `${subject.repo} has no file "${subject.path ?? ""}" at "${subject.revision}"; look at its list of files`,
    );
  }
  if (status === 401 && token && word !== "RepoNotFound") {
    return failure(
      "hub_token_rejected",
      `${got} to the token; make a new one, set HF_TOKEN to it, or unset HF_TOKEN for what is public`,
    );
  }
  if (status === 401 || status === 404) {
    return failure(
      "hub_repo_not_found",
      `${got}: no ${subject.kind} "${subject.repo}" for everyone to read; check the name, and if it is private set HF_TOKEN to a token that may read it`,
    );
  }
  if (status === 403) {
    return failure("hub_forbidden", `${got}; set HF_TOKEN to a token that may read ${subject.repo}`);
  }
  const transient = status === 408 || status === 429 || status >= 500;
  return new HubFailure("hub_failed", `${fetching}: ${got}; ${transient ? "try again later" : "check HF_ENDPOINT"}`, {
    transient,
    waitMs: 1000 * (Number(headers.get("Retry-After")) || 0),
  });
}

/** Faults of the network that a repetition a moment later does not heal. */
const lasting: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here",
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no network",
};

/**
 * The error of a request that got no answer, or whose answer broke off.
 *
 * @param cause what `fetch` or its body threw
 * @param subject what was asked for
 * @param endpoint address that was asked
 */
export function networkFailure(cause: unknown, subject: HubSubject, endpoint: string): HubFailure {
  const root = rootCause(cause);
  const errno = (root as NodeJS.ErrnoException).code ?? "";
  const fetching = `fetch ${subjectName(subject)}`;
  if (errno in lasting) {
    return new HubFailure(
      "hub_unreachable",
      `${fetching}: ${endpoint} cannot be reached, ${lasting[errno]} (${errno}); check the network and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use what is in the cache`,
      { cause },
    );
  }
  return new HubFailure(
    "hub_interrupted",
    `${fetching}: the connection to ${endpoint} broke off (${root.message || errno}); run again, it continues where it stopped`,
    { cause, transient: true },
  );
}

/** Fetch wraps the system's error, and with several addresses a list of them. */
function rootCause(error: unknown): Error {
  const { cause, errors } = error as { cause?: unknown; errors?: unknown[] };
  if (cause instanceof Error) return rootCause(cause);
  if (Array.isArray(errors) && errors[0] instanceof Error) return rootCause(errors[0]);
  return error instanceof Error ? error : new Error(String(error));
}
