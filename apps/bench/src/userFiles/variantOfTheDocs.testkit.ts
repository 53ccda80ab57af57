import { readFile } from "node:fs/promises";

/** The variant file that CONTRIBUTING.md shows. */
export async function variantOfTheDocs(): Promise<string> {
  const text = await readFile(new URL("../../../../CONTRIBUTING.md", import.meta.url), "utf8");
  const [, code] = /^```ts ridge-topk\.ts\n([\s\S]*?)^```/m.exec(text) ?? [];
  if (code === undefined) throw new Error("CONTRIBUTING.md shows no ridge-topk.ts");
  return code;
}
