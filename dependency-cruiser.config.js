import { fileURLToPath } from "node:url";

/** Workspace packages each package may import; the order is the direction, so that no cycle can be written down. */
const mayImport = {
  core: [],
  autoencoders: ["core"],
  baselines: ["core", "autoencoders"],
  editing: ["core", "metrics", "models"],
  metrics: ["core"],
  models: ["core"],
  corpora: ["core", "models"],
  probing: ["core", "metrics", "models"],
  synthetic: ["core", "metrics"],
};

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const direction = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `direction-${name}`,
  comment: `@sae/${name} may import ${allowed.map((other) => `@sae/${other}`).join(", ") || "no other package"} only.`,
  severity: "error",
  from: { path: `^packages/${name}/` },
  to: { path: "^(packages|apps)/", pathNot: `^packages/(${[name, ...allowed].join("|")})/` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...direction,
    {
      name: "no-unlisted-package",
      comment: "A new package states what it may import in mayImport above.",
      severity: "error",
      from: { path: "^packages/", pathNot: `^packages/(${Object.keys(mayImport).join("|")})/` },
      to: {},
    },
    {
      name: "no-cycles",
      comment:
        "Modules that import each other cannot be read, tested or moved one at a time. Types are erased, so they may. " +
        "So may the ops: the gradient of one is written with others, and runs only when all of them are loaded.",
      severity: "error",
      from: { pathNot: "^packages/core/src/ops/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "through-the-front-door",
      comment:
        "Another package is imported by its name, never by a path into its sources; what tests share is no part of it.",
      severity: "error",
      from: { path: "^(packages|apps)/([^/]+)/" },
      to: {
        path: "^(packages|apps)/[^/]+/src/",
        pathNot: "^$1/$2/|^(packages|apps)/[^/]+/src/(index|[^/]+\\.testkit)\\.ts$",
      },
    },
    {
      name: "no-barrel-inside",
      comment: "src/index.ts is for other packages; inside a package, import the module itself.",
      severity: "error",
      from: { path: "^packages/([^/]+)/src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/$1/src/index\\.ts$" },
    },
    {
      name: "no-tests-in-sources",
      comment: "Sources never import tests, or what tests share (*.testkit.ts).",
      severity: "error",
      from: { pathNot: "\\.(test|testkit)\\.ts$" },
      to: { path: "\\.(test|testkit)\\.ts$" },
    },
    {
      name: "no-unresolvable",
      comment: "An import that resolves to nothing fails at run time.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-undeclared",
      comment: "A published package declares what it imports.",
      severity: "error",
      from: { path: "^(packages|apps)/[^/]+/src/", pathNot: "\\.(test|testkit)\\.ts$" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-dev", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|node_modules/\\.cache)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: fileURLToPath(new URL("tooling/workspace/tsconfig.json", import.meta.url)) },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@sae/source", "import", "node", "default", "types"],
      extensions: [".ts", ".js", ".json"],
    },
  },
};
