/**
 * Fetches the secrets of components from their backends. Everything goes sealed: requests for the backend, each with a key
 * of its own, and answers for that key. Facts: the lattice protocol 1.x, section 7.6.
 */

import type { Bus, Message } from "../bus.js";
import { guardOf } from "../engine/guard.js";
import { fromWire, toWire, UnsupportedError } from "../errors.js";
import type { Config, Secret } from "../host/lattice.js";
import type { CoreSecrets, MemberCore, MemberSettings } from "./core.js";

/** What asking takes. */
export interface SecretParts {
  module: MemberCore;
  bus: Bus;
  settings: MemberSettings;
  /** What the subjects of backends begin with; without it there are none. */
  secretsTopic: string | undefined;
}

/** Who is to have secrets. */
export interface Owner {
  /** Its token, where it is signed. */
  token: string | undefined;
  /** The application it belongs to. */
  application: string | undefined;
}

const decoder = new TextDecoder();

/** The secrets of a lattice. */
export class Secrets {
  readonly #parts: SecretParts;
  readonly #core: CoreSecrets | undefined;
  /** The keys of backends; each is asked once. */
  readonly #keys = new Map<string, Promise<string>>();

  /** Asks nobody yet. */
  constructor(parts: SecretParts) {
    const { module, secretsTopic, settings: { hostId, friendlyName } } = parts;
    this.#parts = parts;
    this.#core = secretsTopic === undefined ? undefined : this.#run(() => new module.Secrets(secretsTopic, hostId, friendlyName));
  }

  /** The secrets that configs refer to, by their names. Rejects where one is not to be had. */
  async fetch(configs: Readonly<Record<string, Config>>, owner: Owner, signal: AbortSignal): Promise<Map<string, Secret>> {
    try {
      const fetched = Object.entries(configs).map(([config, entries]) => this.#fetch(config, JSON.stringify(entries), owner, signal));
      return new Map(await Promise.all(fetched));
    } catch (error) {
      const wire = toWire(error);
      throw fromWire({ ...wire, message: `Unable to fetch requested secrets: ${wire.message}` });
    }
  }

  /** Asks no more. */
  close(): void {
    if (guardOf(this.#parts.module).panic === undefined) this.#core?.free();
  }

  async #fetch(config: string, entries: string, { token, application }: Owner, signal: AbortSignal): Promise<[string, Secret]> {
    const core = this.#core;
    if (core === undefined) throw new UnsupportedError("secret store not configured, could not fetch secrets: set `member.secretsTopic`");
    const [name = "", backend = "", subject = ""] = this.#run(() => core.reference(config, entries));
    const key = await this.#key(backend, subject);
    const request = this.#run(() => core.request(config, entries, token, application, key));
    try {
      const [header = "", value = ""] = request.header;
      const answer = await this.#parts.bus.request(request.subject, request.payload, { headers: [[header, value]], signal });
      return [name, this.#run(() => request.open(sealedWith(answer), answer.payload)) as Secret];
    } finally {
      if (guardOf(this.#parts.module).panic === undefined) request.free();
    }
  }

  /** The key of a backend. One that did not answer is asked again another time. */
  #key(backend: string, subject: string): Promise<string> {
    let key = this.#keys.get(backend);
    if (key === undefined) {
      key = this.#parts.bus.request(subject, new Uint8Array(0)).then(({ payload }) => decoder.decode(payload));
      this.#keys.set(backend, key);
      key.catch(() => this.#keys.delete(backend));
    }
    return key;
  }

  #run<T>(act: () => T): T {
    return guardOf(this.#parts.module).run(act);
  }
}

/** The key that an answer is sealed with. */
function sealedWith({ headers }: Message): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === "server-response-xkey")?.[1];
}
