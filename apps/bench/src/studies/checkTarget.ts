import { SaeError } from "@sae/core";
import { findVariant } from "../jobs/findByName.js";

/**
 * A target L0 that every architecture can have.
 *
 * @throws SaeError `bad_option` where one cannot, such as half a latent for TopK, and for more than there are latents
 */
export function checkTarget(variants: readonly string[], l0: number, dSae: number): void {
  for (const variant of variants) {
    const result = findVariant(variant).config.safeParse({ l0 });
    if (!result.success) {
      throw new SaeError(
        "bad_option",
        `--l0: ${variant} cannot have a target of ${l0}: ${result.error.issues[0].message}`,
      );
    }
  }
  if (l0 > dSae) throw new SaeError("bad_option", `--l0: needed at most --d-sae = ${dSae}, got ${l0}`);
}
