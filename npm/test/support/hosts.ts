/** Hosts and components for tests. */

import { test } from "node:test";

import { createHost, type ComponentHandle, type ComponentStart, type Host, type HostOptions, type Isolation } from "trellis-host";

import { readFile } from "./files.js";

/** The sample components. */
export type Sample = "hostile" | "http-counter" | "http-echo" | "http-hello" | "kitchen-host" | "kitchen-sink" | "wasi-tour";

const samples = new Map<Sample, Promise<Uint8Array<ArrayBuffer>>>();

/** The bytes of a sample component. */
export function sample(name: Sample): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = samples.get(name);
  if (bytes === undefined) samples.set(name, (bytes = readFile(`examples/dist/${name}.wasm`)));
  return bytes;
}

/** A host with sample components, each under its own name. */
export async function hostWith(
  names: readonly Sample[], options: HostOptions & { component?: Partial<ComponentStart> } = {},
): Promise<Host> {
  const { component, ...rest } = options;
  const host = await createHost({ onOutput: () => undefined, ...rest });
  for (const name of names) await start(host, name, component);
  return host;
}

/** Starts a sample component under its own name. */
export async function start(host: Host, name: Sample, options: Partial<ComponentStart> = {}): Promise<ComponentHandle> {
  return host.startComponent({ id: name, source: await sample(name), ...options });
}

/** Whether a test can run: some need guests that wait. */
export type Needs = "waiting" | "nothing";

/** Declares a test for guests in a worker and one for guests inline. The host that `make` gives is stopped afterwards. */
export function inBoth(name: string, needs: Needs, body: (isolation: Isolation) => Promise<void>): void {
  for (const isolation of ["worker", "inline"] as const) {
    test(`${name} (${isolation})`, { skip: needs === "waiting" && !canWait(isolation) }, () => body(isolation));
  }
}

/** Whether guests can wait there. */
export function canWait(isolation: Isolation): boolean {
  return hasJspi() || (isolation === "worker" && hasSharedMemory());
}

/** Whether guests can wait inline. */
export function hasJspi(): boolean {
  return "Suspending" in WebAssembly;
}

/** Whether a worker can be blocked. */
export function hasSharedMemory(): boolean {
  return typeof SharedArrayBuffer === "function" && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
}

/** A promise and the functions that settle it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

/** Waits for what nobody tells of. Where it never comes true, the time of the test ends that. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
