import { type Dim, formatType, SaeError, type Tensor } from "@sae/core";
import { finalHook } from "./blocks/residualStream.js";
import { closestNames } from "./closestNames.js";
import type { LanguageModel } from "./languageModel.js";

/**
 * Functions by hook name: each gets the tensor at its place and returns what shall stand there. To read, return what came; to replace, return
 * something else of the same shape.
 */
export type Hooks = Readonly<Record<string, (x: Tensor) => Tensor>>;

/**
 * Checks hook names.
 *
 * @throws SaeError `unknown_hook`, with the names that are closest
 */
export function checkHookNames({ family, config, name }: LanguageModel, hooks: readonly string[]): void {
  const known: readonly string[] = family.hookNames(config);
  for (const hook of hooks) {
    if (known.includes(hook)) continue;
    throw new SaeError(
      "unknown_hook",
      `hook: needed one of the ${known.length} hooks of ${name} (${family.name}), got '${hook}'; close to it are ${closestNames(hook, known).join(", ")}`,
    );
  }
}

/** Applies one hook, and checks that what it returns fits where it goes. */
export function applyHook(hooks: Hooks, name: string, x: Tensor): Tensor {
  if (!Object.hasOwn(hooks, name)) return x;
  const result = hooks[name](x);
  // After the last norm nothing mixes positions: a hook there may keep some positions only.
  const shape: readonly (Dim | undefined)[] =
    name === finalHook ? x.shape.map((dim, axis) => (axis === 1 ? result.shape[axis] : dim)) : x.shape;
  if (result.dtype !== x.dtype || result.shape.join() !== shape.join()) {
    throw new SaeError("shape_mismatch", `hook '${name}': needed ${formatType(x)}, got ${formatType(result)}`);
  }
  return result;
}
