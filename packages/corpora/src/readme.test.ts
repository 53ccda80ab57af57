import { testDocExamples } from "@sae/tooling/docExamples";

testDocExamples("../README.md", import.meta.url);
