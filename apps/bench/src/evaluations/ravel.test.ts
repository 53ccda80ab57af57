/*
 * The whole evaluation on a model that knows, with an SAE whose latents are the model's own features: the right scores are known.
 */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Sae, saveSae } from "@sae/autoencoders";
import { writeSafetensors } from "@sae/core";
import type { RavelTable } from "@sae/editing";
import { loadModel } from "@sae/models";
import { beforeAll, describe, expect, it } from "vitest";
import { knowingFiles, knowingHook, knowingTable } from "../../../../packages/editing/src/knowingModel.testkit.js";
import { type Job, type JobContext, job } from "../jobs/job.js";
import { loadJobKind } from "../jobs/kinds.js";
import { trainJob } from "../jobs/trainJob.js";
import { hashes, temporaryFolder } from "../runCli.testkit.js";
import { resultsOf, smallPlan } from "../studies/scoredPlan.testkit.js";
import type { EvaluationSite } from "./evaluation.js";
import { disentanglementOf } from "./ravel/editSummary.js";
import type { RavelControlsResult } from "./ravel/ravelControlsJob.js";
import type { RavelJobResult } from "./ravel/ravelJob.js";
import type { RavelPairsResult } from "./ravel/ravelPairsJob.js";
import { ravel } from "./ravel.js";

let root: string;
let site: EvaluationSite;

/** Writes the model and the table as files. */
async function writeFiles(): Promise<void> {
  const { config, tokenizer, tokenizerConfig, weights } = knowingFiles;
  await mkdir(join(root, "model"));
  for (const [name, content] of Object.entries({ config, tokenizer, tokenizer_config: tokenizerConfig })) {
    await writeFile(join(root, "model", `${name}.json`), JSON.stringify(content));
  }
  const tensors = Object.entries(weights).map(([name, { shape, data }]) => [
    name,
    { dtype: "float32" as const, shape, data },
  ]);
  await writeSafetensors(join(root, "model/model.safetensors"), Object.fromEntries(tensors));
  await writeTable("table", knowingTable);
}

/** Writes a table in RAVEL's form to a folder. */
async function writeTable(folder: string, { entityType, entities, templates }: RavelTable): Promise<void> {
  await mkdir(join(root, folder), { recursive: true });
  const files = {
    entity_attributes: Object.fromEntries(entities.map(({ name, attributes }) => [name, attributes])),
    attribute_to_prompts: Object.fromEntries(
      Object.entries(templates).map(([name, list]) => [name, list.map(({ template }) => template)]),
    ),
    entity_to_split: {},
    prompt_to_split: Object.fromEntries(
      Object.values(templates).flatMap((list) => list.map(({ template, split }) => [template, split])),
    ),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(root, folder, `ravel_${entityType}_${name}.json`), JSON.stringify(content));
  }
}

/** ReLU of every number of the stream, which is never negative at a city: latents that are the model's features. */
function perfectSae(dModel: number): Sae {
  const identity = Float32Array.from({ length: dModel ** 2 }, (_, i) => Number(i % (dModel + 1) === 0));
  const zeros = new Float32Array(dModel);
  const weights = { W_enc: identity, b_enc: zeros, W_dec: identity, b_dec: zeros };
  return { dModel, dSae: dModel, activation: { kind: "relu" }, weights };
}

const saeJob = job(
  trainJob,
  {
    data: { kind: "harvest", seed: 0, heldOut: 0.1 },
    variant: "relu",
    variantConfig: { l0: 4 },
    baseline: "trained",
    recipe: { dSae: 40, steps: 1 },
  } as never,
  { title: "perfect" },
);

beforeAll(async () => {
  root = await temporaryFolder();
  await writeFiles();
  const path = join(root, "model");
  const model = await loadModel(path);
  site = {
    model: "knowing",
    identity: JSON.parse(JSON.stringify(model.identity)),
    hook: knowingHook,
    harvest: saeJob,
    local: { model: path },
    seed: 0,
  };
  await model.close();
  const perfect = perfectSae(40);
  await saveSae(join(root, "sae"), perfect);
  await saveSae(join(root, "small"), perfectSae(39));
  await saveSae(join(root, "dead"), {
    ...perfect,
    weights: { ...perfect.weights, b_enc: new Float32Array(40).fill(-1e9) },
  });
});

/** Runs a job in a folder, as a worker would; may be stopped by an error from its reports. */
async function run<Result>(
  { kind, config, local }: Job,
  folder: string,
  needs: Record<string, string>,
  report: JobContext["report"] = () => {},
) {
  await mkdir(folder, { recursive: true });
  const found = await loadJobKind(kind);
  return (await found.run(found.config.parse(config), { folder, needs, local, report })) as Result;
}

const configOf = (changes: Record<string, unknown> = {}) =>
  ravel.config.parse({
    table: join(root, "table"),
    newTokens: 1,
    trainPairs: 48,
    testPairs: 16,
    lr: 0.05,
    batch: 8,
    layerPairs: 8,
    ...changes,
  });

describe("RAVEL on a model whose features are known", () => {
  const folder = (name: string) => join(root, name);
  it("finds what the model knows, draws pairs, and says what it left out", async () => {
    const { pairs } = ravel.prepare(site, configOf());
    const result = await run<RavelPairsResult>(pairs, folder("pairs"), {});
    expect(result.attributes).toEqual([
      { attribute: "Country", train: 48, test: 16 },
      { attribute: "Language", train: 48, test: 16 },
    ]);
    expect(result.entities).toEqual({ asked: 50, known: 48, kept: 48 });
    expect(await readdir(folder("pairs"))).toEqual(["activations.safetensors", "completions.json", "pairs.json"]);
  });

  it("scores an SAE of the model's own features 1, beside controls that score what they must", async () => {
    const { pairs, controls } = ravel.prepare(site, configOf());
    const [own] = [ravel.evaluate(site, configOf(), { pairs }, saeJob)];
    const needs = { pairs: folder("pairs"), sae: folder("sae") };
    const { scores, attributes } = await run<RavelJobResult>(own, folder("ravel"), needs);
    expect([scores.ravel.value, scores["ravel-cause"].value, scores["ravel-isolation"].value]).toEqual([1, 1, 1]);
    expect(scores.ravel.units).toHaveLength(64);
    expect(new Set(scores.ravel.units.map(({ group }) => group)).size).toBe(4);
    expect(attributes.map(({ attribute, size, active }) => [attribute, size, active])).toEqual([
      ["Country", 6, 12], // of the 6 countries, the 4 languages, the constant and the flag of a city
      ["Language", 4, 12],
    ]);
    for (const { reconstruction, every } of attributes) {
      expect([reconstruction.cause, reconstruction.isolation, every.cause, every.isolation]).toEqual([0, 1, 1, 0]);
    }
    const result = await run<RavelControlsResult>(controls, folder("controls"), { pairs: folder("pairs") });
    expect(result.controls.map(({ id, disentanglement }) => [id, disentanglement])).toEqual([
      ["unedited", 0.5],
      ["patched", 0.5],
      ["neurons", 1],
      ["mdas", 1],
    ]);
    expect(result.layers).toEqual([
      { hook: "blocks.0.hook_resid_post", cause: { Country: 1, Language: 1 } },
      { hook: "blocks.1.hook_resid_post", cause: { Country: 0, Language: 0 } },
    ]);
    // The floor of the main measure is what no edit scores.
    const [measure] = ravel.measures(configOf());
    const results = { of: () => result as never, folder: () => "" };
    expect(measure.floor({ controls }, results)).toEqual({ label: "no edit", value: 0.5 });
  });

  it("gives the same result when it was stopped on the way", async () => {
    const { pairs } = ravel.prepare(site, configOf());
    const own = ravel.evaluate(site, configOf({ epochs: 20 }), { pairs }, saeJob);
    const needs = { pairs: folder("pairs"), sae: folder("sae") };
    const whole = await run<RavelJobResult>(own, folder("whole"), needs);
    let stops = 0;
    const stopping = ({ text }: { text: string }) => {
      // In the middle of the first training, and in the second: by then the first attribute is done.
      if (
        (stops === 0 && text.startsWith("Country: step 200 ")) ||
        (stops === 1 && text.startsWith("Language: step 150 "))
      ) {
        stops++;
        throw new Error("stopped");
      }
    };
    await expect(run(own, folder("stopped"), needs, stopping)).rejects.toThrow("stopped");
    expect(await readdir(folder("stopped"))).toEqual(["sae-training-0.safetensors"]);
    await expect(run(own, folder("stopped"), needs, stopping)).rejects.toThrow("stopped");
    expect(await readdir(folder("stopped"))).toEqual(["sae-0.json", "sae-training-0.safetensors"]);
    expect(await run<RavelJobResult>(own, folder("stopped"), needs)).toEqual(whole);
  });

  it("leaves out entities that the tokenizer splits oddly, counts them, and edits the others", async () => {
    const attributes = { Country: "Arland", Language: "Alban" };
    const odd = ["東京", "Zürich", "Xqzw", "Ba"].map((name) => ({ name, attributes }));
    // Letters of the template right behind the name: "Bace" is one token, and an edit there would change the template, too.
    const glued = (["train", "test"] as const).map((split) => ({
      template: `See ${split === "train" ? "how" : "we"} %sce is`,
      split,
    }));
    const { entities, templates } = knowingTable;
    await writeTable("odd", {
      entityType: "city",
      entities: [...entities, ...odd],
      templates: { ...templates, Country: [...(templates.Country ?? []), ...glued] },
    });
    const { pairs } = ravel.prepare(site, configOf({ table: join(root, "odd") }));
    const result = await run<RavelPairsResult>(pairs, folder("odd-pairs"), {});
    const { merged, noToken, longName } = result.leftOutPrompts;
    expect([merged > 0, noToken > 0, longName > 0]).toEqual([true, true, true]);
    expect(result.attributes).toEqual([
      { attribute: "Country", train: 48, test: 16 },
      { attribute: "Language", train: 48, test: 16 },
    ]);
    expect(result.entities.kept).toBe(48);
  });

  it("keeps the other controls when one diverges, and says what became of it", async () => {
    const config = configOf({ mdasLr: 1e39 });
    const { pairs, controls } = ravel.prepare(site, config);
    const found = await run<RavelPairsResult>(pairs, folder("pairs"), {});
    const result = await run<RavelControlsResult>(controls, folder("diverged"), { pairs: folder("pairs") });
    expect(result.controls.map(({ id, disentanglement }) => [id, disentanglement])).toEqual([
      ["unedited", 0.5],
      ["patched", 0.5],
      ["neurons", 1],
    ]);
    expect(result.failed).toEqual([
      {
        id: "mdas",
        label: "Learned basis (MDAS)",
        code: "diverged",
        message: expect.stringMatching(/^mask: needed a finite loss, got NaN at step \d+; lower the learning rate$/),
      },
    ]);
    expect(result.layers).toHaveLength(2);
    const results = resultsOf([
      [pairs, found],
      [controls, result],
    ]);
    const prepared = { pairs, controls };
    expect(ravel.measures(config)[0].floor(prepared, results)).toEqual({ label: "no edit", value: 0.5 });

    const shown = { plan: smallPlan({}), config, prepared, jobOf: () => saeJob };
    const [{ prose, tables = [] }] = (await ravel.sections?.({ ...shown, results })) ?? [];
    expect(prose?.filter((text) => text.includes("MDAS"))).toEqual([
      `**Without a result: Learned basis (MDAS).** ${result.failed?.[0].message}.`,
    ]);
    expect(tables[0].rows[3]).toEqual([null, "Learned basis (MDAS)", "control", ...Array(8).fill(null)]);

    // Results from before failures were kept say nothing of them, and no means of cause and isolation.
    const { failed: _, ...older } = {
      ...result,
      controls: result.controls.map(({ cause, isolation, ...control }) => control),
    };
    const recorded = resultsOf([
      [pairs, found],
      [controls, older],
    ]);
    const [section] = (await ravel.sections?.({ ...shown, results: recorded })) ?? [];
    expect(section.prose?.filter((text) => text.includes("Without a result"))).toEqual([]);
    expect(ravel.references?.(prepared, recorded)).toEqual(ravel.references?.(prepared, results));
  });

  it("refuses a single attribute before the model is asked anything", async () => {
    expect(ravel.config.safeParse({ attributes: ["Country"] }).error?.issues).toMatchObject([
      { message: "two attributes or more, as isolation needs a second attribute" },
    ]);
    const { entities, templates } = knowingTable;
    await writeTable("single", { entityType: "city", entities, templates: { Country: templates.Country ?? [] } });
    const { pairs } = ravel.prepare(site, configOf({ table: join(root, "single") }));
    await expect(run(pairs, folder("single-pairs"), {})).rejects.toMatchObject({
      code: "bad_option",
      message:
        "RAVEL attributes: isolation needs a second attribute of the kind 'city', got only 'Country'; add another to the table, or leave the kind out",
    });
    expect(await readdir(folder("single-pairs"))).toEqual([]);
  });

  it("takes several kinds of entities, and leaves out one of which the model knows nothing", async () => {
    const { entities, templates } = knowingTable;
    const called = { Country: "State", Language: "Tongue" } as const;
    const renamed = <Value>(record: Readonly<Record<string, Value>>) =>
      Object.fromEntries(Object.entries(record).map(([name, value]) => [called[name as keyof typeof called], value]));
    // Towns have a third attribute, which no edit can tell from their first.
    const withNation = <Value>(record: Readonly<Record<string, Value>>) => ({ ...record, Nation: record.State });
    const towns = entities.map(({ name, attributes }) => ({ name, attributes: withNation(renamed(attributes)) }));
    const robots = entities.map(({ name }) => ({ name, attributes: { Maker: "Nobody", Year: "Never" } }));
    await writeTable("kinds", knowingTable);
    await writeTable("kinds", { entityType: "town", entities: towns, templates: withNation(renamed(templates)) });
    await writeTable("kinds", {
      entityType: "robot",
      entities: robots,
      templates: { Maker: templates.Country ?? [], Year: templates.Language ?? [] },
    });
    const table = join(root, "kinds");
    const config = configOf({ table, entityTypes: ["city", "town", "robot"], layerPairs: 0, mdasEpochs: 1 });
    const { pairs, controls } = ravel.prepare(site, config);
    const found = await run<RavelPairsResult>(pairs, folder("kinds-pairs"), {});
    expect(found.attributes.map(({ attribute }) => attribute)).toEqual([
      ...["Country", "Language"],
      ...["State", "Tongue", "Nation"],
    ]);
    expect(found.entities).toEqual({ asked: 150, known: 96, kept: 96 });
    expect(found.leftOut).toEqual([
      { reason: expect.stringContaining("robot: RAVEL: needed entities that the model knows something about") },
    ]);
    const cities = await run<RavelPairsResult>(ravel.prepare(site, configOf()).pairs, folder("pairs"), {});
    expect(found.recall).toMatchObject({ ...cities.recall, State: cities.recall.Country });

    const needs = { pairs: folder("kinds-pairs") };
    const { controls: scores } = await run<RavelControlsResult>(controls, folder("kinds-controls"), needs);
    const neurons = scores.find(({ id }) => id === "neurons") as RavelControlsResult["controls"][number];
    const [country, language, state, tongue, nation] = neurons.attributes.map(disentanglementOf);
    expect([country, language, tongue]).toEqual([1, 1, 1]);
    expect(neurons.disentanglement).toBeCloseTo((1 + (state + tongue + nation) / 3) / 2, 12);
    expect(neurons.disentanglement).toBeLessThan(1);
    expect(scores.find(({ id }) => id === "unedited")).toMatchObject({ disentanglement: 0.5 });

    const alone = configOf({ table, entityTypes: ["robot"] });
    await expect(run(ravel.prepare(site, alone).pairs, folder("robots"), {})).rejects.toMatchObject({
      code: "nothing_known",
    });
    const refused = async (name: string, attributes: readonly string[], message: string) => {
      const { pairs } = ravel.prepare(site, configOf({ table, entityTypes: ["city", "town"], attributes }));
      await expect(run(pairs, folder(name), {})).rejects.toThrow(message);
    };
    await refused(
      "misspelt",
      ["Country", "Tung"],
      "needed some of Country, Language, State, Tongue, Nation, got 'Tung'",
    );
    await refused(
      "none",
      ["Country", "Language"],
      "needed some of the kind 'town' (State, Tongue, Nation), got Country, Language; name two, or leave the kind out",
    );
    await refused(
      "alone",
      ["Country", "State", "Tongue"],
      "isolation needs a second attribute of the kind 'city', got only 'Country'; name another of Language, or leave the kind out",
    );
    const embedded = configOf({ table: "embedded", entityTypes: ["town"] });
    expect(() => ravel.prepare(site, embedded)).toThrow("is of cities, got the kind 'town'");
  });

  it("gives the same bytes when pairs and controls were stopped on the way", async () => {
    const { pairs, controls } = ravel.prepare(site, configOf({ templates: 2 }));
    const twice = async (job: Job, name: string, needs: Record<string, string>, stopAt: string) => {
      const whole = await run(job, folder(`${name}-whole`), needs);
      let isStopped = false;
      const stop: JobContext["report"] = ({ text }) => {
        if (isStopped || !text.includes(stopAt)) return;
        isStopped = true;
        throw new Error("stopped");
      };
      await expect(run(job, folder(`${name}-stopped`), needs, stop)).rejects.toThrow("stopped");
      expect(await run(job, folder(`${name}-stopped`), needs)).toEqual(whole);
      expect(await hashes(folder(`${name}-stopped`))).toEqual(await hashes(folder(`${name}-whole`)));
    };
    await twice(pairs, "pairs-twice", {}, "activations of the prompts");
    await twice(controls, "controls-twice", { pairs: folder("pairs-twice-whole") }, "mdas: Language: step");
  });

  it("with an SAE whose latents are all silent changes what a zero in the stream's place changes", async () => {
    const { pairs } = ravel.prepare(site, configOf());
    const own = ravel.evaluate(site, configOf(), { pairs }, saeJob);
    const needs = { pairs: folder("pairs"), sae: folder("dead") };
    const result = await run<RavelJobResult>(own, folder("ravel-dead"), needs);
    // The reconstruction is the decoder's bias, zero: no answer is the source's, and none stays.
    expect([result.scores.ravel.value, result.scores["ravel-over-random"].value]).toEqual([0, 0]);
    for (const { size, active, firstLoss, lastLoss } of result.attributes) {
      expect([size, active]).toEqual([0, 0]);
      expect(lastLoss).toBe(firstLoss); // there is nothing to learn
    }
  });

  it("refuses an SAE of another model, and a table that is not there or has changed", async () => {
    const { pairs } = ravel.prepare(site, configOf());
    const own = ravel.evaluate(site, configOf(), { pairs }, saeJob);
    await expect(run(own, folder("refused"), { pairs: folder("pairs"), sae: folder("small") })).rejects.toThrow(
      /SAE: needed features of 40 numbers, as many as the model has at blocks.0.hook_resid_post, got an SAE of 39/,
    );
    expect(() => ravel.prepare(site, configOf({ table: "./nowhere/at/all" }))).toThrow(
      /needed 'embedded', a folder, or a data set of the hub/,
    );
    await writeFile(join(root, "table/ravel_city_entity_to_split.json"), '{ "Nobody": "train" }');
    await expect(run(pairs, folder("changed"), {})).rejects.toThrow(/its files changed since the study was planned/);
  });

  it("has its own table for the embedded model, and the hub's for others", () => {
    const tableOf = (model: string, table = "") =>
      (ravel.prepare({ ...site, model }, configOf({ table })).pairs.config as { table: unknown }).table;
    expect(tableOf("embedded")).toEqual({ kind: "embedded" });
    expect(tableOf("gemma")).toEqual({ kind: "hub", repo: "adamkarvonen/ravel_prompts", revision: "main" });
    expect(tableOf("gemma", "org/name@abc")).toEqual({ kind: "hub", repo: "org/name", revision: "abc" });
  });
});
