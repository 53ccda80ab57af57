import { mul, type Tensor } from "@sae/core";
import { type ActivationName, activate } from "./activation.js";
import { project, projectWeights, type Weights } from "./project.js";

/** How an MLP differs from model to model. */
export interface GatedMlpOptions {
  readonly activation: ActivationName;
  /** Whether the linear layers have biases. */
  readonly bias?: boolean;
}

/**
 * down(activation(gate(x)) · up(x)): the gated linear unit of Shazeer 2020, arXiv 2002.05202, with Llama's names.
 *
 * @param x [batch, seq, dModel]
 * @param at prefix of the names: `at.gate_proj`, `at.up_proj`, `at.down_proj`
 */
export function gatedMlp(x: Tensor, p: Weights, at: string, { activation, bias }: GatedMlpOptions): Tensor {
  const gate = activate(activation, project(x, p, `${at}.gate_proj`, bias)); // [batch, seq, dMlp]
  return project(mul(gate, project(x, p, `${at}.up_proj`, bias)), p, `${at}.down_proj`, bias);
}

/** Shapes of the weights of {@link gatedMlp}. */
export const gatedMlpWeights = (at: string, dModel: number, dMlp: number, bias = false) => ({
  ...projectWeights(`${at}.gate_proj`, dMlp, dModel, bias),
  ...projectWeights(`${at}.up_proj`, dMlp, dModel, bias),
  ...projectWeights(`${at}.down_proj`, dModel, dMlp, bias),
});
