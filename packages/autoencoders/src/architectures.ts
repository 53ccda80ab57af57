/** SAELens's names of the architectures that it and this package both know, by how they choose active latents. */
export const architectures = { relu: "standard", topk: "topk", threshold: "jumprelu" } as const;
