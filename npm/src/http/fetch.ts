/**
 * `host.fetch`: sends a web `Request` to a component and gives its answer as a web `Response`, both streaming.
 */

import { Reader } from "../codec/reader.js";
import type { Invocation, Outcome } from "../engine/invocation.js";
import type { Incoming } from "../engine/incoming.js";
import { DecodeError, GuestError, InvalidArgumentError, messageOf } from "../errors.js";
import { type Body, bodyChannel, decodeResponse, encodeRequest, type HttpRequest } from "./message.js";
import { errorCode } from "./types.js";

/** The interface by which components get requests. */
export const INCOMING_HANDLER = "wrpc:http/incoming-handler@0.1.0";

const encoder = new TextEncoder();
/** Responses of these kinds have no body, says the web platform. */
const NULL_BODY = [101, 103, 204, 205, 304];
/** What a method can be (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Options of a request to a component. */
export interface FetchInit extends RequestInit {
  /** Milliseconds until the component must have answered, and between two movements of the bodies afterwards. */
  deadline?: number;
}

/** The invocation that a request means, with the signal that gives it up. */
export function invocationOf(
  input: Request | URL | string, init: FetchInit = {},
): { method: string; invocation: Invocation; signal: AbortSignal | undefined } {
  const { request, signal } = usable(() => input instanceof Request ? fromRequest(new Request(input, init)) : fromInit(input, init));
  const { method } = request;
  return { method, invocation: { instance: INCOMING_HANDLER, func: "handle", ...encodeRequest(request) }, signal };
}

/** The response that a component gave to a request of this method. Rejects with a `GuestError` where it gave an `error-code` instead. */
export function responseOf(method: string, { results, channels }: Outcome): Response {
  const reader = new Reader(results);
  const body = bodyChannel(channels);
  if (reader.bool()) {
    body?.cancel();
    throw new GuestError(errorCode.read(reader));
  }
  try {
    const { whole, status, headers } = decodeResponse(reader);
    const bodyless = method === "HEAD" || NULL_BODY.includes(status);
    if (bodyless) body?.cancel();
    return new Response(bodyless ? null : responseBody(whole, body), { status, headers });
  } catch (error) {
    channels.forEach((channel) => channel.body.cancel());
    if (error instanceof RangeError) throw new DecodeError(`no usable response: ${messageOf(error)}`, { cause: error });
    throw error;
  }
}

/** What the web platform refuses as a request, by a `TypeError`, is a wrong argument. */
function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidArgumentError(`no usable request: ${messageOf(error)}`, { cause: error });
    throw error;
  }
}

function responseBody(whole: Uint8Array<ArrayBuffer> | undefined, channel: Incoming | undefined): BodyInit | null {
  return whole ?? channel?.takeComplete() ?? channel?.stream() ?? null;
}

function fromRequest(request: Request): { request: HttpRequest; signal: AbortSignal } {
  const { method, url, headers, signal } = request;
  return { request: { method, url: new URL(url), headers, body: bodyOf(request) }, signal };
}

/** The body as a stream; where requests do not show it (Firefox), all of it once it is asked for. */
function bodyOf(request: Request): Body {
  const body = request.body as ReadableStream<Uint8Array> | null | undefined;
  if (body !== undefined || request.method === "GET" || request.method === "HEAD") return body ?? undefined;
  let read = false;
  return {
    read: async () => (read ? undefined : ((read = true), new Uint8Array(await request.arrayBuffer()))),
    cancel: () => (read = true),
  };
}

/** Without a detour through `Request`, which costs more than a call of a component, and loses streams in Firefox. */
function fromInit(input: URL | string, init: FetchInit): { request: HttpRequest; signal: AbortSignal | undefined } {
  if (typeof input !== "string" && !(input instanceof URL)) throw new TypeError("it is no URL and no Request");
  const url = new URL(input, "http://localhost");
  const { body, signal, method = "GET" } = init;
  if (!TOKEN.test(method)) throw new TypeError(`${JSON.stringify(method)} is no method`);
  if (isPlain(body)) {
    const bytes = typeof body === "string" ? encoder.encode(body) : body ?? undefined;
    const headers = new Headers(init.headers);
    if (typeof body === "string" && !headers.has("content-type")) headers.set("content-type", "text/plain;charset=UTF-8");
    const known = /^(get|head|post|put|delete|options|patch)$/i.test(method);
    return { request: { method: known ? method.toUpperCase() : method, url, headers, body: bytes }, signal: signal ?? undefined };
  }
  return fromRequest(new Request(url, init));
}

function isPlain(
  body: BodyInit | null | undefined,
): body is string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined {
  return typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream || body === undefined || body === null;
}
