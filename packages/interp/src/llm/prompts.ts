import type { ChatMessage } from "./chatRequest.js";
import { lineBreak, mark } from "./sequenceText.js";

/** Raised with every change of the wording below or of how answers are read: scores of different versions are different scores. */
export const promptVersion = 1;

const explainerTask = `You study one unit inside a language model. It is active at some places of texts and silent everywhere else.
The user shows short passages in which it was active, one in a line, the strongest first. ${mark.open} and ${mark.close} surround the places; ${lineBreak} is a line break.

Work out what the marked places share and the rest of the passages lacks. It can be one word or part of one, words of one kind, a subject, a turn of grammar, a piece of formatting, or whatever comes just before or after the marks. Say it so narrowly that it tells the marked places from others, and so widely that every passage is covered. Mention capital letters, spelling or punctuation only where they decide.

Complete the sentence "The unit is active on ..." with at most 20 words. Write down these words and nothing else: no reasons, no list of the passages, no marks.

Two examples of a good answer:
the number of a year, when a date in the past is given
the second half of surnames that end in "-son"`;

const judgeTask = `You are told on what one unit inside a language model is active, and you get numbered passages of text. For each passage predict whether the unit is active anywhere in it. ${lineBreak} is a line break.
The passages stand in random order. Perhaps many of them fit, perhaps few, perhaps none.

Answer with the numbers of the passages in which the unit is active, with commas between them, such as: 3, 8, 20
If it is active in none of them, answer: none
Write nothing else.`;

/** Asks for a description. */
export const explainMessages = (markedTexts: readonly string[]): ChatMessage[] => [
  { role: "system", content: explainerTask },
  { role: "user", content: `${numbered(markedTexts)}\n\nThe unit is active on ...` },
];

/** Asks which texts a description fits. */
export const judgeMessages = (description: string, texts: readonly string[]): ChatMessage[] => [
  { role: "system", content: judgeTask },
  { role: "user", content: `The unit is active on ${description}\n\n${numbered(texts)}` },
];

/** Asks again, after an answer that could not be read. */
export const reminder = (answer: string, form: "description" | "numbers", count = 0): ChatMessage[] => [
  // servers refuse empty messages
  { role: "assistant", content: answer.trim() || "..." },
  {
    role: "user",
    content:
      form === "description"
        ? 'I need the words that complete "The unit is active on ...", in one line, and nothing else.'
        : `I need numbers from 1 to ${count} with commas between them, or the word none, and nothing else.`,
  },
];

const numbered = (texts: readonly string[]): string => texts.map((text, at) => `${at + 1}. ${text}`).join("\n");
