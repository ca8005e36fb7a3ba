/**
 * Pulls from one registry, by the distribution specification: a manifest, perhaps through an index, and its layer. The
 * first answer of 401 tells how to be authorized; that holds for the pull.
 */

import { LoadError } from "../errors.js";
import { failureOf, parseJson, readBody, tooLarge } from "./answers.js";
import { type Access, authorize } from "./authorization.js";
import type { VerifiedCache } from "./cache.js";
import { parseChallenges } from "./challenge.js";
import { verifyDigest } from "./digest.js";
import { chosenOf, type Descriptor, INDEX, layerOf, MANIFEST } from "./manifest.js";
import type { PullProgress } from "./options.js";
import type { RegistryReference } from "./reference.js";
import type { ReadAnswer } from "./transport.js";

/** The distribution specification wants at least so much to be taken. */
const MANIFEST_BYTES = 4 * 1024 * 1024;
/** No more than that goes along unasked, or browsers would ask the registry before: its length stays below 128. */
const ACCEPTED = `${MANIFEST}, ${INDEX}`;

/** One pull. */
export class RegistryPull {
  readonly #access: Access;
  readonly #reference: RegistryReference;
  readonly #cache: VerifiedCache;
  #authorization: string | undefined;

  /** A pull of a reference. */
  constructor(access: Access, reference: RegistryReference, cache: VerifiedCache) {
    this.#access = access;
    this.#reference = reference;
    this.#cache = cache;
  }

  /** The layer that is the component. A manifest of a known digest may come from the cache. */
  async layer(limit: number): Promise<Descriptor> {
    const { digest, tag, text } = this.#reference;
    const top = parseJson(`the manifest of ${text}`, digest === undefined ? await this.#manifest(tag ?? "") : await this.#pinned(digest));
    const chosen = chosenOf(top, `the index of ${text}`);
    const manifest = chosen === undefined ? top : parseJson(`a manifest of ${text}`, await this.#pinned(chosen.digest));
    const layer = layerOf(manifest, `the manifest of ${text}`);
    if (layer.size > limit) throw tooLarge(text, limit);
    return layer;
  }

  /** The bytes of a layer, verified. */
  async blob({ digest, size }: Descriptor, onProgress: (progress: PullProgress) => void): Promise<Uint8Array> {
    const { text } = this.#reference;
    const bytes = await this.#get(`blobs/${digest}`, "*/*", (response, moved) =>
      readBody(response, text, { limit: size, size, onProgress, moved }));
    await verifyDigest(`the layer of ${text}`, digest, bytes);
    return bytes;
  }

  async #pinned(digest: string): Promise<Uint8Array> {
    const kept = await this.#cache.get(digest);
    if (kept !== undefined) return kept;
    const bytes = await this.#manifest(digest);
    await verifyDigest(`the manifest of ${this.#reference.text}`, digest, bytes);
    await this.#cache.put(digest, bytes);
    return bytes;
  }

  #manifest(which: string): Promise<Uint8Array> {
    const what = `the manifest of ${this.#reference.text}`;
    return this.#get(`manifests/${which}`, ACCEPTED, (response, moved) => readBody(response, what, { limit: MANIFEST_BYTES, moved }));
  }

  async #get<T>(path: string, accept: string, read: ReadAnswer<T>): Promise<T> {
    const first = await this.#ask(path, accept, read);
    if ("value" in first) return first.value;
    this.#authorization = await authorize(parseChallenges(first.challenge), this.#access);
    const second = await this.#ask(path, accept, read);
    if ("value" in second) return second.value;
    throw new LoadError(`${this.#reference.text}: ${this.#access.base.host} denies it to these credentials`, { reason: "denied" });
  }

  async #ask<T>(path: string, accept: string, read: ReadAnswer<T>): Promise<{ value: T } | { challenge: string | null }> {
    const { transport, base, repository, signal } = this.#access;
    const what = this.#reference.text;
    const url = new URL(`${base.href.replace(/\/$/, "")}/v2/${repository}/${path}`);
    const authorization = this.#authorization;
    const headers = { accept, ...authorization !== undefined && { authorization } };
    return transport.get({ url, what, headers, signal }, async (response, moved) => {
      if (response.ok) return { value: await read(response, moved) };
      // What another host wants, to which the registry redirects, is no reason to show it credentials.
      if (new URL(response.url).origin !== url.origin) throw await failureOf(response, what, moved);
      return { challenge: response.headers.get("www-authenticate") };
    });
  }
}
