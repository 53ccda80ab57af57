import { perfJob } from "../perf/perfJob.js";
import type { JobKind } from "./job.js";
import { randomDictionaryJob } from "./randomDictionaryJob.js";
import { trainJob } from "./trainJob.js";

/** Every kind of job, for the worker process to find it by name. */
export const jobKinds: readonly JobKind[] = [trainJob as JobKind, randomDictionaryJob as JobKind, perfJob as JobKind];
