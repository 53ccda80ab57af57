import { configDefaults, defineProject } from "vitest/config";

// Vite drops its own conditions when any are given, so they are named again.
const conditions = ["@sae/source", "module", "node", "development|production"];

/** Tests of whole studies by the program that users run: killed, continued, looked at in a browser. */
const programTests = "src/**/*.program.test.ts";

/**
 * Test project of one package: tests beside the sources, other packages resolved to their sources so that no build is needed.
 * @param {string} name name shown beside each test file
 * @param {"own" | "programs"} [tests] those of the package itself, or those of its programs, which take as long as all others together
 */
export function project(name, tests = "own") {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: tests === "own" ? ["src/**/*.test.{ts,js}"] : [programTests],
      exclude: [...configDefaults.exclude, ...(tests === "own" ? [programTests] : [])],
      environment: "node",
      isolate: false, // files share a process: most of the time went into loading onnxruntime and the sources again
      testTimeout: 0,
      hookTimeout: 0,
      server: { deps: { inline: [/\/node_modules\/\.cache\/doc-examples\//] } }, // see docExamples.ts
    },
  });
}
