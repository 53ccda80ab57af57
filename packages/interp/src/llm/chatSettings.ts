import { SaeError } from "@sae/core";

/** Price of a model in any one currency, for a million tokens. */
export interface ChatPrices {
  readonly prompt: number;
  readonly completion: number;
}

/**
 * Which model is asked, and how. The key is taken from the environment variable OPENAI_API_KEY, so that it never stands in a file of options; servers
 * that want none get none.
 */
export interface ChatOptions {
  /** Name of the model as the server knows it. There is no default: some cost money. */
  readonly model: string;
  /** Folder of the answers, made when it is not there. What is in it is never asked again. */
  readonly cache: string;
  /** Address of an OpenAI-compatible server, with its /v1; else OPENAI_BASE_URL, https://api.openai.com/v1. */
  readonly baseUrl?: string;
  /** Default 0; null leaves it to the server, for models that refuse the parameter. */
  readonly temperature?: number | null;
  /** Of the server's sampling. Default 0; null leaves it to the server. */
  readonly seed?: number | null;
  /** Name of the parameter that limits an answer: newer hosted models know the second only. Default `max_tokens`. */
  readonly limitName?: "max_tokens" | "max_completion_tokens";
  /** Requests at once. Default 4. */
  readonly concurrency?: number;
  /** A request without a whole answer after so long is given up; at most 300 000, where Node gives up by itself. Default 120 000. */
  readonly timeoutMs?: number;
  /** How often a request is repeated that failed for a reason that may pass. Default 5. */
  readonly retries?: number;
  /** Wait before the first repetition; it doubles each time. Default 1000. */
  readonly retryMs?: number;
  /** Longest wait; a server that asks for a longer one has failed. Default 60 000. */
  readonly longestWaitMs?: number;
  /** After so many failed requests in a row no more are sent. Default 3. */
  readonly giveUpAfter?: number;
  /** Send nothing: answers come from the cache, and one that is not there is an error. */
  readonly offline?: boolean;
  readonly prices?: ChatPrices;
  /** JSON file that keeps the account of tokens and costs. */
  readonly account?: string;
}

/** Options with defaults and environment filled in. */
export interface ChatSettings extends Required<Omit<ChatOptions, "prices" | "account">> {
  readonly apiKey: string | null;
  readonly prices: ChatPrices | null;
  readonly account: string | null;
}

/** Where Node's fetch gives up by itself. */
const nodeTimeoutMs = 300_000;

/**
 * Fills in defaults and environment.
 *
 * @throws SaeError `bad_option`
 */
export function chatSettings(options: ChatOptions): ChatSettings {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = process.env;
  const settings: ChatSettings = {
    model: options.model,
    cache: options.cache,
    baseUrl: checkedUrl(options.baseUrl ?? (OPENAI_BASE_URL || "https://api.openai.com/v1")),
    apiKey: OPENAI_API_KEY?.trim() || null,
    temperature: options.temperature === undefined ? 0 : options.temperature,
    seed: options.seed === undefined ? 0 : options.seed,
    limitName: options.limitName ?? "max_tokens",
    concurrency: options.concurrency ?? 4,
    timeoutMs: options.timeoutMs ?? 120_000,
    retries: options.retries ?? 5,
    retryMs: options.retryMs ?? 1000,
    longestWaitMs: options.longestWaitMs ?? 60_000,
    giveUpAfter: options.giveUpAfter ?? 3,
    offline: options.offline ?? false,
    prices: options.prices ?? null,
    account: options.account ?? null,
  };
  const { model, concurrency, timeoutMs, retries, giveUpAfter, prices } = settings;
  if (model === "") throw badOption("the name of a model", "none");
  if (!isCount(concurrency, 1)) throw badOption("a concurrency of at least 1", concurrency);
  if (!isCount(timeoutMs, 1) || timeoutMs > nodeTimeoutMs) {
    throw badOption(`a timeout of 1 to ${nodeTimeoutMs} ms`, timeoutMs);
  }
  if (!isCount(retries, 0)) throw badOption("a number of retries of at least 0", retries);
  if (!isCount(giveUpAfter, 1)) throw badOption("giveUpAfter of at least 1", giveUpAfter);
  for (const price of Object.values(prices ?? {})) if (!(price >= 0)) throw badOption("prices of at least 0", price);
  return settings;
}

const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;

const badOption = (needed: string, got: unknown) =>
  new SaeError("bad_option", `open chat model: needed ${needed}, got ${got}; correct it`);

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  // The text is not repeated when there may be a password in it.
  if (url?.username || url?.password) {
    throw badOption("an address without a password (the key goes into OPENAI_API_KEY)", "one that has it");
  }
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw badOption('the address of a server such as "http://localhost:8080/v1"', `"${text}"`);
  }
  return text.replace(/\/+$/, "");
}

/** Keys for local servers are words such as "none", which stand in answers for good reasons. */
const shortestSecret = 12;

/** A text of the server's without the key, which some servers repeat. */
export const withoutKey = (text: string, { apiKey }: Pick<ChatSettings, "apiKey">): string =>
  apiKey === null || apiKey.length < shortestSecret ? text : text.replaceAll(apiKey, "(key)");
