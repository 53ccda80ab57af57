import { code } from "./code.js";
import { labelledPassages } from "./labelledPassages.js";
import type { LabelledTexts } from "./labelledTexts.js";

/**
 * Passages of source files with their programming language: C, C++, CSS, HTML, Java, JavaScript, Objective-C, Python, SCSS, Shell, TypeScript.
 *
 * @param longest characters of a passage
 */
export const codeByLanguage = (longest = 1000): LabelledTexts => labelledPassages(code, "language", longest);
