/**
 * What the host itself answers of a guest's imports, besides WASI, which the core answers: `wasmcloud:bus/lattice` and
 * `wasmcloud:secrets`. Their resources are handles that mean something here: the interface, or the name of the secret.
 * Facts: the lattice protocol 1.x, sections 7.2 and 7.6.
 */

import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import type { CallContext } from "../engine/context.js";
import type { Invocation } from "../engine/invocation.js";
import { NotFoundError } from "../errors.js";
import type { LatticeView, Secret } from "./lattice.js";
import { DEFAULT_LINK, findLink } from "./links.js";
import { withoutVersion } from "./names.js";

/** The interface by which a guest chooses links. */
export const BUS = "wasmcloud:bus/lattice";
const STORE = "wasmcloud:secrets/store";
const REVEAL = "wasmcloud:secrets/reveal";

/** `secrets-error.not-found`. */
const NOT_FOUND = 2;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Answers guests. */
export class GuestInterfaces {
  readonly #view: LatticeView;
  /** The link names that guests have chosen, by the call that they serve and the interface. */
  readonly #chosen = new WeakMap<CallContext, Map<string, string>>();

  /** Goes by the links and secrets of a lattice. */
  constructor(view: LatticeView) {
    this.#view = view;
  }

  /** The link name that a guest has chosen for an interface, in the call during which it calls. */
  linkName({ parent }: CallContext, key: string): string {
    return (parent && this.#chosen.get(parent)?.get(key)) ?? DEFAULT_LINK;
  }

  /** The results of a call, where it is the host's to answer. */
  answer(source: string, { instance, func, params }: Invocation, context: CallContext): Uint8Array | undefined {
    const reader = new Reader(params);
    switch (`${withoutVersion(instance)} ${func}`) {
      case `${BUS} [constructor]call-target-interface`: return targetInterface(reader);
      case `${BUS} set-link-name`: return this.#setLinkName(source, reader, instance, context);
      case `${STORE} get`: return this.#get(source, reader.string());
      case `${REVEAL} reveal`: return this.#reveal(source, text(reader));
      default: return undefined;
    }
  }

  /** The first generation takes any name; later ones say where no such link is, also of the default. */
  #setLinkName(source: string, reader: Reader, instance: string, { parent }: CallContext): Uint8Array {
    const name = reader.string();
    const keys = Array.from({ length: reader.unsigned(32) }, () => text(reader));
    const answer = new Writer();
    const checked = !instance.endsWith("@1.0.0");
    const missing = checked ? keys.find((key) => findLink(this.#view.links(source), key, name) === undefined) : undefined;
    if (checked) answer.byte(missing === undefined ? 0 : 1);
    if (missing !== undefined) answer.string(`interface \`${missing}\` does not have an existing link with name \`${name}\``);
    else if (parent !== undefined) this.#choose(parent, keys, name);
    return answer.finish();
  }

  #choose(call: CallContext, keys: readonly string[], name: string): void {
    const chosen = this.#chosen.get(call) ?? new Map<string, string>();
    this.#chosen.set(call, chosen);
    for (const key of keys) chosen.set(key, name);
  }

  #get(source: string, name: string): Uint8Array {
    const answer = new Writer();
    if (this.#view.secret(source, name) === undefined) {
      answer.byte(1);
      answer.byte(NOT_FOUND);
    } else {
      answer.byte(0);
      answer.bytes(encoder.encode(name));
    }
    return answer.finish();
  }

  #reveal(source: string, name: string): Uint8Array {
    const secret: Secret | undefined = this.#view.secret(source, name);
    if (secret === undefined) throw new NotFoundError(`${source} has the secret ${name} no more`);
    const answer = new Writer();
    answer.byte(typeof secret === "string" ? 0 : 1);
    if (typeof secret === "string") answer.string(secret);
    else answer.bytes(secret);
    return answer.finish();
  }
}

/** A handle: `namespace:package/interface`. */
function targetInterface(reader: Reader): Uint8Array {
  const [namespace, packageName, name] = [reader.string(), reader.string(), reader.string()];
  const answer = new Writer();
  answer.bytes(encoder.encode(`${namespace}:${packageName}/${name}`));
  return answer.finish();
}

/** What a handle means. */
function text(reader: Reader): string {
  return decoder.decode(reader.bytes());
}
