/** An invocation as the host carries it: the one currency, in memory. */

import type { Incoming } from "./incoming.js";
import { type ChannelBody, sourceOf } from "./source.js";

/** A channel that goes along: its index path (`[0, 1]`: field 1 of the first parameter) and its content. */
export interface Channel {
  path: readonly number[];
  body: ChannelBody;
}

/** Takes hold of a channel's stream, once: then it can be sent anew as long as nothing was read. Bytes can anyway. */
export function held({ path, body }: Channel): Channel {
  return { path, body: body instanceof Uint8Array ? body : sourceOf(body) };
}

/** A channel that came along. */
export interface ReceivedChannel {
  path: readonly number[];
  body: Incoming;
}

/** What to call: bytes in wRPC value encoding. */
export interface Invocation {
  /** The interface with its version, such as `wrpc:http/incoming-handler@0.1.0`. */
  instance: string;
  /** The function's name in WIT. */
  func: string;
  /** The parameters, one after the other. */
  params: Uint8Array;
  /** Pending streams and futures among the parameters. */
  channels: readonly Channel[];
}

/** What came of it. */
export interface Outcome {
  /** The results. */
  results: Uint8Array;
  /** Pending streams and futures among the results. */
  channels: readonly ReceivedChannel[];
}

/** What a target answers: like {@link Outcome}, from whatever source. */
export interface Answer {
  results: Uint8Array;
  channels?: readonly Channel[];
}
