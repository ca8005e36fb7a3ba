/** What a store of artifacts can be told. Every default stands here. */

import { show } from "../codec/located.js";
import { InvalidArgumentError } from "../errors.js";
import { checkList, refuse } from "../host/checks.js";
import { orElse } from "../host/limits.js";
import type { ArtifactCache } from "./cache.js";
import { checkCredential, checkCredentials, type RegistryCredential, type RegistryCredentials } from "./credentials.js";
import { isRegistry } from "./reference.js";

/** The cache that a platform has: a directory in Node, Cache Storage in browsers. */
export interface CacheSettings {
  /** The directory, or the name in Cache Storage. Default `trellis-host`, in Node within `$XDG_CACHE_HOME` or `~/.cache`. */
  location?: string;
  /** Bytes it may hold; beyond that goes what was not used for the longest time. Default 512 MiB. */
  maxBytes?: number | null;
}

/** Where artifacts come from, and what is allowed. */
export interface ArtifactOptions {
  /** Credentials by registry: `{ "ghcr.io": { username, password } }`. */
  credentials?: RegistryCredentials;
  /** The registries, and the hosts of `http://` references, that are spoken to without TLS: `["localhost:5000"]`. Default none. */
  insecureRegistries?: readonly string[];
  /** Where the API of a registry is found instead: `{ "ghcr.io": "https://mirror.example" }`. Its credentials are those of its own host. */
  mirrors?: Readonly<Record<string, string>>;
  /** Whether a reference may have the tag `latest`, or none, which means the same. Default no. */
  allowLatest?: boolean;
  /** Whether references may name files. Default no. */
  allowFileLoad?: boolean;
  /** Bytes an artifact may have. Default 50 MiB, as other hosts have it. */
  maxArtifactBytes?: number | null;
  /** Keeps what was pulled, by digest. Default that of the platform; `false` for none. */
  cache?: ArtifactCache | CacheSettings | false;
  /** Milliseconds that a server may take to answer, and between two parts of what it sends. Default 30 000. */
  timeout?: number | null;
  /** Milliseconds that a pull may take altogether. Default 600 000. */
  deadline?: number | null;
  /** How often a request is made again whose server cannot be reached, breaks off or is overloaded. Default 2. */
  retries?: number;
}

/** How far a transfer is. */
export interface PullProgress {
  /** The bytes that are here. Falls back to 0 where a transfer that broke off begins anew. */
  readonly bytes: number;
  /** How many it will be, where that is known. */
  readonly total: number | undefined;
}

/** Options of one pull. */
export interface PullOptions {
  /** Gives the pull up. Others that wait for the same artifact are not concerned. */
  signal?: AbortSignal | undefined;
  /** Is told of the transfer as it goes on; not where the cache has it all. */
  onProgress?: ((progress: PullProgress) => void) | undefined;
  /** For its registry, instead of those the store knows. */
  credentials?: RegistryCredential | undefined;
}

/** The options, all of them: `Infinity` for no end. */
export interface ArtifactPolicy {
  readonly insecure: ReadonlySet<string>;
  readonly mirrors: ReadonlyMap<string, URL>;
  readonly allowLatest: boolean;
  readonly allowFileLoad: boolean;
  readonly maxBytes: number;
  readonly timeout: number;
  readonly deadline: number;
  readonly retries: number;
}

const MIB = 1024 * 1024;

/** Bytes that a cache may hold. */
export const CACHE_BYTES = 512 * MIB;

/** What options mean. */
export function policyOf(options: ArtifactOptions): ArtifactPolicy {
  const { credentials = {}, insecureRegistries = [], mirrors = {}, allowLatest = false, allowFileLoad = false } = options;
  const { maxArtifactBytes, timeout, deadline, retries = 2 } = options;
  checkCredentials(credentials);
  checkList("insecureRegistries", "a list of registries", insecureRegistries);
  insecureRegistries.forEach((each) => checkRegistry("insecureRegistries", each));
  checkFlag("allowLatest", allowLatest);
  checkFlag("allowFileLoad", allowFileLoad);
  Object.entries({ maxArtifactBytes, timeout, deadline }).forEach(([name, value]) => checkAmount(name, value));
  if (!Number.isSafeInteger(retries) || retries < 0) refuse("retries", "an integer of 0 or more", retries);
  return {
    insecure: new Set(insecureRegistries.map((each) => each.toLowerCase())),
    mirrors: mirrorsOf(mirrors),
    allowLatest,
    allowFileLoad,
    maxBytes: orElse(maxArtifactBytes, 50 * MIB),
    timeout: orElse(timeout, 30_000),
    deadline: orElse(deadline, 600_000),
    retries,
  };
}

/** Checks the options of one pull. */
export function checkPullOptions({ onProgress, credentials }: PullOptions): void {
  if (onProgress !== undefined && typeof onProgress !== "function") refuse("onProgress", "a function", onProgress);
  if (credentials !== undefined) checkCredential("credentials", credentials);
}

/** Checks a number of bytes or milliseconds that may be lifted. */
export function checkAmount(what: string, amount: unknown): void {
  if (amount === undefined || amount === null || (typeof amount === "number" && amount >= 0)) return;
  refuse(what, "a number of 0 or more, or null for no limit", amount);
}

function mirrorsOf(mirrors: unknown): Map<string, URL> {
  if (typeof mirrors !== "object" || mirrors === null) refuse("mirrors", "a record of URLs by registry", mirrors);
  return new Map(Object.entries(mirrors).map(([registry, mirror]: [string, unknown]) => {
    checkRegistry("mirrors", registry);
    const url = typeof mirror === "string" && URL.canParse(mirror) ? new URL(mirror) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === "") {
      return [registry.toLowerCase(), url];
    }
    throw new InvalidArgumentError(`mirrors[${show(registry)}]: expected an http or https URL without credentials and query`);
  }));
}

function checkRegistry(what: string, registry: string): void {
  if (!isRegistry(registry.toLowerCase())) refuse(what, 'registries such as "localhost:5000"', registry);
}

function checkFlag(what: string, flag: unknown): void {
  if (typeof flag !== "boolean") refuse(what, "true or false", flag);
}
