import { groupSizes, matryoshkaSae } from "@sae/autoencoders";
import { SaeError } from "@sae/core";

/**
 * Groups of Matryoshka that all have a latent: the loss of an empty one is that of the groups before it once more.
 *
 * @param variants the chosen ones
 * @param variantOptions their own options, by name
 * @throws SaeError `bad_option`
 */
export function checkGroups(
  variants: readonly string[],
  variantOptions: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>,
  dSae: number,
): void {
  const { name, config } = matryoshkaSae;
  if (!variants.includes(name)) return;
  const { fractions } = config.parse({ l0: 1, ...variantOptions[name] });
  const sizes = groupSizes(fractions, dSae);
  if (sizes.every((size) => size > 0)) return;
  throw new SaeError(
    "bad_option",
    `--fractions: needed at least one of the ${dSae} latents in each group, got groups of ${sizes.join(", ")}; raise the smallest share or --d-sae`,
  );
}
