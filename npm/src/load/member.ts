/** The module of this realm that makes its hosts members of a lattice. Imported when a host is to be one. */

import * as glue from "../../pkg/trellis_member.js";
import { ModuleLoader } from "./module.js";

/** Loads it. */
export const member = new ModuleLoader(glue);
