import { library } from "@sae/tooling/tsup";

export default library();
