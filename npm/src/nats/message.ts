/** Messages and their headers, between the bus and nats.js. */

import type { Headers, Message } from "../bus.js";
import { InvalidArgumentError } from "../errors.js";
import type { Received, ReceivedHeaders } from "./connection.js";

const none: Headers = [];
const encoder = new TextEncoder();
/** Names of headers are printable ASCII without a colon (ADR-4 of NATS). */
const headerName = /^[\x21-\x39\x3b-\x7e]+$/;
const lineBreak = /[\r\n]/;

/** The bytes of headers as they travel: a version line, a line for each, an empty line. */
export function encodeHeaders(headers: Headers): Uint8Array {
  let block = "NATS/1.0\r\n";
  for (const [name, value] of headers) {
    if (!headerName.test(name)) throw new InvalidArgumentError(`\`${name}\` is not a valid name of a header`);
    if (lineBreak.test(value)) throw new InvalidArgumentError(`the header ${name} has a line break in its value`);
    block += `${name}: ${value}\r\n`;
  }
  return encoder.encode(`${block}\r\n`);
}

/** What nats.js takes for headers: it asks them for nothing but their bytes. So their order is ours. */
export function asHeaders(block: Uint8Array): never {
  return { encode: () => block } as never;
}

/** A message from nats.js. Throws where its headers cannot be read. */
export function toMessage(received: Received): Message {
  const { subject, reply, data: payload } = received;
  const headers = received.headers === undefined ? none : toHeaders(received.headers);
  return reply === undefined || reply === "" ? { subject, headers, payload } : { subject, reply, headers, payload };
}

/** A status line becomes the headers `Status` and `Description`, as other clients have it. */
function toHeaders(received: ReceivedHeaders): Headers {
  const headers: [string, string][] = [];
  if (received.code > 0) {
    headers.push(["Status", String(received.code)]);
    if (received.description !== "") headers.push(["Description", received.description]);
  }
  for (const name of received.keys()) {
    for (const value of received.values(name)) headers.push([name, value]);
  }
  return headers;
}

/** The first value of a header. */
export function header({ headers }: Message, name: string): string | undefined {
  return headers.find(([other]) => other === name)?.[1];
}
