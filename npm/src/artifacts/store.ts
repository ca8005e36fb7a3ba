/**
 * Where the artifacts of a lattice come from: registries, the web, files. What a reference may be is decided here, by
 * the options of the store, whoever asks. Facts: lattice protocol 1.x, sections 10.1 and 10.2.
 */

import { InvalidComponentError, LoadError, messageOf, TrellisError, UnsupportedError } from "../errors.js";
import { unlessAborted } from "../host/abort.js";
import { checkString, refuse } from "../host/checks.js";
import { orElse } from "../host/limits.js";
import { failureOf, placeOf, readBody } from "./answers.js";
import { type ArtifactCache, checkCache, VerifiedCache } from "./cache.js";
import { CredentialBook, type RegistryCredential, type RegistryCredentials } from "./credentials.js";
import { digestOf } from "./digest.js";
import {
  type ArtifactOptions, type ArtifactPolicy, CACHE_BYTES, checkAmount, checkPullOptions, policyOf, type PullOptions,
  type PullProgress,
} from "./options.js";
import type { ArtifactPlatform } from "./platform.js";
import { parseReference, type Reference, type RegistryReference } from "./reference.js";
import { RegistryPull } from "./registry.js";
import { Transfers } from "./transfers.js";
import { Transport } from "./transport.js";
import { endOf, Watch } from "./watch.js";

/** An artifact that was pulled. */
export interface PulledArtifact {
  /** The component. The caller's own. */
  readonly bytes: Uint8Array;
  /** The digest of these bytes: `sha256:…`. */
  readonly digest: string;
  /** The reference, in its normal form. */
  readonly reference: string;
  /** How many bytes. */
  readonly size: number;
}

type OnProgress = (progress: PullProgress) => void;

const DOCKER_HUB = "docker.io";
const DOCKER_HUB_API = "registry-1.docker.io";
const WASM = [0x00, 0x61, 0x73, 0x6d];

/** Pulls artifacts, and keeps them by digest. */
export class ArtifactStore {
  readonly #platform: ArtifactPlatform;
  readonly #policy: ArtifactPolicy;
  readonly #credentials = new CredentialBook();
  readonly #cache: VerifiedCache;
  readonly #transport: Transport;
  readonly #transfers = new Transfers<PulledArtifact>();

  /** @internal */
  constructor(platform: ArtifactPlatform, options: ArtifactOptions = {}) {
    this.#platform = platform;
    this.#policy = policyOf(options);
    this.#cache = new VerifiedCache(cacheOf(platform, options.cache));
    this.putCredentials(options.credentials ?? {});
    const { timeout, retries, insecure } = this.#policy;
    this.#transport = new Transport({ timeout, retries, browser: platform.browser, isInsecure: (host) => insecure.has(host) });
  }

  /**
   * Pulls a component: from a registry (`ghcr.io/acme/api:0.3.0`, with or without `oci://`, or pinned by `@sha256:…`),
   * by URL, or from a file. Pulls of the same artifact at the same time share one transfer.
   *
   * Rejects with an `InvalidArgumentError` where the text is no reference, a `LoadError` with a `reason`, a `LimitError`
   * where it is too large, an `InvalidComponentError` where it is no WebAssembly, a `TimeoutError` or an `AbortedError`.
   */
  async pull(reference: string, options: PullOptions = {}): Promise<PulledArtifact> {
    checkString("reference", reference);
    checkPullOptions(options);
    const parsed = parseReference(reference);
    this.#admit(parsed);
    const credential = parsed.kind === "registry" ? options.credentials ?? this.#credentials.of(this.#baseOf(parsed).key) : undefined;
    const key = JSON.stringify([parsed.text, credential]);
    const shared = await this.#transfers.join(key, options, (signal, onProgress) =>
      this.#inTime(parsed.text, signal, (inner) => this.#pull(parsed, credential, inner, onProgress)));
    return { ...shared, bytes: new Uint8Array(shared.bytes) };
  }

  /** Whence it gives components, as the schemes of references: `oci` counts for those without one. */
  get schemes(): string[] {
    const { allowFileLoad, insecure } = this.#policy;
    const files = allowFileLoad && this.#platform.readFile !== undefined;
    return ["oci", "https", ...insecure.size > 0 ? ["http"] : [], ...files ? ["file"] : []];
  }

  /** Takes credentials, such as the lattice hands out; those of a registry that is known are replaced. */
  putCredentials(credentials: RegistryCredentials): void {
    this.#credentials.put(credentials);
  }

  /** What is behind a URL that the program itself names: of any scheme, with the cookies of the page. @internal */
  async download(url: URL, { signal, onProgress }: PullOptions, cookies: RequestCredentials = "same-origin"): Promise<Uint8Array> {
    const what = placeOf(url);
    const limit = this.#policy.maxBytes;
    const bytes = await this.#transport.get({ url, what, cookies, signal }, async (response, moved) => {
      if (!response.ok) throw await failureOf(response, what, moved);
      return readBody(response, what, { limit, onProgress, moved });
    });
    return checkWasm(what, bytes);
  }

  /** Refuses what the options do not allow. */
  #admit(reference: Reference): void {
    const { allowFileLoad, allowLatest, insecure } = this.#policy;
    switch (reference.kind) {
      case "file":
        if (this.#platform.readFile === undefined) throw new UnsupportedError("there are no files here: give the component a URL or put it into a registry");
        if (!allowFileLoad) forbidden("unable to start component from file, file loading is disabled; the option allowFileLoad allows it");
        return;
      case "url":
        if (reference.url.protocol === "http:" && !insecure.has(reference.url.host)) {
          forbidden(`${placeOf(reference.url)} is not protected by TLS; the option insecureRegistries allows that for ${reference.url.host}`);
        }
        return;
      case "registry":
        if (reference.digest === undefined && reference.tag === "latest" && !allowLatest) {
          forbidden("fetching images tagged 'latest' is currently prohibited in this host. No tag means the same: name a version, or set the option allowLatest");
        }
    }
  }

  async #pull(reference: Reference, credential: RegistryCredential | undefined, signal: AbortSignal, onProgress: OnProgress): Promise<PulledArtifact> {
    if (reference.kind === "registry") return this.#pullFromRegistry(reference, credential, signal, onProgress);
    const bytes = reference.kind === "url"
      ? await this.download(reference.url, { signal, onProgress }, "omit")
      : checkWasm(reference.text, await this.#read(reference.path));
    return pulled(reference, await digestOf(bytes), bytes);
  }

  async #pullFromRegistry(
    reference: RegistryReference, credential: RegistryCredential | undefined, signal: AbortSignal, onProgress: OnProgress,
  ): Promise<PulledArtifact> {
    const { base } = this.#baseOf(reference);
    const access = { transport: this.#transport, base, repository: reference.repository, credential, signal };
    const pull = new RegistryPull(access, reference, this.#cache);
    const layer = await pull.layer(this.#policy.maxBytes);
    const kept = await this.#cache.get(layer.digest);
    const bytes = checkWasm(reference.text, kept ?? (await pull.blob(layer, onProgress)));
    if (kept === undefined) await this.#cache.put(layer.digest, bytes);
    return pulled(reference, layer.digest, bytes);
  }

  async #read(path: string | URL): Promise<Uint8Array> {
    try {
      return await this.#platform.readFile?.(path, this.#policy.maxBytes) ?? new Uint8Array();
    } catch (error) {
      if (error instanceof TrellisError) throw error;
      const reason = (error as { code?: unknown }).code === "ENOENT" ? "not-found" : "unreachable";
      throw new LoadError(`${path} could not be loaded: ${messageOf(error)}`, { reason, cause: error });
    }
  }

  /** Where the API of a registry is, and what its credentials go by there. */
  #baseOf({ registry }: RegistryReference): { base: URL; key: string } {
    const mirror = this.#policy.mirrors.get(registry);
    if (mirror !== undefined) return { base: mirror, key: mirror.host };
    const host = registry === DOCKER_HUB ? DOCKER_HUB_API : registry;
    return { base: new URL(`${this.#policy.insecure.has(registry) ? "http" : "https"}://${host}`), key: registry };
  }

  /** Whatever does not heed its signal, such as a cache that hangs, is left to itself. */
  async #inTime<T>(what: string, above: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { deadline } = this.#policy;
    const watch = new Watch(`${what} could not be pulled within ${deadline} ms`, deadline, above);
    try {
      return await unlessAborted(watch.signal, () => work(watch.signal));
    } catch (error) {
      throw watch.signal.aborted ? endOf(watch.signal) : error;
    } finally {
      watch.close();
    }
  }
}

function cacheOf(platform: ArtifactPlatform, cache: ArtifactOptions["cache"] = {}): ArtifactCache | undefined {
  if (cache === false) return undefined;
  if (typeof cache as unknown !== "object" || (cache as unknown) === null) refuse("cache", "a cache, settings of one, or false", cache);
  if ("get" in cache) {
    checkCache(cache);
    return cache;
  }
  const { location, maxBytes } = cache;
  if (location !== undefined) checkString("cache.location", location);
  checkAmount("cache.maxBytes", maxBytes);
  return platform.openCache(location, orElse(maxBytes, CACHE_BYTES));
}

/** Whatever else it is, every component begins like that. */
function checkWasm(what: string, bytes: Uint8Array): Uint8Array {
  if (WASM.every((byte, index) => bytes[index] === byte)) return bytes;
  const page = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().startsWith("<") ? ": it looks like a page" : "";
  throw new InvalidComponentError(`${what} is no WebAssembly${page}`);
}

function pulled({ text }: Reference, digest: string, bytes: Uint8Array): PulledArtifact {
  return { bytes, digest, reference: text, size: bytes.length };
}

function forbidden(message: string): never {
  throw new LoadError(message, { reason: "forbidden" });
}
