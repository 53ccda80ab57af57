import { expect, test } from "vitest";
import { readLlmServer } from "../evaluations/autointerp/llmServer.js";
import { chosenExplainer, explainerOptions } from "./explainerOptions.js";
import { cittyArgs } from "./option.js";
import { readArguments, readValues } from "./readArguments.js";

const chosen = (args: readonly string[], isAsked = false) =>
  chosenExplainer(readValues(explainerOptions, readArguments([...args], cittyArgs(explainerOptions), "llm")), {
    out: "runs",
    isAsked,
  });

test("what scores depend on is config, what they do not is a fact of the machine", () => {
  const args = [
    ["--explainer-model", "m", "--explainer-batch", "20", "--explainer-max-tokens", "900"],
    ["--explainer-url", "http://localhost:8080/v1", "--explainer-prices", "0.15,0.6", "--explainer-budget", "1"],
    ["--explainer-concurrency", "2", "--explainer-timeout", "30", "--explainer-retries", "0", "--explainer-offline"],
  ].flat();
  const { config, local } = chosen(args) ?? { config: {}, local: {} };
  expect(config).toEqual({ model: "m", batch: 20, maxTokens: 900 });
  expect(readLlmServer(local)).toEqual({
    cache: "runs/answers",
    baseUrl: "http://localhost:8080/v1",
    prices: { prompt: 0.15, completion: 0.6 },
    budget: 1,
    concurrency: 2,
    timeoutMs: 30_000,
    retries: 0,
    offline: true,
  });
  expect(chosen(["--explainer-model", "m", "--explainer-cache", "shared"])?.local).toEqual({
    llmServer: '{"cache":"shared"}',
  });
});

test("nobody is asked unless a model is named", () => {
  expect(chosen([])).toBe(null);
  const message = "autointerp-llm: needed to know which model explains; pass --explainer-model NAME";
  expect(() => chosen([], true)).toThrow(message);
  expect(() => chosen(["--explainer-url", "http://localhost:8080/v1"])).toThrow(message);
});

test.each(["1", "1,2,3", "a,b", "1,", "-1,2"])("prices: %s", (text) => {
  expect(() => chosen([`--explainer-prices=${text}`])).toThrow(
    `--explainer-prices: needed two numbers of at least 0 such as 0.15,0.6, got '${text}'`,
  );
});
