/** A call that somebody else makes, as it is put together from its messages. Facts: the lattice protocol 1.x, section 6.2. */

import { joined } from "../engine/source.js";

/** Bytes of parameters, and of results, that are kept to be decoded. */
const KEPT = 1024 * 1024;

/** A call. */
export class SpiedCall {
  readonly begun = performance.now();
  readonly source: string;
  /** `instance.func`, as the subject has it. */
  readonly name: string;
  /** The inbox of the caller. */
  readonly inbox: string;
  /** The inbox of the callee, once it has answered. */
  calleeInbox: string | undefined;
  readonly #params: Part;
  readonly #results = new Part();

  /** A call whose first message has come. */
  constructor(source: string, name: string, inbox: string, params: Uint8Array) {
    this.source = source;
    this.name = name;
    this.inbox = inbox;
    this.#params = new Part();
    this.#params.add(params);
  }

  /** The parameters so far; `undefined` where they are too many to be kept. */
  get params(): Uint8Array | undefined {
    return this.#params.bytes;
  }

  /** The results so far; `undefined` where they are too many to be kept. */
  get results(): Uint8Array | undefined {
    return this.#results.bytes;
  }

  /** Takes more of the parameters. */
  addParams(bytes: Uint8Array): void {
    this.#params.add(bytes);
  }

  /** Takes results. An empty message is their end: then it is `true` that comes back. */
  addResults(bytes: Uint8Array): boolean {
    this.#results.add(bytes);
    return bytes.length === 0;
  }
}

/** Bytes that come in several messages. */
class Part {
  #chunks: Uint8Array[] | undefined = [];
  #size = 0;

  get bytes(): Uint8Array | undefined {
    return this.#chunks && joined(this.#chunks);
  }

  add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > KEPT) this.#chunks = undefined;
    this.#chunks?.push(bytes.slice());
  }
}
