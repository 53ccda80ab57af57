import { gemma2 } from "./gemma2.js";
import type { GgufArchitecture } from "./ggufArchitecture.js";
import { gpt2 } from "./gpt2.js";
import { gptneox } from "./gptneox.js";
import { llama } from "./llama.js";

/** The architectures whose files can be read. */
export const ggufArchitectures: readonly GgufArchitecture[] = [llama, gemma2, gpt2, gptneox];
