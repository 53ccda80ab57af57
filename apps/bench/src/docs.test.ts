import { testDocExamples } from "@sae/tooling/docExamples";

// These use all the packages, so they are run here, where all of them can be imported.
testDocExamples("../../../README.md", import.meta.url);
testDocExamples("../../../CONTRIBUTING.md", import.meta.url);
