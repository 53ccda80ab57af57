/** A model of the hub as people write it. */
export interface HubReference {
  readonly repo: string;
  /** Branch, tag or commit; undefined when left out. */
  readonly revision?: string;
  /** One file of the repository; undefined when left out. */
  readonly file?: string;
}

/**
 * Reads "org/name", "org/name@revision", "org/name:file.gguf" and "org/name@revision:file.gguf".
 *
 * @returns null if the text is something else
 */
export function parseHubReference(text: string): HubReference | null {
  const match = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([^:@\s]+))?(?::([^:\s][^:]*))?$/.exec(text);
  if (match === null) return null;
  const [, repo, revision, file] = match;
  return { repo, ...(revision !== undefined && { revision }), ...(file !== undefined && { file }) };
}
