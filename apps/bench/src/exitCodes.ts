import { SaeError } from "@sae/core";

/** One line of the table of exit codes. */
export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
  /** Codes of the errors that end the program with it; all others end it with 1. */
  readonly errors: readonly string[];
}

/** How the program ends. The README shows this table, and a test holds it to it. */
export const exitCodes: readonly ExitCode[] = [
  { code: 0, meaning: "done", errors: [] },
  { code: 1, meaning: "a job failed; the others are done, and their results kept", errors: [] },
  {
    code: 2,
    meaning: "wrong usage: an unknown command or option, a value out of range, options that do not go together",
    errors: [
      "unknown_command",
      "unknown_option",
      "unknown_variant",
      "unknown_baseline",
      "unknown_evaluation",
      "unknown_provider",
      "unexpected_argument",
      "missing_option",
      "bad_option",
      "bad_name",
      "name_taken",
      "bad_config",
      "other_run",
      "too_few_rows",
      "too_few_texts",
      "unknown_dataset",
      "unknown_model",
      "unknown_hook",
      "bad_reference",
      "no_texts",
      "duplicate_file",
      "other_harvest",
      "no_tokenizer",
      "nothing_to_compute",
      "nothing_known",
      "too_few_pairs",
    ],
  },
  {
    code: 3,
    meaning: "a file is missing, damaged, of the wrong shape, or holds numbers that are not finite",
    errors: [
      "file_not_found",
      "file_truncated",
      "read_failed",
      "unknown_format",
      "module_failed",
      "no_definition",
      "bad_definition",
      "wrong_rank",
      "wrong_dtype",
      "unsupported_dtype",
      "unsupported_architecture",
      "fortran_order",
      "tensor_not_found",
      "shape_mismatch",
      "non_finite",
      "no_rows",
      "no_variance",
      "bad_header",
      "bad_offsets",
      "bad_json",
      "bad_table",
      "duplicate_key",
      "data_changed",
      "corrupt_checkpoint",
      "corrupt_result",
      "no_manifest",
      "bad_manifest",
      "shard_mismatch",
      "missing_column",
      "wrong_column_type",
      "bad_csv",
      "bad_gzip",
      "bad_parquet",
      "unknown_family",
      "unsupported_config",
      "unsupported_tokenizer",
      "unsupported_file",
      "unsupported_version",
      "weights_mismatch",
      "tokenizer_mismatch",
      "checksum_mismatch",
      "bad_archive",
      "bad_index",
      "bad_metadata",
      "no_safetensors",
      "bad_token",
      "too_long",
      "float16_overflow",
      "package_missing",
    ],
  },
  {
    code: 4,
    meaning: "the execution provider is not there or does not start",
    errors: ["provider_missing", "session_failed"],
  },
  {
    code: 5,
    meaning: "nothing can be written: the disk is full, or the folder is missing or read-only",
    errors: ["disk_full", "write_failed", "folder_not_found"],
  },
  {
    code: 6,
    meaning: "a model or data set cannot be fetched: no network, no such repository or file, or no access to it",
    errors: [
      "download_failed",
      "npm_not_found",
      "offline",
      "hub_failed",
      "hub_answer_invalid",
      "hub_file_not_found",
      "hub_forbidden",
      "hub_gated",
      "hub_interrupted",
      "hub_offline",
      "hub_repo_not_found",
      "hub_revision_not_found",
      "hub_stalled",
      "hub_token_rejected",
      "hub_unreachable",
    ],
  },
  {
    code: 130,
    meaning: "interrupted (Ctrl-C, SIGTERM); the same command continues where it stopped",
    errors: ["interrupted"],
  },
];

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  const name = error instanceof SaeError ? error.code : "";
  return exitCodes.find(({ errors }) => errors.includes(name))?.code ?? 1;
}
