import type { AnyBaseline } from "./defineBaseline.js";
import { frozenDecoder } from "./frozenDecoder.js";
import { frozenEncoder } from "./frozenEncoder.js";
import { pca } from "./pca.js";
import { random } from "./random.js";
import { shuffledDecoder } from "./shuffledDecoder.js";
import { softFrozenDecoder } from "./softFrozenDecoder.js";
import { trained } from "./trained.js";

/** Everything a variant is trained as, in the order of the study's tables: the SAE, the paper's three baselines, the controls. */
export const baselines: readonly AnyBaseline[] = [
  trained,
  frozenDecoder,
  softFrozenDecoder,
  frozenEncoder,
  random,
  pca,
  shuffledDecoder,
];
