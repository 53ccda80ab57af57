import { availableParallelism } from "node:os";
import { CountReporter } from "@sae/tooling/countReporter";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "tooling/*"],
    maxWorkers: availableParallelism(), // one more than vitest would take: on two cores twice as many
    reporters: ["default", new CountReporter()],
  },
});
