import type { CompileOptions, ProviderChoice } from "@sae/core";
import type { JobContext } from "./job.js";

/**
 * Where the programs of a job run, as the facts of the machine say. On the CPU with one thread, unless said otherwise: the same bits everywhere, and jobs
 * beside it keep their cores.
 */
export const programOptions = ({ provider = "cpu", threads = "1" }: JobContext["local"]): CompileOptions => ({
  provider: provider as ProviderChoice,
  threads: Number(threads),
});

/** The same for a long pass through a language model, which takes the cores that the facts allow it. */
export const longPassOptions = (local: JobContext["local"]): CompileOptions => ({
  ...programOptions(local),
  threads: Number(local.modelThreads ?? 1),
});
