// Shape legend: n units of a group, m deviations to choose from.

/** Units that are drawn together, of one side or, where units are paired, of all sides. */
export interface UnitBlock {
  /** Draws in a resample. */
  readonly draws: number;
  /** Chooses one of the deviations, with `draw(n)` for a whole number below n. */
  readonly pick: (draw: (n: number) => number) => number;
  /** By how much a side's score moves when this deviation is the mean of the draws [m]; their mean is 0. */
  readonly sides: readonly { readonly side: number; readonly deviations: Float64Array }[];
  /** What the spread of the draws' mean lacks, see {@link narrowness}. */
  readonly width: number;
  /** Variance that this block gives the score, in units of that of one unit, if all vary alike. */
  readonly share: number;
  /** Degrees of freedom that it adds to the estimate of that variance. */
  readonly degrees: number;
  /** Whether the estimate is one with those of other groups. */
  readonly pooled: boolean;
}

/** Values of a side's units [groups][n]; sides that are drawn together have the same groups of the same n. */
export interface SideGroups {
  readonly side: number;
  readonly groups: readonly (readonly number[])[];
}

/**
 * What is drawn in a resample of units: those of a group, among one another.
 *
 * Inside a group of one unit nothing tells how far off another one would be. Such groups are drawn among one another, as one stratum in which every draw keeps
 * the weight of a group ("collapsed strata": Cochran, Sampling Techniques, 1977, section 5A.12). What lies between the groups is then taken for chance, too:
 * intervals are rather too long than too short.
 *
 * If there is only one such group, it borrows a deviation, with either sign. One group is chosen, all alike, itself included. Another one lends the deviation of one
 * of its units from their mean; its own is that from the mean of the other groups, without which groups of equal units would make it certain.
 * Without another group there is nothing to draw.
 *
 * @param sides - drawn together, at least one
 * @param weight - of a group in the score
 */
export function unitBlocks(sides: readonly SideGroups[], weight: number): UnitBlock[] {
  const [{ groups }] = sides;
  const numbers = groups.map((_, group) => group);
  const several = numbers.filter((group) => groups[group].length > 1);
  const single = numbers.filter((group) => groups[group].length === 1);
  return [
    ...several.map((group) => groupBlock(sides, group, weight)),
    ...(single.length > 1 ? [stratumBlock(sides, single, weight)] : []),
    ...(single.length === 1 && several.length > 0 ? [borrowingBlock(sides, single[0], several, weight)] : []),
  ];
}

/** The units of a group, among one another. */
function groupBlock(sides: readonly SideGroups[], group: number, weight: number): UnitBlock {
  const n = sides[0].groups[group].length;
  return {
    ...amongOneAnother(n),
    sides: sides.map(({ side, groups }) => ({ side, deviations: scaled(centred(groups[group]), weight) })),
    share: weight ** 2 / n,
    pooled: true,
  };
}

/** Groups of one unit, among one another. */
function stratumBlock(sides: readonly SideGroups[], single: readonly number[], weight: number): UnitBlock {
  const n = single.length;
  return {
    ...amongOneAnother(n),
    sides: sides.map(({ side, groups }) => ({
      side,
      deviations: scaled(centred(single.map((group) => groups[group][0])), weight * n),
    })),
    share: weight ** 2 * n,
    pooled: false,
  };
}

const amongOneAnother = (n: number): Pick<UnitBlock, "draws" | "pick" | "width" | "degrees"> => ({
  draws: n,
  pick: (draw) => draw(n),
  width: narrowness(n),
  degrees: n - 1,
});

/** The only group of one unit, with a deviation of any group. */
function borrowingBlock(
  sides: readonly SideGroups[],
  single: number,
  several: readonly number[],
  weight: number,
): UnitBlock {
  const lists = sides.map(({ side, groups }) => {
    const others = several.map((group) => groups[group]);
    const own = groups[single][0] - mean(others.map(mean));
    const lent = [[own], ...others.map((values) => scaled(centred(values), narrowness(values.length)))];
    return { side, lent };
  });
  const sizes = lists[0].lent.map(({ length }) => length);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((total, size) => total + size, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    draws: 1,
    pick: (draw) => {
      const from = draw(sizes.length);
      return draw(2) * total + starts[from] + draw(sizes[from]);
    },
    sides: lists.map(({ side, lent }) => {
      const deviations = lent.flatMap((list) => [...list]);
      return { side, deviations: scaled([...deviations, ...deviations.map((value) => -value)], weight) };
    }),
    width: 1,
    share: weight ** 2,
    degrees: 0,
    pooled: true,
  };
}

/** What the spread of resampled means of n values lacks: √(n/(n − 1)). */
export const narrowness = (n: number): number => Math.sqrt(n / (n - 1));

/** Mean of at least one value. */
export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

const centred = (values: readonly number[]): number[] => {
  const centre = mean(values);
  return values.map((value) => value - centre);
};

const scaled = (values: readonly number[], by: number): Float64Array =>
  Float64Array.from(values, (value) => by * value);
