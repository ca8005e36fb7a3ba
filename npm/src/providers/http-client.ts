/**
 * The built-in provider `http-client`: `wasi:http/outgoing-handler` by `fetch`, to the origins that the host's option
 * `http.allow` names and no other. Redirects are given to the guest, not followed, since they could lead elsewhere.
 */

import { show } from "../codec/located.js";
import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import type { Answer, Channel } from "../engine/invocation.js";
import { type ChannelBody, readAll, sourceOf } from "../engine/source.js";
import { InvalidArgumentError, messageOf } from "../errors.js";
import { bodyChannel, decodeRequest, encodeResponse } from "../http/message.js";
import { errorCode } from "../http/types.js";
import type { Provider } from "./provider.js";

/** The id of the provider, to link to. */
export const HTTP_CLIENT = "http-client";

/** Which origins guests may reach: `["https://example.com"]`, or `true` for all. */
export type AllowedOrigins = readonly string[] | true;

/** What concerns one connection, not the message; `fetch` minds it itself. */
const HOP_BY_HOP = ["connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/** A failure that the guest gets as a value. */
class Refusal extends Error {
  readonly errorCode: object;

  constructor(errorCode: object) {
    super("refused");
    this.errorCode = errorCode;
  }
}

/** The provider. */
export function httpClient(allow: AllowedOrigins): Provider {
  const origins = originsOf(allow);
  return {
    interfaces: ["wrpc:http/outgoing-handler@0.1.0"],
    functions: [["wrpc:http/outgoing-handler@0.1.0", "handle"]],
    async call({ params, channels }, { signal }) {
      try {
        return await send(params, channels, origins, signal);
      } catch (error) {
        channels.forEach(({ body }) => sourceOf(body).cancel());
        if (error instanceof Refusal) return refusal(error.errorCode);
        throw error;
      }
    },
  };
}

function originsOf(allow: AllowedOrigins): Set<string> | true {
  if (allow === true) return true;
  if (!Array.isArray(allow)) throw new InvalidArgumentError(`http.allow: expected a list of origins or true, got ${show(allow)}`);
  return new Set(allow.map(originOf));
}

/**
 * `localhost:8080` is a URL too, of the scheme `localhost`: its origin is `null`, as that of every file. An entry with a
 * path would allow more than it says.
 */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && isWeb(url) && url.href === `${url.origin}/`) return url.origin;
  throw new InvalidArgumentError(`http.allow: expected origins such as "https://example.com", got ${show(text)}`);
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

async function send(
  params: Uint8Array, channels: readonly Channel[], origins: Set<string> | true, signal: AbortSignal | undefined,
): Promise<Answer> {
  const { method, url, headers, whole } = decodeRequest(new Reader(params));
  // `fetch` would give files and data, too, on some platforms.
  if (!isWeb(url)) throw new Refusal({ tag: "HTTP-request-URI-invalid" });
  if (origins !== true && !origins.has(url.origin)) throw new Refusal({ tag: "HTTP-request-denied" });
  HOP_BY_HOP.forEach((name) => headers.delete(name));
  const bodyless = method === "GET" || method === "HEAD";
  const body = bodyless ? undefined : whole ?? (await requestBody(bodyChannel(channels)));
  const response = await perform(url, {
    method, headers, redirect: "manual", credentials: "omit", signal: signal ?? null, ...body && { body, duplex: "half" },
  });
  return encodeResponse(response.status, response.headers, response.body ?? undefined);
}

async function perform(url: URL, init: RequestInit): Promise<Pick<Response, "status" | "headers" | "body">> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new Refusal({ tag: "internal-error", val: messageOf(error) });
  }
  if (response.type === "opaqueredirect") {
    throw new Refusal({ tag: "internal-error", val: "this platform does not let redirects be seen" });
  }
  // `fetch` has decoded the body already.
  const headers = new Headers(response.headers);
  ["content-encoding", "content-length"].forEach((name) => headers.delete(name));
  return { status: response.status, headers, body: response.body };
}

/** A stream where the platform can send one, otherwise all of it. */
async function requestBody(body: ChannelBody | undefined): Promise<BodyInit | undefined> {
  if (body === undefined) return undefined;
  const source = sourceOf(body);
  if (!canStreamRequests()) return new Uint8Array(await readAll(source));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await source.read();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: (reason) => source.cancel(reason),
  });
}

/** Platforms that cannot send streams make text of them, and say so by a content type. */
function canStreamRequests(): boolean {
  let asked = false;
  const init = { method: "POST", body: new ReadableStream(), get duplex() { return (asked = true), "half"; } };
  try {
    return !new Request("http://localhost/", init).headers.has("content-type") && asked;
  } catch {
    return false;
  }
}

function refusal(code: object): Answer {
  const writer = new Writer();
  writer.byte(1);
  errorCode.write(writer, code);
  return { results: writer.finish() };
}
