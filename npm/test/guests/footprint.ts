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

/** The memories of the guests on this thread, as far as nothing has let go of them. */
let memories: WeakRef<WebAssembly.Memory>[] = [];

// A weak reference holds its target to the end of the job: longer than a browser has room for.
if (node?.memoryUsage !== undefined) {
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args: ConstructorParameters<typeof WebAssembly.Instance>) {
      const instance = new target(...args);
      const memory = Object.values(instance.exports).find((each) => each instanceof WebAssembly.Memory);
      if (memory !== undefined) memories.push(new WeakRef(memory));
      return instance;
    },
  });
}

/** What is held after all that is unused was collected: bytes of JavaScript's heap, and memories of guests on this thread. */
export async function held(): Promise<{ heap: number; memories: number }> {
  if (node?.memoryUsage === undefined || node.getBuiltinModule === undefined) return { heap: 0, memories: 0 };
  node.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const collect = node.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
  // Finalizers run between two collections and let go of more.
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve));
  }
  memories = memories.filter((memory) => memory.deref() !== undefined);
  return { heap: node.memoryUsage().heapUsed, memories: memories.length };
}
