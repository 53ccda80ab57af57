import { CountReporter } from "@sae/tooling/countReporter";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "tooling/*"],
    reporters: ["default", new CountReporter()],
  },
});
