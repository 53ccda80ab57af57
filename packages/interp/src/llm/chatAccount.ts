import { writeFileAtomic } from "@sae/core";
import type { ChatAnswer } from "./chatRequest.js";
import type { ChatPrices } from "./chatSettings.js";
import { costOf } from "./estimateTokens.js";

/** Answers and what they cost. */
export interface ChatTotals {
  readonly answers: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Answers whose server did not count their tokens: they are not in these numbers. */
  readonly uncounted: number;
  /** In the currency of the prices; null without prices. */
  readonly cost: number | null;
}

/** What was asked of a model. */
export interface ChatUsage {
  /** All answers that were used, each once, whenever they were paid for. */
  readonly used: ChatTotals;
  /** Those of them that were not in the cache. */
  readonly asked: ChatTotals;
  /** Requests that were sent, repetitions and failed ones included. What a server charges for these nobody says. */
  readonly requests: number;
  readonly prices: ChatPrices | null;
}

/** Adds up what was asked. */
export interface ChatAccount {
  sent(): void;
  answered(hash: string, answer: ChatAnswer, fromCache: boolean): void;
  usage(): ChatUsage;
  /** Waits until the file is written. */
  close(): Promise<void>;
}

/**
 * An account that writes itself to a file after each answer. A run that was killed finds its answers in the cache again, and so its account.
 *
 * @param path null for none
 */
export function chatAccount(prices: ChatPrices | null, path: string | null): ChatAccount {
  const used = counter();
  const asked = counter();
  const known = new Set<string>();
  let requests = 0;
  let written = 0;
  let changes = 0;
  let writing: Promise<void> | null = null;

  const usage = (): ChatUsage => ({ used: used.totals(prices), asked: asked.totals(prices), requests, prices });
  const write = async (): Promise<void> => {
    while (path !== null && written < changes) {
      written = changes;
      await writeFileAtomic(path, `${JSON.stringify(usage(), null, 2)}\n`);
    }
  };
  const save = (): Promise<void> => {
    writing ??= write().finally(() => {
      writing = null;
    });
    return writing;
  };
  return {
    sent: () => {
      requests++;
    },
    answered(hash, answer, fromCache) {
      if (known.has(hash)) return;
      known.add(hash);
      used.add(answer);
      if (!fromCache) asked.add(answer);
      changes++;
      save().catch(() => {}); // close says what went wrong
    },
    usage,
    async close() {
      await writing?.catch(() => {});
      changes++;
      await save();
    },
  };
}

function counter() {
  const sums = { answers: 0, promptTokens: 0, completionTokens: 0, uncounted: 0 };
  return {
    add({ promptTokens, completionTokens }: ChatAnswer): void {
      sums.answers++;
      sums.promptTokens += promptTokens ?? 0;
      sums.completionTokens += completionTokens ?? 0;
      if (promptTokens === null || completionTokens === null) sums.uncounted++;
    },
    totals: (prices: ChatPrices | null): ChatTotals => ({ ...sums, cost: costOf(sums, prices) }),
  };
}
