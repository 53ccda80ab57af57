import { availableParallelism } from "node:os";
import { CountReporter } from "@sae/tooling/countReporter";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "tooling/*", "apps/bench/vitest.programs.config.ts"],
    // Tests that start a program wait for it a part of their time: one file more than there are cores.
    maxWorkers: availableParallelism() + 1,
    reporters: ["default", new CountReporter()],
  },
});
