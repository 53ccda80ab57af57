import { SaeError } from "@sae/core";
import { didYouMean } from "./didYouMean.js";
import { storedShapes, type TrainSpec } from "./trainStep.js";
import { variants } from "./variants/index.js";

/**
 * Refuses names of parameters that neither the variant at hand nor one of this package has: they are misspelt, and a baseline that touches nothing would
 * be the fully trained SAE under its name. Those of another variant (`threshold`) are let through, because one baseline serves all of them.
 *
 * @param key of the constraint in which the names are, for the message
 * @throws SaeError `bad_definition`
 */
export function checkParameterNames(spec: TrainSpec, key: string, names: readonly string[]): void {
  const { variant, constraint, dModel, dSae } = spec;
  const ofOthers = variants.flatMap(({ config, extraParams }) =>
    Object.keys(extraParams?.({ dModel, dSae }, config.parse({ l0: 1 })) ?? {}),
  );
  const known = [...new Set([...Object.keys(storedShapes(spec)), ...ofOthers])];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint = didYouMean(unknown, known) || `; correct it, or leave '${variant.name}' to other baselines`;
  throw new SaeError(
    "bad_definition",
    `baseline '${constraint.name}': ${key} needed names of parameters (${known.join(", ")}), got '${unknown}', which '${variant.name}' does not have${hint}`,
  );
}

/**
 * Checks the names that a constraint gives.
 *
 * @throws SaeError `bad_definition`, see `checkParameterNames`
 */
export function checkConstraint(spec: TrainSpec): void {
  const { frozen = [], project = {} } = spec.constraint;
  if (frozen !== "all") {
    if ("allBut" in frozen) checkParameterNames(spec, "frozen.allBut", frozen.allBut);
    else checkParameterNames(spec, "frozen", frozen);
  }
  checkParameterNames(spec, "project", Object.keys(project));
}
