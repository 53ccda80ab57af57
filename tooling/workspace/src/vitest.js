import { defineProject } from "vitest/config";

// Vite drops its own conditions when any are given, so they are named again.
const conditions = ["@sae/source", "module", "node", "development|production"];

/**
 * Test project of one package: tests beside the sources, other packages resolved to their sources so that no build is needed.
 * @param {string} name name shown beside each test file
 */
export function project(name) {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ["src/**/*.test.{ts,js}"],
      environment: "node",
      isolate: false, // files share a process: most of the time went into loading onnxruntime and the sources again
      testTimeout: 0,
      hookTimeout: 0,
      server: { deps: { inline: [/\/node_modules\/\.cache\/doc-examples\//] } }, // see docExamples.ts
    },
  });
}
