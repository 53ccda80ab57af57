import { seriesColour } from "./palette.js";

/** Shapes that stay apart at 7 pixels. */
export type SeriesSymbol = "circle" | "square" | "triangle" | "diamond" | "star" | "cross";

/** How one architecture or training condition looks in every figure: never by colour alone. */
export interface SeriesStyle {
  /** Name for readers. */
  readonly label: string;
  readonly colour: string;
  readonly symbol: SeriesSymbol;
  /** SVG dash pattern; empty for a solid line. */
  readonly dash: string;
  /** Drawn as an outline: a second kind of what has the same hue. */
  readonly hollow: boolean;
}

const symbols: readonly SeriesSymbol[] = ["circle", "square", "triangle", "diamond", "star", "cross"];
const dashes = ["", "6 3", "2 3", "8 3 2 3", "4 2 1 2 1 2", "1 4"];

const style = (label: string, index: number, hollow = false): SeriesStyle => ({
  label,
  colour: seriesColour(index),
  symbol: symbols[index % symbols.length],
  dash: dashes[index % dashes.length],
  hollow,
});

const known: Readonly<Record<string, SeriesStyle>> = {
  batchtopk: style("BatchTopK", 0),
  jumprelu: style("JumpReLU", 1),
  topk: style("TopK", 2),
  matryoshka: style("Matryoshka", 3),
  relu: style("ReLU", 4),
  trained: style("Fully trained", 0),
  trained_cov: style("Fully trained, cov", 0, true),
  soft_frozen_decoder: style("Soft-frozen decoder, iso", 1),
  soft_frozen_decoder_cov: style("Soft-frozen decoder, cov", 1, true),
  frozen_decoder: style("Frozen decoder, iso", 2),
  frozen_decoder_cov: style("Frozen decoder, cov", 2, true),
  frozen_encoder: style("Frozen encoder, iso", 3),
  frozen_encoder_cov: style("Frozen encoder, cov", 3, true),
  shuffled_decoder: style("Shuffled decoder", 4),
  random: style("Random", 5),
  random_cov: style("Random, cov", 5, true),
  pca: style("PCA", 4, true),
};

/** The looks of the series of one figure, in the order in which they were named. */
export interface SeriesStyles {
  readonly entries: readonly (readonly [name: string, style: SeriesStyle])[];
  /** @param name - one of the names the styles were made for */
  of(name: string): SeriesStyle;
}

/**
 * Style of each series by its name in configs. The architectures and baselines of the study have fixed ones; any other name
 * takes the first look that nobody in the list has.
 */
export function seriesStyles(names: readonly string[]): SeriesStyles {
  const taken = new Set(names.flatMap((name) => known[name]?.colour ?? []));
  let next = 0;
  const free = (): number => {
    while (next < symbols.length && taken.has(seriesColour(next))) next += 1;
    return next++;
  };
  const styles = new Map([...new Set(names)].map((name) => [name, known[name] ?? style(sentenceCase(name), free())]));
  return { entries: [...styles], of: (name) => styles.get(name) ?? style(sentenceCase(name), free()) };
}

const sentenceCase = (name: string): string => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
