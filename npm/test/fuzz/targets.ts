/** All targets, by the names of their files. */

import type { FuzzTarget } from "./target.js";
import { artifacts } from "./targets/artifacts.js";
import { codec } from "./targets/codec.js";
import { control } from "./targets/control.js";
import { frame } from "./targets/frame.js";

export const targets: Readonly<Record<string, FuzzTarget>> = { artifacts, codec, control, frame };
