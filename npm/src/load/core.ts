/** The core of this realm. */

import * as glue from "../../pkg/trellis_host.js";
import { ModuleLoader } from "./module.js";

/** Loads it. */
export const core = new ModuleLoader(glue);
