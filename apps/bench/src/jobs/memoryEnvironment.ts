const hugePages = "glibc.malloc.hugetlb";

/**
 * The environment of a process that computes: glibc asks for huge pages. Tensors of megabytes are mapped when they are made and unmapped when they are
 * freed, again and again; in pages of 4 kB the kernel's work for that is two fifths of a training step in a wide model. Results do not depend on it. What the
 * user has set of the kind stays; where there is no glibc nobody reads it. docs/results/perf.md has the measurements.
 */
export function memoryEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const given = (environment.GLIBC_TUNABLES ?? "").split(":").filter((setting) => setting !== "");
  if (platform !== "linux" || given.some((setting) => setting.startsWith(`${hugePages}=`))) return environment;
  return { ...environment, GLIBC_TUNABLES: [...given, `${hugePages}=1`].join(":") };
}
