// A host of a lattice that nobody has told anything yet. Tells its parent its id, and how many milliseconds it took to be
// there; when asked, the processor time and the heap that it has taken so far. Started with --expose-gc.
import { createHost } from "trellis-host";

const [servers, lattice, heartbeat] = process.argv.slice(2);
const begin = performance.now();
const member = heartbeat === undefined ? {} : { heartbeat: Number(heartbeat) };
const host = await createHost({ lattice, nats: { servers }, member, artifacts: { allowFileLoad: true } });
process.send({ id: host.id, milliseconds: performance.now() - begin });

process.on("message", () => {
  globalThis.gc();
  globalThis.gc();
  const { user, system } = process.cpuUsage();
  process.send({ cpu: (user + system) / 1000, heap: process.memoryUsage().heapUsed });
});
