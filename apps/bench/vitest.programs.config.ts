import { project } from "@sae/tooling/vitest";

export default project("programs", "programs");
