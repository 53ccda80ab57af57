import { SaeError } from "@sae/core";
import { findEvaluation } from "../evaluations/findEvaluation.js";
import { didYouMean } from "../nearest.js";
import type { WrittenStudy } from "../userFiles/studyFile.js";
import { evaluationOptionName } from "./evaluationOptionName.js";
import { optionsOfEvaluation } from "./evaluationOptions.js";
import { isFields } from "./mergeFields.js";
import type { Option, Options } from "./option.js";
import { baselineOwnOptions, variantOwnOptions } from "./recipeOptions.js";
import { joined } from "./schemaOptions.js";
import { type StudyLayer, studyLayer } from "./studyLayer.js";

/** A study of a file, checked. */
export interface StudyValues {
  /** Of the command's options. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly layer: StudyLayer;
}

/**
 * What a study of a file says, checked by the options that it says the same as.
 *
 * @param options of the command
 * @param what the file, for messages
 * @throws SaeError `unknown_option` with the nearest name, `unknown_evaluation`, those of the options' parsers
 */
export function studyValues(study: WrittenStudy, options: Options, what: string): StudyValues {
  const { config: _, ...known } = options;
  const { evaluations = {}, options: own = {}, ...plain } = study;
  const ownOptions = { ...variantOwnOptions(), ...baselineOwnOptions() };
  const ofEvaluations = Object.entries(evaluations as object).flatMap(([id, config]) => {
    const evaluation = findEvaluation(id);
    const given = valuesOf(leaves(config), optionsOfEvaluation(evaluation), [what, `evaluations.${id}.`]);
    return Object.entries(given).map(([name, value]) => [evaluationOptionName(id, [name]), value]);
  });
  return {
    values: valuesOf(plain, known, [what, ""]),
    layer: studyLayer(
      Object.keys(evaluations as object),
      Object.fromEntries(ofEvaluations),
      valuesOf(own as WrittenStudy, ownOptions, [what, "options."]),
    ),
  };
}

/** Fields of an evaluation's config by the names of their options. */
function leaves(config: unknown, path: readonly string[] = []): WrittenStudy {
  const fields = Object.entries((config ?? {}) as object).map(([field, value]) => {
    const own = [...path, field];
    return isFields(value) ? leaves(value, own) : { [joined(own)]: value };
  });
  return Object.assign({}, ...fields);
}

/** @param where the file, and what stands before the names in it, for messages */
function valuesOf(
  written: WrittenStudy,
  options: Options,
  [what, before]: readonly [string, string],
): Record<string, unknown> {
  const values = Object.entries(written).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined) return [];
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      throw new SaeError(
        "unknown_option",
        `${what}: there is no option ${before}${name}${didYouMean(name, Object.keys(options))}`,
      );
    }
    try {
      const parsed = parsedBy(option, value);
      return parsed === undefined ? [] : [[name, parsed]];
    } catch (error) {
      if (!(error instanceof SaeError)) throw error;
      throw new SaeError(error.code, `${what}: ${before}${name}: ${error.message}`, { cause: error });
    }
  });
  return Object.fromEntries(values);
}

/** As the option reads the same on the command line; undefined for a flag that is not set. */
function parsedBy(option: Option, value: unknown): unknown {
  if (option.hint !== undefined) return option.parse(textOf(value));
  if (typeof value === "boolean") return value ? option.parse("") : undefined;
  throw new SaeError("bad_option", `needed true or false, got ${JSON.stringify(value)}`);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(elementText).join(",");
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new SaeError("bad_option", `needed a text, a number, true or false, or a list of them, got ${typeText(value)}`);
}

function elementText(value: unknown): string {
  const text = Array.isArray(value) ? "," : textOf(value);
  if (!text.includes(",")) return text;
  throw new SaeError("bad_option", `needed a list of texts without commas or of numbers, got ${JSON.stringify(value)}`);
}

const typeText = (value: unknown): string => (value === null ? "null" : `a value of type ${typeof value}`);
