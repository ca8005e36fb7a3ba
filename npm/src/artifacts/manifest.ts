/**
 * Manifests and indexes of registries: which manifest of an index is meant, and which layer is the component. Facts:
 * the OCI image specification, and lattice protocol 1.x, section 10.2.
 */

import { show } from "../codec/located.js";
import { LoadError } from "../errors.js";
import { isDigest } from "./reference.js";

/** The media type of a manifest. */
export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** The media type of an index. */
export const INDEX = "application/vnd.oci.image.index.v1+json";

/** The media types of layers that hosts of wasmCloud take for a component. */
const COMPONENT_LAYERS = [
  "application/wasm",
  "application/vnd.module.wasm.content.layer.v1+wasm",
  "application/vnd.oci.image.layer.v1.tar",
];

/** Systems of WebAssembly, the best first. */
const SYSTEMS = ["wasip2", "wasi", "wasip1"];

/** What a manifest says of a blob or of another manifest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

type Json = Readonly<Record<string, unknown>>;

/** The manifest that an index means, or `undefined` where this is no index. */
export function chosenOf(manifest: Json, what: string): Descriptor | undefined {
  const { manifests, layers } = manifest;
  if (manifests === undefined || layers !== undefined) return undefined;
  const entries = listOf(manifests, what, "manifests").map((entry) => ({ entry, platform: recordOf(entry["platform"]) }));
  const rank = ({ platform }: (typeof entries)[number]): number => {
    if (platform["architecture"] !== "wasm") return Infinity;
    const system = SYSTEMS.indexOf(String(platform["os"]));
    return system < 0 ? SYSTEMS.length : system;
  };
  const [best] = entries.filter((each) => rank(each) < Infinity).sort((a, b) => rank(a) - rank(b));
  // An index of one need not tell the platform.
  const only = entries.length === 1 && entries[0]?.platform["architecture"] === undefined ? entries[0] : undefined;
  const chosen = best ?? only;
  if (chosen !== undefined) return descriptorOf(chosen.entry, what);
  const offered = entries.map(({ platform }) => `${word(platform["os"])}/${word(platform["architecture"])}`);
  throw new LoadError(`${what} has nothing for WebAssembly, only ${offered.slice(0, 10).join(", ") || "nothing at all"}`, { reason: "invalid" });
}

/** The layer that is the component. */
export function layerOf(manifest: Json, what: string): Descriptor {
  if (manifest["layers"] === undefined) throw new LoadError(`${what} is no manifest: it has no layers`, { reason: "invalid" });
  const layers = listOf(manifest["layers"], what, "layers");
  const [first] = layers;
  if (layers.length !== 1 || first === undefined) {
    throw new LoadError(`${what}: Found invalid OCI wasm artifact, expected single layer, found ${layers.length} layers`, { reason: "invalid" });
  }
  const layer = descriptorOf(first, what);
  if (COMPONENT_LAYERS.includes(layer.mediaType)) return layer;
  throw new LoadError(`${what} is no component: its layer has the media type ${show(layer.mediaType)}`, { reason: "invalid" });
}

function descriptorOf(entry: Json, what: string): Descriptor {
  const { mediaType, digest, size } = entry;
  if (!isDigest(digest)) throw new LoadError(`${what} names a digest that cannot be verified: ${show(digest)}`, { reason: "invalid" });
  if (!Number.isSafeInteger(size) || Number(size) < 0) throw new LoadError(`${what} names a size that is none: ${show(size)}`, { reason: "invalid" });
  return { mediaType: typeof mediaType === "string" ? mediaType : "", digest, size: size as number };
}

function listOf(value: unknown, what: string, field: string): Json[] {
  if (Array.isArray(value)) return value.map(recordOf);
  throw new LoadError(`${what} is damaged: its ${field} are no list`, { reason: "invalid" });
}

function recordOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function word(value: unknown): string {
  return typeof value === "string" ? value.replace(/[^\w.-]/g, "?").slice(0, 20) : "unknown";
}
