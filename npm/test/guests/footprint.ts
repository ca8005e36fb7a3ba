/** What a process holds, where the platform tells: Node does. Elsewhere all of it counts as nothing. */

/** The parts of Node's modules that are used here; imports of them would not be found in a browser. */
interface Builtins {
  getBuiltinModule?(name: "node:v8"): { setFlagsFromString(flag: string): void };
  getBuiltinModule?(name: "node:vm"): { runInNewContext(code: string): unknown };
  on?(event: "worker", listener: () => void): void;
  memoryUsage?(): { heapUsed: number; external: number; arrayBuffers: number };
}

const node = (globalThis as { process?: Builtins }).process;
let workers = 0;
node?.on?.("worker", () => workers++);

/** How many workers were started. */
export function workersStarted(): number {
  return workers;
}

/** Bytes that are held after all that is unused was collected. */
export async function heapAfterCollection(): Promise<number> {
  if (node?.memoryUsage === undefined || node.getBuiltinModule === undefined) return 0;
  node.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const collect = node.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
  // Finalizers run between two collections and let go of more.
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { heapUsed, external, arrayBuffers } = node.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
