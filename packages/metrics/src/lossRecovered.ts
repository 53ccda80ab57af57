/**
 * (ablated − modified) / (ablated − perfect): how much of what ablating the activations costs a reconstruction in their place does not cost.
 * 1: as good as the activations themselves; 0: as bad as having none; below 0: worse. NaN when ablating costs nothing.
 *
 * With cross entropies, `perfect` is the clean model's: CE score of SAEBench's core evaluation. With KL divergences from the clean model it is 0.
 */
export const lossRecovered = (modified: number, ablated: number, perfect = 0): number =>
  ablated === perfect ? Number.NaN : (ablated - modified) / (ablated - perfect);
