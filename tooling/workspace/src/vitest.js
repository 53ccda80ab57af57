import { configDefaults, defineProject } from "vitest/config";

// Vite drops its own conditions when any are given, so they are named again.
const conditions = ["@sae/source", "module", "node", "development|production"];

/**
 * Test files beside the sources; other packages are resolved to their sources, so that no build is needed.
 * @param {string} name of the project, for `--project`
 * @param {string[]} include
 * @param {string[]} [exclude]
 */
export function project(name, include, exclude = []) {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, ...exclude],
      environment: "node",
      isolate: false, // files share a process: most of the time went into loading onnxruntime and the sources again
      testTimeout: 0,
      hookTimeout: 0,
      server: { deps: { inline: [/\/node_modules\/\.cache\/doc-examples\//] } }, // see docExamples.ts
    },
  });
}
