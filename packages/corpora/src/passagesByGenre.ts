import { brown } from "./brown.js";
import { labelledPassages } from "./labelledPassages.js";
import type { LabelledTexts } from "./labelledTexts.js";

/**
 * Passages of the Brown corpus with their genre: news, editorial, reviews, religion, hobbies and ten more.
 *
 * @param longest characters of a passage
 */
export const passagesByGenre = (longest = 1000): LabelledTexts => labelledPassages(brown, "genre", longest);
