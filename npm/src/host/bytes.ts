/** Gets the bytes of a component from wherever they are. */

import type { PullOptions } from "../artifacts/options.js";
import { isInRegistry } from "../artifacts/reference.js";
import type { ArtifactStore } from "../artifacts/store.js";
import type { Precompiled } from "../engine/artifact.js";
import { LoadError, messageOf, TrellisError } from "../errors.js";
import { refuse } from "./checks.js";

/**
 * Where a component comes from: its bytes, a URL, a `Response`, a reference to a registry (`ghcr.io/acme/api:0.3.0`,
 * `oci://…`; without `oci://` it needs a tag or a digest), a file path (any other string that is no URL; not in browsers),
 * or what was compiled before.
 */
export type ComponentSource = Uint8Array | ArrayBuffer | URL | string | Response | Precompiled;

/** Reads a file; only platforms with files have it. */
export type ReadFile = (path: string | URL) => Promise<Uint8Array>;

/** Where sources lead. */
export interface Places {
  readonly artifacts: ArtifactStore;
  readonly readFile: ReadFile | undefined;
}

/** The bytes behind a source. */
export async function readSource(
  source: Exclude<ComponentSource, Precompiled>, { artifacts, readFile }: Places, options: PullOptions,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Response) return bodyOf(source);
  if (typeof source !== "string" && !(source instanceof URL)) refuse("source", "bytes, a URL, a path or a Response", source);
  if (typeof source === "string" && isInRegistry(source)) return (await artifacts.pull(source, options)).bytes;
  if (readFile !== undefined && isFile(source)) return load(source, () => readFile(source));
  // A request knows what a relative URL is relative to, in a page and in a worker.
  return load(source, () => artifacts.download(new URL(new Request(source).url), options));
}

/** What a source is called in a lattice. */
export function referenceOf(source: ComponentSource): string {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.href;
  return source instanceof Response ? source.url : "";
}

/** Whether a source was compiled before. */
export function isPrecompiled(source: unknown): source is Precompiled {
  return typeof source === "object" && source !== null && "plan" in source && "modules" in source;
}

function isFile(source: string | URL): boolean {
  const text = String(source);
  return text.startsWith("file:") || !/^[a-z][a-z0-9+.-]+:/i.test(text);
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  if (!response.ok) throw new LoadError(`${response.url} answered ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function load(source: string | URL, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TrellisError) throw error;
    throw new LoadError(`${source} could not be loaded: ${messageOf(error)}`, { cause: error });
  }
}
