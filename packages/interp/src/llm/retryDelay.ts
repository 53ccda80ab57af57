import { fillUniform, fold, key } from "@sae/core";
import type { ChatSettings } from "./chatSettings.js";

const stream = key("retry delay");

/**
 * How long to wait before a repetition: twice as long each time, less up to half of it by chance so that many requests that failed together do not come
 * back together.
 *
 * @param name which request: each has delays of its own, the same in every run
 * @param failures how often it has failed, from 1
 * @returns ms
 */
export function retryDelay(
  { retryMs, longestWaitMs }: Pick<ChatSettings, "retryMs" | "longestWaitMs">,
  name: string,
  failures: number,
): number {
  const [u] = fillUniform(fold(stream, name), new Float64Array(1), failures);
  return Math.min(longestWaitMs, retryMs * 2 ** (failures - 1)) * (1 - u / 2);
}
