/**
 * References to artifacts, as a lattice writes them (lattice protocol 1.x, section 10.1), in their normal form:
 * `ghcr.io/acme/api:0.3.0`, `ghcr.io/acme/api@sha256:…`, `oci://…`, `https://…`, `file:///…` and absolute paths.
 *
 * The grammar of names is that of the distribution specification. As hosts of a lattice do, a reference to a registry is
 * lower-cased first, its tag too: all of them then start the same code.
 */

import { show } from "../codec/located.js";
import { InvalidArgumentError } from "../errors.js";

/** An artifact in a registry. */
export interface RegistryReference {
  readonly kind: "registry";
  /** The normal form. */
  readonly text: string;
  /** The registry's host, with a port where it is no usual one: the key of its credentials. */
  readonly registry: string;
  /** The name within it. */
  readonly repository: string;
  /** The tag; `latest` where the reference names neither tag nor digest. */
  readonly tag: string | undefined;
  /** The digest of the manifest, where the reference is pinned. It goes before the tag. */
  readonly digest: string | undefined;
}

/** What a reference means. */
export type Reference =
  | RegistryReference
  | { readonly kind: "url"; readonly text: string; readonly url: URL }
  | { readonly kind: "file"; readonly text: string; readonly path: string | URL };

/** Longer ones are no references. */
const LONGEST = 4096;
/** The distribution specification wants a host and a name together to be no longer. */
const LONGEST_NAME = 255;
const LATEST = "latest";
const DOCKER_HUB = "docker.io";

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[a-z0-9_][a-z0-9._-]{0,127}$/;
const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const HOST = new RegExp(String.raw`^(${LABEL}(?:\.${LABEL})*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$`);
const NAME = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
/** What Unicode has beside ASCII can turn into ASCII when it is lower-cased, and look like it. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** The reference behind a text. */
export function parseReference(text: string): Reference {
  if (text.length === 0 || text.length > LONGEST || text.trim() !== text) nonsense(text, "it is empty, too long or padded");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined: return text.startsWith("/") ? file(text, text) : inRegistry(text, text);
    case "oci": return inRegistry(text, text.slice("oci://".length));
    case "http": case "https": return web(text);
    case "file": return localFile(text);
    default: return nonsense(text, `nothing can be pulled by ${scheme}://`);
  }
}

/**
 * Whether a source that a program names is in a registry: `oci://…`, or a host with a dot or a port, a name, and a tag
 * or digest. Anything else without a scheme is a path.
 */
export function isInRegistry(source: string): boolean {
  return /^oci:\/\//i.test(source)
    || /^(?:localhost|\[[0-9a-f:.]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:\d))(?::\d+)?\/[^:@\s?#]+[:@][^/\s]+$/i.test(source);
}

/** Whether a text is a digest that can be verified here. */
export function isDigest(text: unknown): text is string {
  return typeof text === "string" && DIGEST.test(text);
}

/**
 * Whether a text is a registry: a host, perhaps with a port. One that URLs write in another way, as they do 127.1, is
 * none: it would go by two names.
 */
export function isRegistry(text: string): boolean {
  const [, host, port] = HOST.exec(text) ?? [];
  if (host === undefined || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) return false;
  return URL.canParse(`https://${host}`) && new URL(`https://${host}`).hostname === host;
}

function inRegistry(text: string, path: string): RegistryReference {
  if (!VISIBLE_ASCII.test(path)) nonsense(text, "a reference has no spaces and no letters beyond ASCII");
  const [name = "", digest, ...rest] = path.toLowerCase().split("@");
  if (rest.length > 0 || (digest !== undefined && !isDigest(digest))) nonsense(text, "what follows @ has to be sha256: and 64 hexadecimal digits");
  const colon = name.lastIndexOf(":");
  const tagged = colon > name.lastIndexOf("/");
  const tag = tagged ? name.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) nonsense(text, "its tag has characters that no tag has, or none");
  const { registry, repository } = located(text, tagged ? name.slice(0, colon) : name);
  const named = tag ?? (digest === undefined ? LATEST : undefined);
  const normal = `${registry}/${repository}${named === undefined ? "" : `:${named}`}${digest === undefined ? "" : `@${digest}`}`;
  return { kind: "registry", text: normal, registry, repository, tag: named, digest };
}

/** A first part that cannot be a host is a part of a name at Docker Hub, as everywhere in this field. */
function located(text: string, name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hosted = first === "localhost" || /[.:[]/.test(first);
  const host = hosted ? first : DOCKER_HUB;
  const registry = host === `index.${DOCKER_HUB}` ? DOCKER_HUB : host;
  const path = hosted ? name.slice(slash + 1) : name;
  const repository = registry === DOCKER_HUB && !path.includes("/") ? `library/${path}` : path;
  if (!isRegistry(registry)) nonsense(text, "its registry is no host name with perhaps a port");
  if (!repository.split("/").every((part) => NAME.test(part))) nonsense(text, "its name has characters that no name has, or an empty part");
  if (registry.length + repository.length > LONGEST_NAME) nonsense(text, `host and name have more than ${LONGEST_NAME} characters`);
  return { registry, repository };
}

function web(text: string): Reference {
  const url = URL.canParse(text) ? new URL(text) : nonsense(text, "it is no URL");
  // `fetch` would refuse it too, and repeat it.
  if (url.username !== "" || url.password !== "") throw new InvalidArgumentError("reference: a URL must not carry credentials; they would be logged with it");
  url.hash = "";
  return { kind: "url", text: url.href, url };
}

function localFile(text: string): Reference {
  const url = URL.canParse(text) ? new URL(text) : nonsense(text, "it is no URL");
  // Firefox makes a host the first part of the path.
  const isAbsolute = /^file:\/\/\//i.test(text);
  if (!isAbsolute || url.host !== "" || url.search !== "" || url.hash !== "") nonsense(text, "a file URL is file:// and an absolute path");
  return file(url.href, url);
}

function file(text: string, path: string | URL): Reference {
  if (/\0|%00/.test(text)) nonsense(text, "no path has a NUL in it");
  return { kind: "file", text, path };
}

function nonsense(text: string, why: string): never {
  throw new InvalidArgumentError(`reference: ${hidden(text)} is no reference to an artifact: ${why}; expected such as ghcr.io/acme/api:1.0`);
}

/** What stands before an @ and is no registry may be a password. */
function hidden(text: string): string {
  return /^(?:[a-z]+:\/\/)?[^/@]*@/i.test(text) ? `${show("…")} with an @ before its name` : show(text);
}
