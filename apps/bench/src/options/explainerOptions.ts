import { join } from "node:path";
import { SaeError } from "@sae/core";
import { localLlmServer } from "../evaluations/autointerp/llmServer.js";
import { count, flag, type Option, real, type Values, word } from "./option.js";

const group = "Language model that explains";

const prices = {
  hint: "IN,OUT",
  describe: "prices of the model for a million tokens of questions and of answers, for estimate and account",
  otherwise: "not known",
  group,
  parse: (text) => {
    const [prompt, completion, ...more] = text
      .split(",")
      .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
    if (prompt >= 0 && completion >= 0 && more.length === 0) return { prompt, completion };
    throw new SaeError("bad_option", `needed two numbers of at least 0 such as 0.15,0.6, got '${text}'`);
  },
} satisfies Option<{ readonly prompt: number; readonly completion: number }>;

/** Options of AutoInterp by a language model behind a server. */
export const explainerOptions = {
  explainerModel: word({
    describe:
      "model that describes latents and judges the descriptions (evaluation autointerp-llm, at the middle target), by the name that its server knows it by; its key is read from OPENAI_API_KEY only",
    otherwise: "none: it may cost money",
    hint: "NAME",
    group,
  }),
  explainerUrl: word({
    describe: "address of its OpenAI-compatible server",
    otherwise: "OPENAI_BASE_URL, or https://api.openai.com/v1",
    hint: "URL",
    group,
  }),
  explainerPrices: prices,
  explainerBudget: real({
    describe: "most that the questions about one SAE may cost by the estimate; 0 shows the estimate and sends nothing",
    otherwise: "no limit",
    least: 0,
    group,
  }),
  explainerBatch: count({
    describe: "texts that are judged in one question",
    otherwise: "all, as in the paper",
    group,
  }),
  explainerMaxTokens: count({
    describe: "most tokens of an answer; more for models that think aloud",
    otherwise: "80 for a description, 4 a text for the verdicts",
    group,
  }),
  explainerConcurrency: count({ describe: "requests at once, of each worker", otherwise: "4", group }),
  explainerTimeout: real({
    describe: "seconds until a request without an answer is given up",
    otherwise: "120",
    above: 0,
    most: 300,
    hint: "S",
    group,
  }),
  explainerRetries: count({
    describe: "how often a request is repeated that failed for a reason that may pass; the waits double from 1 s on",
    otherwise: "5",
    least: 0,
    group,
  }),
  explainerCache: word({
    describe: "folder of its answers: what is in it is never asked again, in whichever study",
    otherwise: "OUT/answers",
    hint: "DIR",
    group,
  }),
  explainerOffline: flag({ describe: "ask nobody: answers come from the folder, a missing one is an error", group }),
};

/** The name of the evaluation that these options are for. */
export const llmEvaluation = "autointerp-llm";

/**
 * Options of the evaluation, and facts for its jobs.
 *
 * @param out folder for results
 * @throws SaeError `missing_option` when an option or the evaluation itself is given without a model
 */
export function chosenExplainer(
  values: Values<typeof explainerOptions>,
  { out, isAsked }: { readonly out: string; readonly isAsked: boolean },
): { readonly config: Readonly<Record<string, unknown>>; readonly local: Readonly<Record<string, string>> } | null {
  const { explainerModel: model, explainerBatch: batch, explainerMaxTokens: maxTokens } = values;
  if (model === undefined) {
    const given = Object.entries(values).filter(([name, value]) => name.startsWith("explainer") && value !== undefined);
    if (!isAsked && given.length === 0) return null;
    throw new SaeError(
      "missing_option",
      `${llmEvaluation}: needed to know which model explains; pass --explainer-model NAME`,
    );
  }
  const { explainerTimeout: seconds } = values;
  return {
    config: { model, ...(batch !== undefined && { batch }), ...(maxTokens !== undefined && { maxTokens }) },
    local: localLlmServer({
      cache: values.explainerCache ?? join(out, "answers"),
      ...(values.explainerUrl !== undefined && { baseUrl: values.explainerUrl }),
      ...(values.explainerPrices !== undefined && { prices: values.explainerPrices }),
      ...(values.explainerBudget !== undefined && { budget: values.explainerBudget }),
      ...(values.explainerConcurrency !== undefined && { concurrency: values.explainerConcurrency }),
      ...(values.explainerRetries !== undefined && { retries: values.explainerRetries }),
      ...(seconds !== undefined && { timeoutMs: Math.ceil(1000 * seconds) }),
      ...(values.explainerOffline && { offline: true }),
    }),
  };
}
