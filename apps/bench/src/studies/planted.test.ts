import { join } from "node:path";
import { writeNpy } from "@sae/core";
import { syntheticModel } from "@sae/synthetic";
import { beforeAll, expect, test } from "vitest";
import { examineFile, localFile } from "../jobs/dataSource.js";
import { type Executor, runJobs } from "../jobs/executor.js";
import { jobId } from "../jobs/job.js";
import { loadJobKind } from "../jobs/kinds.js";
import { openRunStore, writeResult } from "../jobs/runStore.js";
import type { ReportVerdict } from "../report/report.js";
import { temporaryFolder } from "../runCli.testkit.js";
import { planBaselines } from "./baselinesPlan.js";
import { baselinesReport } from "./baselinesReport.js";
import { parseCondition } from "./conditions.js";
import { readResults } from "./runStudy.js";
import type { Results } from "./study.js";

/*
 * The whole study in little, on activations whose answer is known: twenty features in 16 dimensions, few of them active, which an SAE recovers within
 * seconds. What is trained must be found better than the random baselines; what is not, must not.
 */

const folder = await temporaryFolder();
const [rows, dModel] = [8192, 16];
const store = openRunStore(join(folder, "jobs"));

const planOf = async (steps: number) => {
  const file = await examineFile(join(folder, "planted.npy"));
  return planBaselines({
    data: (seed) => ({ kind: "file", sha256: file.sha256, order: "shuffled", seed, heldOut: 0.25 }),
    dModel,
    variants: ["topk", "batchtopk"],
    conditions: ["frozen_decoder", "soft_frozen_decoder", "frozen_encoder", "random"].map(parseCondition),
    l0s: [2],
    seeds: [0],
    recipe: { dSae: 24, steps, batch: 128, lr: 0.01, warmup: 20 },
    local: localFile(file),
  });
};
type Plan = Awaited<ReturnType<typeof planOf>>;

/** Runs jobs in this process, one after the other. */
const here: Executor = {
  slots: 1,
  run: async ({ kind: name, config, local, ...job }, store, report) => {
    const kind = await loadJobKind(name);
    const folder = await store.prepare({ kind: name, config, local, ...job });
    await writeResult(folder, await kind.run(kind.config.parse(config), { folder, needs: {}, local, report }));
  },
};

/** Runs what is not done. */
async function run({ runs }: Plan): Promise<Results> {
  const jobs = runs.map(({ job }) => job);
  const { failed } = await runJobs(jobs, store, here);
  expect(failed.map(({ job, error }) => `${job.title}: ${error}`)).toEqual([]);
  return readResults(jobs, store);
}

const verdictsOf = async (plan: Plan, results: Results): Promise<ReportVerdict[]> =>
  (await baselinesReport(plan, results, "Planted features.")).verdicts;

const summary = (verdicts: readonly ReportVerdict[]) => verdicts.map(({ scope, verdict }) => `${scope}: ${verdict}`);

beforeAll(async () => {
  const model = syntheticModel({
    seed: 0,
    dModel,
    features: 20,
    probability: { kind: "constant", p: 0.1 },
    magnitude: { mu: 0, sigma: 0.25 },
  });
  const data = new Float32Array(rows * dModel);
  model.batch(0, rows, data);
  await writeNpy(join(folder, "planted.npy"), { dtype: "float32", shape: [rows, dModel], data });
});

test("SAEs that found the features beat the random baselines", async () => {
  const plan = await planOf(300);
  const verdicts = await verdictsOf(plan, await run(plan));
  expect(summary(verdicts)).toEqual(["TopK, BatchTopK at L0 2: beats", "TopK, L0 2: beats", "BatchTopK, L0 2: beats"]);
  expect(verdicts[0].isSmall).toBeUndefined();
  expect(verdicts[0].difference.mean).toBeGreaterThan(0.05);
});

test("a random SAE in the place of the trained one does not", async () => {
  const plan = await planOf(300);
  const results = await run(plan);
  const random = new Map(
    plan.runs.flatMap(({ job, variant, condition }) => {
      const other = plan.runs.find((run) => run.variant === variant && run.condition.id === "random");
      return condition.role === "trained" && other ? [[jobId(job), other.job] as const] : [];
    }),
  );
  const swapped: Results = { ...results, of: (job) => results.of(random.get(jobId(job)) ?? job) };
  expect(summary(await verdictsOf(plan, swapped))).toEqual([
    "TopK, BatchTopK at L0 2: does-not",
    "TopK, L0 2: does-not",
    "BatchTopK, L0 2: does-not",
  ]);
});

test("nothing trained, nothing gained: SAEs of no step do not beat baselines of no step", async () => {
  const plan = await planOf(0);
  const verdicts = await verdictsOf(plan, await run(plan));
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["does-not"]));
});
