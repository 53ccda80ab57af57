import { SaeError } from "@sae/core";

/** An error as it crosses process boundaries and reaches the terminal. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly stack: string;
}

/** What can be said of anything that was thrown. */
export function errorMessage(thrown: unknown): ErrorMessage {
  const error = asSaeError(thrown);
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { code: error instanceof SaeError ? error.code : "internal", message, stack };
}

/** What was thrown; an error of the system about its disks and folders becomes one with a code of ours and with what to do. */
function asSaeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof SaeError) return thrown;
  const { code, path, message } = thrown as NodeJS.ErrnoException;
  const place = path === undefined ? "" : ` ${path}`;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SaeError("disk_full", `write${place}: no space left on the disk; free some, then run again`, {
      cause: thrown,
    });
  }
  if (code === "EACCES" || code === "EROFS" || code === "EPERM" || code === "ENOTDIR") {
    return new SaeError("write_failed", `${message}; choose another --out`, { cause: thrown });
  }
  return thrown;
}
