/** Gets the bytes of a component from wherever they are. */

import type { Precompiled } from "../engine/artifact.js";
import { LoadError, messageOf } from "../errors.js";
import { refuse } from "./checks.js";

/**
 * Where a component comes from: its bytes, a URL, a `Response`, a file path (a string that is no URL; not in browsers),
 * or what was compiled before.
 */
export type ComponentSource = Uint8Array | ArrayBuffer | URL | string | Response | Precompiled;

/** Reads a file; only platforms with files have it. */
export type ReadFile = (path: string | URL) => Promise<Uint8Array>;

/** The bytes behind a source. */
export async function readSource(
  source: Exclude<ComponentSource, Precompiled>, readFile: ReadFile | undefined, signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Response) return bodyOf(source);
  if (typeof source !== "string" && !(source instanceof URL)) refuse("source", "bytes, a URL, a path or a Response", source);
  if (readFile !== undefined && isFile(source)) return load(source, () => readFile(source));
  return load(source, async () => bodyOf(await fetch(source, signal ? { signal } : undefined)));
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
    if (error instanceof LoadError) throw error;
    throw new LoadError(`${source} could not be loaded: ${messageOf(error)}`, { cause: error });
  }
}
