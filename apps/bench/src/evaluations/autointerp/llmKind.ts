import { join } from "node:path";
import { SaeError } from "@sae/core";
import { type ChatEstimate, estimateChat, llmExplainer, llmJudge, openChatModel, promptVersion } from "@sae/interp";
import { z } from "zod";
import { groupThousands } from "../../figures/numberText.js";
import { defineExplainer, type ExplainerQuestions } from "./explainerKind.js";
import { readLlmServer } from "./llmServer.js";

/** A language model behind a server explains and judges. */
export const llmKind = defineExplainer({
  title: "LLM",
  about:
    "A language model explains and judges, as in the paper: one question for a description, one for all verdicts on a latent, at temperature 0. Scores of different models are different scores; the paper's are GPT-4o-mini's.",
  config: z.strictObject({
    model: z.string().describe("name of the model as its server knows it"),
    promptVersion: z
      .literal(promptVersion)
      .default(promptVersion)
      .describe("wording of the questions; the program knows one"),
    batch: z.number().int().positive().optional().describe("sequences for one question; all when left out"),
    maxTokens: z
      .number()
      .int()
      .positive()
      .optional()
      .describe("most tokens of an answer; more for models that think aloud"),
  }),
  async open({ model, batch, maxTokens }, { folder, local, report, seed }) {
    const { budget, ...server } = readLlmServer(local);
    const chat = openChatModel({
      cache: join(folder, "answers"),
      ...server,
      model,
      account: join(folder, "account.json"),
    });
    const limits = maxTokens === undefined ? {} : { maxTokens };
    const explainer = llmExplainer(chat, limits);
    const judge = llmJudge(chat, { seed, ...limits, ...(batch !== undefined && { batch }) });
    return {
      explainer,
      judge,
      keepsAnswers: true,
      async announce(questions) {
        const estimate = await estimateChat(chat, { explainer, judge }, asked(questions));
        report({ done: 0, text: estimateText(estimate) });
        if (budget === undefined || estimate.requests === 0) return;
        if (estimate.cost !== null && estimate.cost <= budget) return;
        const cost = estimate.cost === null ? "no --explainer-prices" : estimateText(estimate);
        throw new SaeError(
          "over_budget",
          `ask ${model}: needed a cost of at most ${budget} for this SAE, got ${cost}; nothing was sent, raise --explainer-budget to go on`,
        );
      },
      close: () => chat.close(),
    };
  },
});

/** Each latent is explained, and judged with its own description and with another's. */
const asked = ({ latents, others }: ExplainerQuestions) => ({
  examples: latents.map(({ examples }) => examples),
  judgements: latents.flatMap(({ judged }, i) => {
    const sequences = [...judged.activating, ...judged.inactive];
    return [i, ...others.slice(i, i + 1)].map((explanation) => ({ explanation, sequences }));
  }),
});

function estimateText({ requests, cached, promptTokens, completionTokens, cost }: ChatEstimate): string {
  const tokens = `about ${groupThousands(promptTokens)} tokens, answers of at most ${groupThousands(completionTokens)}`;
  const costs = cost === null ? "" : `, cost at most about ${cost.toPrecision(2)}`;
  return `${requests} questions to ask, ${cached} answered before: ${tokens}${costs}`;
}
