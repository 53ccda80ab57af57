import { gelu, geluTanh, relu, silu, type Tensor } from "@sae/core";
import { unsupported } from "./configReader.js";

/** Name of an activation function in a Hugging Face config. */
export type ActivationName = "silu" | "swish" | "gelu" | "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" | "relu";

/** Several names mean one function. */
const activations: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = {
  silu,
  swish: silu,
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_fast: geluTanh,
  relu,
};

/**
 * Checks the name of an activation.
 *
 * @throws SaeError `unsupported_config`
 */
export function activationName(family: string, name: string): ActivationName {
  if (Object.hasOwn(activations, name)) return name as ActivationName;
  throw unsupported(family, `'${name}'`, `an activation of ${Object.keys(activations).join(", ")}`);
}

/** Applies an activation, element by element. */
export const activate = (name: ActivationName, x: Tensor): Tensor => activations[name](x);
