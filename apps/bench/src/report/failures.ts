import type { ReportFailure } from "./report.js";

/** How many jobs have no result, in a sentence. */
export const failureText = ({ length }: readonly ReportFailure[]): string =>
  length === 1
    ? "1 job has no result: what depends on it is missing here."
    : `${length} jobs have no result: what depends on them is missing here.`;
