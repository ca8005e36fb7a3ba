/**
 * The codec of a function: arguments to parameter bytes and result bytes to a value, and the other way round for
 * functions that JavaScript serves. A function whose result is `result<T, E>` gives `T` or throws a `GuestError`.
 */

import { GuestError, InvalidArgumentError } from "../errors.js";
import type { FunctionInfo, Inspection } from "../inspection.js";
import type { Codec } from "./codec.js";
import { at } from "./compound.js";
import { decoding, encoding, expected } from "./located.js";
import { Reader } from "./reader.js";
import { Codecs } from "./types.js";
import { Writer } from "./writer.js";

const tables = new WeakMap<object, Codecs>();

/** How a function's result crosses. */
interface ResultCodec {
  write(writer: Writer, value: unknown): void;
  read(reader: Reader): unknown;
}

/** Encodes and decodes the calls of one function. */
export class FunctionCodec {
  readonly #params: { name: string; codec: Codec }[];
  readonly #result: ResultCodec;
  /** Whether the result is `result<_, _>`, so that failing is a value. */
  readonly fallible: boolean;

  /** The codec of a function of an inspected component. */
  constructor(inspection: Pick<Inspection, "types">, func: FunctionInfo) {
    const codecs = codecsOf(inspection);
    const type = func.result === null ? undefined : codecs.type(func.result);
    this.#params = func.params.map(({ name, type: index }) => ({ name, codec: codecs.codec(index) }));
    this.fallible = type?.kind === "result";
    this.#result = type?.kind === "result"
      ? fallible(codecs.maybe(type.ok), codecs.maybe(type.err))
      : plain(codecs.maybe(func.result));
  }

  /** The parameter bytes of a call. */
  encodeParams(args: readonly unknown[]): Uint8Array<ArrayBuffer> {
    if (!Array.isArray(args)) encoding(() => at("args", () => expected("an array", args)));
    if (args.length > this.#params.length) {
      throw new InvalidArgumentError(`the function takes ${this.#params.length} arguments, got ${args.length}`);
    }
    const writer = new Writer();
    encoding(() => this.#params.forEach(({ codec }, i) => at(`args[${i}]`, () => codec.write(writer, args[i]))));
    return writer.finish();
  }

  /**
   * The arguments in parameter bytes. What follows the last of them is passed over: native encoders write some flags with a
   * byte too many (lattice protocol 1.x, sections 6.2 and 6.3).
   */
  decodeParams(bytes: Uint8Array): unknown[] {
    return decoding(() => {
      const reader = new Reader(bytes);
      return this.#params.map(({ codec }, i) => at(`args[${i}]`, () => codec.read(reader)));
    });
  }

  /** The result bytes of a value; a `GuestError` is the error arm of a result. */
  encodeResult(value: unknown): Uint8Array<ArrayBuffer> {
    const writer = new Writer();
    encoding(() => at("result", () => this.#result.write(writer, value)));
    return writer.finish();
  }

  /** The value in result bytes, as with parameters; throws a `GuestError` for the error arm of a result. */
  decodeResult(bytes: Uint8Array): unknown {
    return decoding(() => {
      const reader = new Reader(bytes);
      const value = at("result", () => this.#result.read(reader));
      if (value instanceof GuestError) throw value;
      return value;
    });
  }
}

function plain(codec: Codec | undefined): ResultCodec {
  return { write: (writer, value) => codec?.write(writer, value), read: (reader) => codec?.read(reader) };
}

function fallible(ok: Codec | undefined, err: Codec | undefined): ResultCodec {
  return {
    write(writer, value) {
      const failed = value instanceof GuestError;
      writer.byte(failed ? 1 : 0);
      if (failed) err?.write(writer, value.payload);
      else ok?.write(writer, value);
    },
    read: (reader) => (reader.bool() ? new GuestError(err?.read(reader)) : ok?.read(reader)),
  };
}

function codecsOf({ types }: Pick<Inspection, "types">): Codecs {
  let codecs = tables.get(types);
  if (codecs === undefined) tables.set(types, (codecs = new Codecs(types)));
  return codecs;
}
