import { type ForwardCost, forwardCost, type LanguageModel } from "@sae/models";

/** What passes over a model that is cut at a hook take. */
export interface ModelPasses {
  readonly dModel: number;
  readonly dVocab: number;
  /** Up to the hook, and to the logits. */
  readonly prefix: ForwardCost;
  readonly whole: ForwardCost;
}

/** Counts passes of contexts of a length, each length once, when they are asked for. Reads no weight: the model may be closed. */
export function modelPasses(model: LanguageModel, hook: string): (nCtx: number) => ModelPasses {
  const known = new Map<number, ModelPasses>();
  return (nCtx) => {
    const { dModel, dVocab } = model.sizes;
    const passes = known.get(nCtx) ?? {
      dModel,
      dVocab,
      prefix: forwardCost(model, { hook, nCtx }),
      whole: forwardCost(model, { nCtx }),
    };
    known.set(nCtx, passes);
    return passes;
  };
}
