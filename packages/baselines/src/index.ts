export { baselines } from "./baselines.js";
export {
  type AnyBaseline,
  type BaselineDefinition,
  constraintOf,
  defineBaseline,
  noOptions,
  type ProjectArguments,
} from "./defineBaseline.js";
export { frozenDecoder } from "./frozenDecoder.js";
export { frozenEncoder } from "./frozenEncoder.js";
export { pca } from "./pca.js";
export { random } from "./random.js";
export { shuffledDecoder } from "./shuffledDecoder.js";
export { ontoCap, softFrozenDecoder } from "./softFrozenDecoder.js";
export { type SymmetricEigen, symmetricEigen } from "./symmetricEigen.js";
export { trained } from "./trained.js";
