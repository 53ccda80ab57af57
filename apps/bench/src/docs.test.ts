import { testDocExamples } from "@sae/tooling/docExamples";

// The examples for contributors use all the packages, so they are run here, where all of them can be imported.
testDocExamples("../../../CONTRIBUTING.md", import.meta.url);
