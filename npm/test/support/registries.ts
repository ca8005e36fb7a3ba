/** The tests' registry on every platform, and stores that may pull from it. */

import { after, before } from "node:test";

import { type ArtifactOptions, type ArtifactStore, createArtifactStore } from "trellis-host";

import { sample } from "./hosts.js";
import type { Seen, TestRegistry } from "./registry.js";

/** Whether the test runs in a page. */
export const inPage = "document" in globalThis;

let registry: TestRegistry;

/** Has the registry while the tests of a file run. */
export function useRegistry(): void {
  before(async () => void (registry = inPage ? fromPage() : await started()));
  after(() => registry.close());
}

function fromPage(): TestRegistry {
  const query = new URL(location.href).searchParams;
  return { origin: query.get("registry") ?? "", elsewhere: query.get("elsewhere") ?? "", close: async () => undefined };
}

async function started(): Promise<TestRegistry> {
  const { startRegistry } = await import("./registry.js");
  return startRegistry(await sample("http-hello"));
}

/** Its origin. */
export function origin(): string {
  return registry.origin;
}

/** Its host and port, and those of the other server. */
export function hosts(): string[] {
  return [registry.origin, registry.elsewhere].map((each) => new URL(each).host);
}

/** A reference to an artifact with which `matter` is the matter, in a repository of its own. */
export function artifact(matter: string, tag = ":1.0"): { reference: string; name: string } {
  const name = `t${Math.random().toString(36).slice(2)}`;
  return { reference: `${new URL(registry.origin).host}/${matter}/${name}${tag}`, name };
}

/** A store that may pull from it; without a cache unless told otherwise. */
export function store(options: ArtifactOptions = {}): ArtifactStore {
  return createArtifactStore({ cache: false, insecureRegistries: hosts(), ...options });
}

/** What the servers were asked for with a name in its path, but for what browsers ask before. */
export async function seen(name: string): Promise<Seen[]> {
  const all = (await (await fetch(`${registry.origin}/seen?name=${name}`)).json()) as Seen[];
  return all.filter(({ method }) => method !== "OPTIONS");
}
