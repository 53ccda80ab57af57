import { SaeError } from "@sae/core";

/** The error of a name that a checkpoint does not have; shows the names that look most like it. */
export function tensorNotFound(path: string, name: string, names: readonly string[]): SaeError {
  const last = name.split(".").slice(-2).join(".");
  const alike = names.filter((other) => other.endsWith(last));
  const shown = (alike.length > 0 ? alike : names).slice(0, 5).join(", ");
  return new SaeError(
    "tensor_not_found",
    `read ${path}: needed tensor ${name}, got ${names.length} others, such as ${shown}`,
  );
}
