import type { InferenceSession } from "onnxruntime-node";
import { SaeError } from "./error.js";

type SessionOptions = InferenceSession.SessionOptions;

/** Options that a graph is lowered for, or that a program's own promises rest on: each has its place in `CompileOptions`. */
const owned = {
  intraOpNumThreads: "use threads, by which the graph is written, too",
  executionProviders: "use provider and providerOptions",
  externalData: "use fixed and keepFixed",
  enableProfiling: "use profile",
  profileFilePrefix: "use profile",
} as const satisfies Partial<Record<keyof SessionOptions, string>>;

const denormals = "set_denormal_as_zero";

/**
 * What a session is created with: the caller's further options between the engine's preferences, which they replace, and what the engine depends on.
 *
 * @param own options that are the engine's alone
 * @throws SaeError `bad_option` when `further` holds one of those
 */
export function sessionOptions(
  own: Pick<SessionOptions, keyof typeof owned>,
  further: SessionOptions = {},
): SessionOptions {
  for (const [name, remedy] of Object.entries(owned)) {
    if (further[name as keyof typeof owned] !== undefined) throw ownedError(name, remedy);
  }
  const { session, ...extra } = (further.extra ?? {}) as { readonly session?: Record<string, unknown> };
  // onnxruntime takes nested keys and dotted ones.
  if (session?.[denormals] !== undefined || Object.hasOwn(extra, `session.${denormals}`))
    throw ownedError(`extra.session.${denormals}`, "it is always on");
  return {
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...further,
    ...own,
    // Moments of latents that get no gradient decay into denormal numbers, on which every operation is many times slower.
    extra: { ...extra, session: { ...session, [denormals]: "1" } },
  };
}

const ownedError = (name: string, remedy: string): SaeError =>
  new SaeError(
    "bad_option",
    `sessionOptions: needed options that the engine leaves open, got ${name}; leave it out (${remedy})`,
  );
