/** Settings of glibc's allocator for processes that compute. */
const tunables = {
  "glibc.malloc.hugetlb": "1",
  "glibc.malloc.mmap_threshold": `${2 ** 32}`,
  "glibc.malloc.trim_threshold": `${2 ** 33}`,
};

/**
 * The environment of a process that computes: glibc keeps the memory that was freed. By default every array of megabytes is mapped when it is made and
 * unmapped when it is freed, and the kernel clears each of its pages anew: half of the time of a training step in a wide model. Results do not depend
 * on it. Tunables that the user has set stay; where there is no glibc nobody reads them. docs/results/perf.md has the measurements.
 */
export function memoryEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  if (platform !== "linux") return environment;
  const given = (environment.GLIBC_TUNABLES ?? "").split(":").filter((setting) => setting !== "");
  const isGiven = (name: string) => given.some((setting) => setting.startsWith(`${name}=`));
  const own = Object.entries(tunables).flatMap(([name, value]) => (isGiven(name) ? [] : [`${name}=${value}`]));
  return { ...environment, GLIBC_TUNABLES: [...own, ...given].join(":") };
}
