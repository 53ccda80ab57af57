import type { Job } from "../jobs/job.js";
import type { Report } from "../report/report.js";
import type { Findings, StudyRecord } from "../results/resultsSchema.js";

/** What the jobs of a study left. */
export interface Results {
  /** The result of a job, or null when it failed or was not started. */
  of<Result>(job: Job): Result | null;
  /** Folder of a job, with the files it left. */
  folder(job: Job): string;
}

/** A plan of jobs, and how to read their results. */
export interface Study {
  /** Name of its command, and of its report's folder. */
  readonly name: string;
  readonly title: string;
  /** Jobs in the order of the tables; what they need comes with them. */
  readonly jobs: readonly Job[];
  /** What a reader of its plan has to know. */
  readonly planNotes?: readonly string[];
  /** Everything that was chosen, for results.json and the report. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Seeds, and what identifies model, texts or activations. */
  readonly identity: Omit<StudyRecord["provenance"], "versions">;
  /**
   * Makes tables and figures; the modules that draw are loaded here, so that commands without figures start at once.
   *
   * @throws SaeError `read_failed` when a file of a finished job is missing
   */
  summarise(results: Results): Promise<Summary>;
}

/** A study's results before they have a form. */
export interface Summary {
  readonly report: Report;
  readonly runs: StudyRecord["runs"];
  readonly findings: Findings;
}
