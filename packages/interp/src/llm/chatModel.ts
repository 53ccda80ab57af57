import { setTimeout as sleep } from "node:timers/promises";
import { SaeError } from "@sae/core";
import PQueue from "p-queue";
import { answerCache } from "./answerCache.js";
import { type ChatUsage, chatAccount } from "./chatAccount.js";
import { ChatFailure } from "./chatFailure.js";
import { type ChatAnswer, type ChatPrompt, type ChatRequest, requestHash } from "./chatRequest.js";
import { type ChatOptions, type ChatPrices, type ChatSettings, chatSettings } from "./chatSettings.js";
import { completeChat } from "./completeChat.js";
import { retryDelay } from "./retryDelay.js";

/** A language model behind a server. */
export interface ChatModel {
  /** Its name. */
  readonly model: string;
  readonly prices: ChatPrices | null;
  /**
   * The answer to a prompt, from the cache if it was asked before. Any number of prompts may be asked at once: they wait for their turn.
   *
   * @throws ChatFailure; SaeError `llm_offline`, `corrupt_answer`, `disk_full`, `write_failed`
   */
  ask(prompt: ChatPrompt): Promise<ChatAnswer>;
  /** The answer if it is in the cache, else null; it does not count as used. */
  known(prompt: ChatPrompt): Promise<ChatAnswer | null>;
  /** What was asked and answered so far. */
  usage(): ChatUsage;
  /**
   * Writes the account.
   *
   * @throws SaeError `disk_full`, `folder_not_found`, `write_failed`
   */
  close(): Promise<void>;
}

/**
 * A model of an OpenAI-compatible server. Every answer is kept on the disk under a hash of model, messages and parameters before it is handed out, so that
 * nothing is paid for twice, and a run that is over can be repeated without the server.
 *
 * What may pass (429, 5xx, a connection that broke, silence) is asked again, after a wait that doubles or that the server names. What will not is an error
 * at once. When the key or the model is refused, or `giveUpAfter` requests in a row have failed for good, nothing more is sent and everything that is not in
 * the cache fails alike.
 *
 * @throws SaeError `bad_option`
 * @example
 * const chat = openChatModel({ model: "gpt-4o-mini", cache: "answers", prices: { prompt: 0.15, completion: 0.6 } });
 */
export function openChatModel(options: ChatOptions): ChatModel {
  const settings = chatSettings(options);
  const { model, temperature, seed, prices } = settings;
  const cache = answerCache(settings.cache);
  const account = chatAccount(prices, settings.account);
  const askServer = serverQueue(settings, () => account.sent());
  const underWay = new Map<string, Promise<ChatAnswer>>();
  const requestOf = ({ messages, maxTokens }: ChatPrompt): ChatRequest => ({
    model,
    messages,
    temperature,
    seed,
    maxTokens,
  });

  const answer = async (request: ChatRequest, hash: string): Promise<ChatAnswer> => {
    const kept = await cache.read(request);
    if (kept === null && settings.offline) {
      throw new SaeError(
        "llm_offline",
        `ask ${model}: offline, and the answer ${hash.slice(0, 16)} is not in ${settings.cache}; run once with the server`,
      );
    }
    const given = kept ?? (await askServer(request, hash));
    if (kept === null) await cache.write(request, given);
    account.answered(hash, given, kept !== null);
    return given;
  };
  return {
    model,
    prices,
    ask(prompt) {
      const request = requestOf(prompt);
      const hash = requestHash(request);
      const found = underWay.get(hash) ?? answer(request, hash).finally(() => underWay.delete(hash));
      underWay.set(hash, found);
      return found;
    },
    known: (prompt) => cache.read(requestOf(prompt)),
    usage: account.usage,
    close: account.close,
  };
}

/** Sends requests, some at once, each until it is answered or has failed for good. */
function serverQueue(settings: ChatSettings, onSent: () => void) {
  const { concurrency, retries, longestWaitMs, giveUpAfter } = settings;
  const queue = new PQueue({ concurrency });
  const stop = new AbortController();
  let seen = false;
  let failuresInARow = 0;
  /** Nobody asks before this, by the server's wish. */
  let quietUntil = 0;

  const attempt = async (request: ChatRequest): Promise<ChatAnswer> => {
    for (let left = quietUntil - performance.now(); left > 0; left = quietUntil - performance.now()) await pause(left);
    stop.signal.throwIfAborted();
    onSent();
    const answer = await completeChat(settings, request, seen);
    seen = true;
    failuresInARow = 0;
    return answer;
  };
  /** Waits, but not when there is nothing left to wait for. */
  const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => stop.signal.throwIfAborted());

  const ask = async (request: ChatRequest, hash: string): Promise<ChatAnswer> => {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt(request);
      } catch (error) {
        if (stop.signal.aborted || !(error instanceof ChatFailure)) throw error;
        const { transient, waitMs } = error;
        if (!transient || failures > retries || waitMs > longestWaitMs) {
          failuresInARow++;
          if (error.common || failuresInARow >= giveUpAfter) stop.abort(error);
          throw error;
        }
        quietUntil = Math.max(quietUntil, performance.now() + waitMs);
        await pause(retryDelay(settings, hash, failures));
      }
    }
  };
  return (request: ChatRequest, hash: string) => queue.add(() => ask(request, hash));
}
