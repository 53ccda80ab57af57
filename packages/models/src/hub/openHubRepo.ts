import type { HubRepo, HubRepoOptions } from "./hubRepo.js";

/**
 * Finds out which commit a revision is: one request, none if it is a commit already or if offline. The hub's client is loaded with the first one: most
 * programs that import this package fetch nothing.
 *
 * @throws SaeError `bad_reference`, `hub_offline`, and those of a request
 */
export const openHubRepo = async (options: HubRepoOptions): Promise<HubRepo> =>
  (await import("./hubRepo.js")).hubRepo(options);
