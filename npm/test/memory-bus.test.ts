/** The bus in memory is a carrier like any other. */

import { createMemoryBus } from "trellis-host";

import { busCompliance } from "./bus.compliance.js";

busCompliance("the bus in memory", () => createMemoryBus());
