import { resolve } from "node:path";
import { type EmbeddedRecipe, embeddedRecipe, pilotRecipe } from "./recipe.js";

/** Recipe and folder that the command line asks for. */
export function runFolder({ pilot, out }: { readonly pilot: boolean; readonly out?: string | undefined }): {
  recipe: EmbeddedRecipe;
  folder: string;
} {
  const standard = resolve(import.meta.dirname, "../run", pilot ? "pilot" : "embedded");
  return { recipe: pilot ? pilotRecipe : embeddedRecipe, folder: out === undefined ? standard : resolve(out) };
}
