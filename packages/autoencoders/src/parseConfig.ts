import { SaeError } from "@sae/core";

interface Parser {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: unknown }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

/**
 * Options as their schema gives them back, defaults filled in.
 *
 * @param what they are, for the message
 * @throws SaeError `bad_config`, naming every option that the schema refuses
 */
export function parseConfig<Schema extends Parser>(
  schema: Schema,
  value: unknown,
  what: string,
): Schema extends { _output: infer Output } ? Output : never {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issues = result.error.issues
      .map((issue) => `${issue.path.join(".") || "value"}: ${issue.message}`)
      .join("; ");
    throw new SaeError("bad_config", `${what}: ${issues}`);
  }
  return result.data as never;
}
