import { project } from "./src/vitest.js";

export default project("tooling");
