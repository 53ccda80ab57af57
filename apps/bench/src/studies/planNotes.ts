/** @param missing models and texts that a dry run did not find on this machine */
export const planNotes = (missing: readonly string[]): string[] =>
  missing.length === 0
    ? []
    : [
        `Not on this machine: ${missing.join(", ")}. A run fetches them; their jobs have provisional names here, and none of them counts as done.`,
      ];
