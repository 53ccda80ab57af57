import type { ChatOptions } from "@sae/interp";

/** How a language model that explains is reached from this machine, and what it may cost: nothing that a score depends on. */
interface LlmServer
  extends Partial<
    Pick<ChatOptions, "baseUrl" | "cache" | "concurrency" | "offline" | "prices" | "retries" | "timeoutMs">
  > {
  /** Most that the questions about one SAE may cost, in the currency of the prices. */
  readonly budget?: number;
}

/** Facts for jobs that ask it. */
export const localLlmServer = (server: LlmServer): Record<string, string> => ({ llmServer: JSON.stringify(server) });

/** See {@link localLlmServer}; what is not there has its defaults. */
export const readLlmServer = ({ llmServer = "{}" }: Readonly<Record<string, string>>): LlmServer =>
  JSON.parse(llmServer) as LlmServer;
