/*
 * An OpenAI-compatible server on this machine. Its model knows words and letters: shown passages with marks it answers `the word "cat"`, or `the letters "ca"`
 * when they are part of a word, and told that a unit is active on these it finds the passages with them. It can be told to fail.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChatMessage } from "./llm/chatRequest.js";
import { mark } from "./llm/sequenceText.js";

/** What happens to the next request whose conversation matches. */
interface ChatFault {
  /** Any when left out. */
  readonly at?: RegExp;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of the answer; an object is sent as JSON. */
  readonly body?: unknown;
  /** What the model says. */
  readonly says?: string;
  /** The answer is cut off at its most tokens. */
  readonly length?: boolean;
  /** Nothing more comes: before the head of the answer, or after the first bytes of the body. */
  readonly stall?: "head" | "body";
  /** The connection is closed: before the head of the answer, or after the first bytes of the body. */
  readonly cut?: "head" | "body";
}

interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { readonly model: string; readonly messages: readonly ChatMessage[] } & Readonly<
    Record<string, unknown>
  >;
}

export interface ChatServer {
  readonly baseUrl: string;
  /** All requests so far. */
  readonly requests: SeenRequest[];
  readonly faults: ChatFault[];
  /** Most requests that were under way at once. */
  mostAtOnce: number;
  /** It waits, a second at most, until so many requests are under way. */
  together: number;
  /** It answers so many requests, then it is gone for good. */
  diesAfter: number;
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startChatServer(): Promise<ChatServer> {
  let open = 0;
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request)) as SeenRequest["body"];
    if (state.requests.length >= state.diesAfter) {
      server.close();
      return void request.socket.destroy();
    }
    state.requests.push({ path: request.url ?? "", authorization: request.headers.authorization, body });
    state.mostAtOnce = Math.max(state.mostAtOnce, ++open);
    for (let waited = 0; open < state.together && waited < 1000; waited++) await sleep(1);
    open--;
    const conversation = body.messages.map(({ content }) => content).join("\n");
    const place = state.faults.findIndex(({ at }) => at?.test(conversation) ?? true);
    const [fault = {}] = place < 0 ? [] : state.faults.splice(place, 1);
    answer(response, body, fault);
  });
  const state: ChatServer = {
    baseUrl: "",
    requests: [],
    faults: [],
    mostAtOnce: 0,
    together: 1,
    diesAfter: Number.POSITIVE_INFINITY,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
}

function answer(response: ServerResponse, { messages }: SeenRequest["body"], fault: ChatFault): void {
  if (fault.stall === "head") return;
  if (fault.cut === "head") return void response.destroy();
  const says = fault.says ?? understand(messages[1]?.content ?? "");
  const completion = {
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: says },
        finish_reason: fault.length ? "length" : "stop",
      },
    ],
    usage: {
      prompt_tokens: words(messages.map(({ content }) => content).join(" ")).length,
      completion_tokens: words(says).length,
    },
  };
  const { body = fault.status === undefined ? completion : { error: { message: "as told" } } } = fault;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(fault.status ?? 200, { "Content-Type": "application/json", ...fault.headers });
  if (fault.stall === undefined && fault.cut === undefined) response.end(text);
  else response.write(text.slice(0, 10), () => fault.cut && response.destroy());
}

/** Finds what is marked most often, or the passages that a description fits. */
function understand(question: string): string {
  const [, kind, described] = /^The unit is active on the (word|letters) "(.+)"$/m.exec(question) ?? [];
  if (described === undefined) {
    const marked = question.matchAll(new RegExp(`(\\p{L}?)${mark.open}(.+?)${mark.close}(\\p{L}?)`, "gu"));
    return mostFrequent(
      Array.from(marked, ([, before, text, after]) => `the ${before || after ? "letters" : "word"} "${text}"`),
    );
  }
  const passages = question.matchAll(/^(\d+)\. (.*)$/gm);
  const fitting = Array.from(passages).filter(([, , text]) =>
    kind === "letters" ? text.includes(described) : words(text).includes(described),
  );
  return fitting.map(([, number]) => number).join(", ") || "none";
}

const words = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];

function mostFrequent(list: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of list) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ["nothing", 0])[0];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString();
}
