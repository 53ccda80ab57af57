import { compileGenerator, type LanguageModel } from "@sae/models";

/** Beginnings that show what each source taught. */
const sampleBeginnings = [
  "The city of Paris is in the country of",
  "People in Tokyo speak",
  "The President said yesterday that",
  "She closed the door and",
  "dog: a",
  "Isaac Newton:",
  "def main():\n",
  "#include <",
  "<div class=",
  "Tous les êtres humains",
  "Jeder hat das Recht",
];

/** Continues each beginning with the likeliest token, again and again, to the end of the document. */
export async function greedySamples(
  model: LanguageModel,
  beginnings: readonly string[] = sampleBeginnings,
  maxNewTokens = 32,
): Promise<{ beginning: string; continuation: string }[]> {
  const { tokenizer } = model;
  if (!tokenizer) return [];
  const generator = await compileGenerator(model);
  const texts = beginnings.map((beginning) => tokenizer.encode(beginning, { bos: true }).ids);
  // Documents follow each other without an end token: the begin of the next one is the end.
  const written = await generator.run(texts, { maxNewTokens, stop: [...tokenizer.special] });
  await generator.dispose();
  return beginnings.map((beginning, i) => ({
    beginning,
    continuation: tokenizer.decode([...(texts[i] as number[]), ...(written[i] as number[])]).slice(beginning.length),
  }));
}
