let last = 0;

/**
 * A number for a new loop or branch body, larger than that of every body it can lie in. A node belongs to the largest region among
 * its inputs, so work that does not depend on the loop is done outside it. Only the order of the numbers means anything.
 */
export const nextRegion = (): number => ++last;
