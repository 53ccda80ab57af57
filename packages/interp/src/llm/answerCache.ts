import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SaeError, writeError, writeFileAtomic } from "@sae/core";
import { z } from "zod";
import { type ChatAnswer, type ChatRequest, requestHash } from "./chatRequest.js";

/**
 * Answers on the disk, by the hash of what was asked:
 *
 *   <folder>/3f/3fa0….json   request and answer, for people to read, too
 */
export interface AnswerCache {
  /**
   * @returns null when it was never answered
   * @throws SaeError `corrupt_answer`, `read_failed`
   */
  read(request: ChatRequest): Promise<ChatAnswer | null>;
  /** @throws SaeError `disk_full`, `write_failed` */
  write(request: ChatRequest, answer: ChatAnswer): Promise<void>;
}

const stored = z.object({
  answer: z.object({
    text: z.string(),
    cut: z.boolean(),
    promptTokens: z.number().nullable(),
    completionTokens: z.number().nullable(),
  }),
});

/** Several processes may use one folder at once: each file is there as a whole or not at all. */
export function answerCache(folder: string): AnswerCache {
  const pathOf = (request: ChatRequest) => {
    const hash = requestHash(request);
    return join(folder, hash.slice(0, 2), `${hash}.json`);
  };
  return {
    async read(request) {
      const path = pathOf(request);
      const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return null;
        throw new SaeError("read_failed", `read ${path}: ${cause.message}`, { cause });
      });
      return text === null ? null : parsed(path, text);
    },
    async write({ model, temperature, seed, maxTokens, messages }, answer) {
      const path = pathOf({ model, temperature, seed, maxTokens, messages });
      await mkdir(dirname(path), { recursive: true }).catch((cause) => {
        throw writeError(path, cause);
      });
      const request = { model, temperature, seed, maxTokens, messages };
      await writeFileAtomic(path, `${JSON.stringify({ request, answer }, null, 2)}\n`);
    },
  };
}

function parsed(path: string, text: string): ChatAnswer {
  try {
    return stored.parse(JSON.parse(text)).answer;
  } catch (cause) {
    throw new SaeError("corrupt_answer", `read ${path}: not an answer that was kept; delete it to ask again`, {
      cause,
    });
  }
}
