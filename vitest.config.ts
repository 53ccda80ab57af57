import { availableParallelism } from "node:os";
import { CountReporter } from "@sae/tooling/countReporter";
import { project } from "@sae/tooling/vitest";
import { defineConfig } from "vitest/config";

/** Whole studies by the built program: killed, continued, looked at in a browser. They take as long as all others together. */
const programs = "apps/*/src/**/*.program.test.ts";

export default defineConfig({
  test: {
    // One project of all packages: each project would load the sources of the engine again.
    projects: [
      project("packages", ["{packages,apps,tooling}/*/src/**/*.test.{ts,js}"], [programs]),
      project("programs", [programs]),
    ],
    maxWorkers: availableParallelism(), // one more than vitest would take: on two cores twice as many
    reporters: ["default", new CountReporter()],
  },
});
