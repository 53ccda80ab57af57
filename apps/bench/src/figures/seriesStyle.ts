import { seriesColour } from "./palette.js";

/** Shapes that stay apart at 7 pixels. */
export type SeriesSymbol = "circle" | "square" | "triangle" | "diamond" | "star" | "cross";

/** How one architecture or training condition looks in every figure: never by colour alone. */
export interface SeriesStyle {
  /** Name for readers. */
  readonly label: string;
  /** What stands under a bar, and beside the label in its legend: one to three characters. */
  readonly short: string;
  readonly colour: string;
  readonly symbol: SeriesSymbol;
  /** SVG dash pattern; empty for a solid line. */
  readonly dash: string;
  /** Drawn as an outline: a second kind of what has the same hue. */
  readonly hollow: boolean;
}

const symbols: readonly SeriesSymbol[] = ["circle", "square", "triangle", "diamond", "star", "cross"];
const dashes = ["", "6 3", "2 3", "8 3 2 3", "4 2 1 2 1 2", "1 4"];

const style = (label: string, index: number, hollow = false, short = initials(label)): SeriesStyle => ({
  label,
  short,
  colour: seriesColour(index),
  symbol: symbols[index % symbols.length],
  dash: dashes[index % dashes.length],
  hollow,
});

/** Of a series that has no code of its own. */
const initials = (label: string): string =>
  label
    .split(/\W+/)
    .map((word) => word.charAt(0))
    .join("")
    .slice(0, 3);

const known: Readonly<Record<string, SeriesStyle>> = {
  batchtopk: style("BatchTopK", 0),
  jumprelu: style("JumpReLU", 1),
  topk: style("TopK", 2),
  matryoshka: style("Matryoshka", 3),
  relu: style("ReLU", 4),
  trained: style("Fully trained", 0, false, "T"),
  trained_cov: style("Fully trained, cov", 0, true, "Tc"),
  soft_frozen_decoder: style("Soft-frozen decoder, iso", 1, false, "S"),
  soft_frozen_decoder_cov: style("Soft-frozen decoder, cov", 1, true, "Sc"),
  frozen_decoder: style("Frozen decoder, iso", 2, false, "D"),
  frozen_decoder_cov: style("Frozen decoder, cov", 2, true, "Dc"),
  frozen_encoder: style("Frozen encoder, iso", 3, false, "E"),
  frozen_encoder_cov: style("Frozen encoder, cov", 3, true, "Ec"),
  shuffled_decoder: style("Shuffled decoder", 4, false, "Sh"),
  random: style("Random", 5, false, "R"),
  random_cov: style("Random, cov", 5, true, "Rc"),
  pca: style("PCA", 4, true, "P"),
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
