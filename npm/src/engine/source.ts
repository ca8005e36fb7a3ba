/** Where the bytes of a channel come from. */

import { AbortedError, InvalidArgumentError } from "../errors.js";

/** Bytes to be read one chunk after the other. */
export interface ByteSource {
  /** The next chunk; `undefined` at the end. Rejects where the source failed. */
  read(): Promise<Uint8Array | undefined>;
  /** Nobody will read on. May be said more than once. */
  cancel(reason?: unknown): void;
}

/** What may be sent on a channel. */
export type ChannelBody = Uint8Array | ReadableStream<Uint8Array> | ByteSource;

/** Reads a body, whatever it is. A stream is locked from now on; one that is already is refused. */
export function sourceOf(body: ChannelBody): ByteSource {
  if (body instanceof Uint8Array) return fromBytes(body);
  return body instanceof ReadableStream ? fromStream(body) : body;
}

/** Reads everything that is left of a source. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) chunks.push(chunk);
  return joined(chunks);
}

/** Chunks as one. */
export function joined(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function fromBytes(bytes: Uint8Array): ByteSource {
  let rest: Uint8Array | undefined = bytes;
  return {
    async read() {
      const chunk = rest;
      rest = undefined;
      return chunk;
    },
    cancel: () => (rest = undefined),
  };
}

function fromStream(stream: ReadableStream<Uint8Array>): ByteSource {
  if (stream.locked) throw new InvalidArgumentError("the stream of a body is locked: somebody else reads it");
  const reader = stream.getReader();
  return {
    async read() {
      const { value } = await reader.read();
      if (value === undefined || (value as unknown) instanceof Uint8Array) return value;
      throw new InvalidArgumentError("the chunks of a body are Uint8Arrays");
    },
    // A stream that fails to be cancelled has failed already; nobody reads it any more.
    cancel: (reason = new AbortedError("the reader of the channel is gone")) => void reader.cancel(reason).catch(() => undefined),
  };
}
