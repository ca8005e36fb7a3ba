/** Calls that were spied on, decoded: by the types of the component where they are known, those of HTTP always. */

import { FunctionCodec } from "../codec/function.js";
import { Reader } from "../codec/reader.js";
import { GuestError, messageOf } from "../errors.js";
import { INCOMING_HANDLER } from "../http/fetch.js";
import { decodeRequest, decodeResponse } from "../http/message.js";
import { errorCode } from "../http/types.js";
import type { FunctionInfo, Inspection } from "../inspection.js";
import type { SpiedCall } from "./spied-call.js";
import type { Ending } from "./spy.js";
import { plain } from "./values.js";

/** A call as it is shown. */
export interface DecodedCall {
  readonly source: string;
  readonly function: string;
  readonly params: unknown;
  /** What came of it; an error of the guest is in `error`. */
  readonly result?: unknown;
  readonly error?: unknown;
  readonly milliseconds: number;
}

interface Codec {
  params(bytes: Uint8Array): unknown;
  results(bytes: Uint8Array): unknown;
  /** Whether an answer without data is one. */
  readonly silent: boolean;
}

/** Decodes the calls of a component. */
export class CallDecoder {
  readonly #codecs = new Map<string, Codec>([[`${INCOMING_HANDLER}.handle`, http]]);

  /** With the types of the component, where they are known. */
  constructor(inspection: Inspection | undefined) {
    for (const { name, functions } of inspection?.exports ?? []) {
      for (const func of functions) {
        if (inspection !== undefined) this.#codecs.set(name === "" ? wireName(func) : `${name}.${wireName(func)}`, typed(inspection, func));
      }
    }
  }

  /** A call with what came of it. */
  decode(call: SpiedCall, ending: Ending): DecodedCall {
    const codec = this.#codecs.get(call.name) ?? bytesOnly;
    const outcome = ending === "answered" ? outcomeOf(codec, call.results) : { error: { "not served": "nobody serves it", "not seen": "no answer was seen" }[ending] };
    return {
      source: call.source,
      function: call.name,
      params: read(call.params, (bytes) => codec.params(bytes)),
      ...outcome,
      milliseconds: Math.round((performance.now() - call.begun) * 10) / 10,
    };
  }
}

/** Functions of resources go without their kind: `[method]cart.add` is `cart.add`. */
function wireName({ name }: FunctionInfo): string {
  return name.replace(/^\[[a-z]+\]/, "");
}

function outcomeOf(codec: Codec, bytes: Uint8Array | undefined): { result: unknown } | { error: unknown } {
  if (bytes?.length === 0 && !codec.silent) return { error: "it has failed" };
  try {
    return { result: bytes === undefined ? "too many bytes" : codec.results(bytes) };
  } catch (error) {
    return { error: error instanceof GuestError ? plain(error.payload) : messageOf(error) };
  }
}

function read(bytes: Uint8Array | undefined, decode: (bytes: Uint8Array) => unknown): unknown {
  if (bytes === undefined) return "too many bytes";
  try {
    return decode(bytes);
  } catch {
    return hex(bytes);
  }
}

function typed(inspection: Inspection, func: FunctionInfo): Codec {
  const codec = new FunctionCodec(inspection, func);
  return {
    params: (bytes) => plain(codec.decodeParams(bytes)),
    results: (bytes) => plain(codec.decodeResult(bytes)),
    silent: func.result === null,
  };
}

const bytesOnly: Codec = { params: hex, results: hex, silent: true };

const http: Codec = {
  params(bytes) {
    const { method, url, headers } = decodeRequest(new Reader(bytes));
    return [{ method, url: url.href, headers: Object.fromEntries(headers) }];
  },
  results(bytes) {
    const reader = new Reader(bytes);
    if (reader.bool()) throw new GuestError(errorCode.read(reader));
    const { status, headers } = decodeResponse(reader);
    return { status, headers: Object.fromEntries(headers) };
  },
  silent: false,
};

function hex(bytes: Uint8Array): string {
  const shown = [...bytes.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${bytes.length} bytes: ${shown}${bytes.length > 64 ? " …" : ""}`;
}
