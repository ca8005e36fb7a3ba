// A host of a lattice that runs HTTP hello twice: `reuse` keeps its state from call to call, `fresh` does not.
import { readFile } from "node:fs/promises";

import { createHost } from "trellis-host";

import { inside } from "../../scripts/lib/paths.mjs";

const [url, lattice] = process.argv.slice(2);
const source = await readFile(inside("examples/dist/http-hello.wasm"));
const host = await createHost({ lattice, nats: { servers: url } });
await host.startComponent({ id: "fresh", source });
await host.startComponent({ id: "reuse", source, reuse: true });
process.send("ready");
