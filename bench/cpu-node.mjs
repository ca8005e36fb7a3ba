// The cost of the rewriting pass under Node: prints it as JSON.
import { readFile } from "node:fs/promises";

import { inside } from "../scripts/lib/paths.mjs";
import { cpu } from "./cpu.mjs";

console.log(JSON.stringify(await cpu({ bytes: (path) => readFile(inside(path)) })));
