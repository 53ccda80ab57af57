const Z_95 = 1.959963984540054; // 97.5 % quantile of the standard normal distribution

/**
 * Wilson score interval of a proportion: the probabilities that a two-sided test at this level does not reject. Unlike
 * the normal approximation it stays inside [0, 1] and has a width when none or all succeed.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 *
 * @param successes whole number from 0 to trials
 * @param trials when 0, nothing is known: the interval is [0, 1]
 * @param z quantile of the standard normal distribution; the default makes it a 95 % interval
 */
export function wilsonInterval(successes: number, trials: number, z = Z_95): { low: number; high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const fraction = successes / trials;
  const centre = fraction + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((fraction * (1 - fraction)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return {
    low: successes === 0 ? 0 : (centre - spread) / scale,
    high: successes === trials ? 1 : (centre + spread) / scale,
  };
}
