import { SaeError } from "@sae/core";
import { type ChatSettings, withoutKey } from "./chatSettings.js";

/** A request that got no answer. */
export class ChatFailure extends SaeError {
  /** Whether the same request may succeed later. */
  readonly transient: boolean;
  /** Whether every other request would meet the same. */
  readonly common: boolean;
  /** How long the server asked to wait, 0 when it did not. */
  readonly waitMs: number;

  constructor(
    code: string,
    message: string,
    { transient = false, common = false, waitMs = 0 }: { transient?: boolean; common?: boolean; waitMs?: number } = {},
  ) {
    super(code, message);
    this.transient = transient;
    this.common = common;
    this.waitMs = waitMs;
  }
}

type Asked = Pick<ChatSettings, "model" | "baseUrl" | "apiKey" | "timeoutMs">;

const asking = ({ model, baseUrl }: Asked) => `ask ${model} at ${baseUrl}`;
const sameCommand = "the same command asks only for what is missing";

/**
 * The error of an answer that is not 2xx, with the server's words and what to do.
 *
 * @param body text of the answer
 */
export function answerFailure(settings: Asked, status: number, headers: Headers, body: string): ChatFailure {
  const { words, code } = serverWords(withoutKey(body, settings));
  const got = `${asking(settings)}: the server answered ${status}${words ? ` (${words})` : ""}`;
  const lasting = (name: string, rest: string, common = true) => new ChatFailure(name, `${got}; ${rest}`, { common });
  if (status === 401) {
    return settings.apiKey === null
      ? lasting("llm_key_rejected", "it wants a key: set OPENAI_API_KEY")
      : lasting("llm_key_rejected", "set OPENAI_API_KEY to a key of this server");
  }
  if (status === 402 || code === "insufficient_quota") {
    return lasting("llm_no_credit", `the account has no credit: add some, then ${sameCommand}`);
  }
  if (status === 403) return lasting("llm_forbidden", "use a key that may use this model, or another model");
  if (status === 404 || status === 405) {
    return lasting(
      "llm_model_not_found",
      "check the model's name (GET /models lists those that there are) and the address, which mostly ends in /v1",
    );
  }
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    const remedy = status === 429 ? "ask for fewer at once (concurrency), or try again later" : "try again later";
    return new ChatFailure("llm_failed", `${got}; ${remedy}: ${sameCommand}`, {
      transient: true,
      waitMs: waitMs(headers),
    });
  }
  return lasting(
    "llm_request_rejected",
    "if the prompt is too long give the judge fewer sequences at once, if a parameter is not known leave it to the server",
    false,
  );
}

/**
 * The error of a 2xx answer that is no chat completion.
 *
 * @param needed what is missing in it
 */
export const invalidAnswer = (settings: Asked, needed: string, body: string): ChatFailure =>
  new ChatFailure(
    "llm_answer_invalid",
    `${asking(settings)}: ${needed}, got ${excerpt(withoutKey(body, settings)) || "nothing"}; check that the address is that of an OpenAI-compatible server (it mostly ends in /v1)`,
    { transient: true },
  );

/** The error of a request that took too long. */
export const timedOut = (settings: Asked): ChatFailure =>
  new ChatFailure(
    "llm_timed_out",
    `${asking(settings)}: no whole answer after ${settings.timeoutMs} ms; give it more time, or the judge fewer sequences at once: ${sameCommand}`,
    { transient: true },
  );

/** Faults of the network that mean that there is no server. */
const absent: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here",
  EAI_AGAIN: "its name cannot be looked up",
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no network",
};

/**
 * The error of a request whose connection failed.
 *
 * @param cause what `fetch` or its body threw
 * @param seen whether the server has answered before: one that was there may come back
 */
export function networkFailure(settings: Asked, cause: unknown, seen: boolean): ChatFailure {
  // fetch wraps the system's error
  const { code = "", message } = ((cause as Error).cause ?? cause) as NodeJS.ErrnoException;
  if (code in absent) {
    return new ChatFailure(
      "llm_unreachable",
      `${asking(settings)}: ${absent[code]} (${code}); start the server or correct the address (OPENAI_BASE_URL), then ${sameCommand}`,
      { transient: seen, common: !seen },
    );
  }
  return new ChatFailure(
    "llm_interrupted",
    `${asking(settings)}: the connection broke off (${withoutKey(message || code, settings)}); ${sameCommand}`,
    { transient: true },
  );
}

/** Whatever a server has to say, wherever in its answer it says it. */
function serverWords(body: string): { words: string; code?: unknown } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { words: excerpt(body) };
  }
  const { error, message, detail } = (parsed ?? {}) as Record<string, unknown>;
  const said = (error as { message?: unknown } | undefined)?.message ?? error ?? message ?? detail ?? parsed;
  return {
    words: excerpt(typeof said === "string" ? said : JSON.stringify(said)),
    code: (error as { code?: unknown } | undefined)?.code,
  };
}

const longestExcerpt = 300;

const excerpt = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= longestExcerpt ? line : `${line.slice(0, longestExcerpt)}…`;
};

/** How long the server asks to wait: milliseconds, seconds, or until a date. */
function waitMs(headers: Headers): number {
  const ms = Number(headers.get("Retry-After-Ms") ?? Number.NaN);
  if (ms >= 0) return ms;
  const after = headers.get("Retry-After") ?? "";
  const seconds = after === "" ? Number.NaN : Number(after);
  if (seconds >= 0) return 1000 * seconds;
  return Math.max(0, Date.parse(after) - Date.now() || 0);
}
