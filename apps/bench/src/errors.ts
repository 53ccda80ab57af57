import { SaeError } from "@sae/core";

/** An error as it crosses process boundaries and reaches the terminal. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly stack: string;
}

export function errorMessage(error: unknown): ErrorMessage {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { code: error instanceof SaeError ? error.code : "internal", message, stack };
}
