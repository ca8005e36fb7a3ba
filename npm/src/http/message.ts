/**
 * Requests and responses of `wrpc:http@0.1.0`. A body is whole in the message, or pending on channel `0.0`; trailers
 * likewise on `0.1`. Facts: the lattice protocol 1.x, sections 6.3, 6.4 and 8.3.
 */

import type { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import type { Channel } from "../engine/invocation.js";
import type { ChannelBody } from "../engine/source.js";
import { DecodeError } from "../errors.js";
import { type HeaderList, readFields, writeFields } from "./fields.js";

/** A body up to this size goes within the message, in bytes. */
const WHOLE = 64 * 1024;

const BODY_PATH = [0, 0];
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
const SCHEMES = ["http:", "https:"];

/** A body that is sent: bytes, or a source of them. */
export type Body = ChannelBody | undefined;

/** What was read where a body should be: all of it, or the channel it comes on. */
export interface ReadBody {
  whole: Uint8Array<ArrayBuffer> | undefined;
}

/** A request. */
export interface HttpRequest {
  method: string;
  url: URL;
  headers: HeaderList;
  body: Body;
}

/** Encodes a request as the one parameter of `handle`, and where `options` are asked for, none of them. */
export function encodeRequest({ method, url, headers, body }: HttpRequest): { params: Uint8Array<ArrayBuffer>; channels: Channel[] } {
  const writer = new Writer();
  const channels = writeBody(writer, body);
  writeChoice(writer, METHODS, method);
  writeOptional(writer, url.pathname + url.search);
  writer.byte(1);
  writeChoice(writer, SCHEMES, url.protocol);
  writeOptional(writer, url.host);
  writeFields(writer, headers);
  return { params: writer.finish(), channels };
}

/** Reads a request; its body is whole, or pending on the channel `0.0`. */
export function decodeRequest(reader: Reader): Omit<HttpRequest, "body" | "headers"> & { headers: Headers } & ReadBody {
  const whole = readBody(reader);
  const method = readChoice(reader, METHODS);
  const path = reader.bool() ? reader.string() : "/";
  const scheme = reader.bool() ? readChoice(reader, SCHEMES) : "https:";
  const authority = reader.bool() ? reader.string() : "";
  const headers = readFields(reader);
  return { whole, method, url: urlOf(scheme, authority, path), headers };
}

/** Encodes a response as the good arm of the result of `handle`. */
export function encodeResponse(status: number, headers: HeaderList, body: Body): { results: Uint8Array<ArrayBuffer>; channels: Channel[] } {
  const writer = new Writer();
  writer.byte(0);
  const channels = writeBody(writer, body);
  writer.unsigned(status);
  writeFields(writer, headers);
  return { results: writer.finish(), channels };
}

/** Reads a response. */
export function decodeResponse(reader: Reader): { status: number; headers: Headers } & ReadBody {
  const whole = readBody(reader);
  const status = reader.unsigned(16);
  const headers = readFields(reader);
  reader.end();
  return { whole, status, headers };
}

/** The body among the channels that came along. */
export function bodyChannel<T>(channels: readonly { path: readonly number[]; body: T }[]): T | undefined {
  return channels.find((channel) => channel.path.join() === BODY_PATH.join())?.body;
}

/** Body and trailers; the trailers are none. */
function writeBody(writer: Writer, body: Body = new Uint8Array()): Channel[] {
  const whole = body instanceof Uint8Array && body.length > 0 && body.length <= WHOLE;
  if (whole) writer.bytes(body);
  else writer.byte(0);
  writer.byte(1);
  writer.byte(0);
  return whole ? [] : [{ path: BODY_PATH, body }];
}

/** The body where it is whole. Trailers that came whole are read over: the web platform has no place for them. */
function readBody(reader: Reader): Uint8Array<ArrayBuffer> | undefined {
  const whole = reader.bytes();
  if (reader.bool() && reader.bool()) readFields(reader);
  return whole.length > 0 ? new Uint8Array(whole) : undefined;
}

function writeChoice(writer: Writer, known: string[], value: string): void {
  const index = known.indexOf(value);
  writer.unsigned(index < 0 ? known.length : index);
  if (index < 0) writer.string(value.replace(/:$/, ""));
}

function readChoice(reader: Reader, known: string[]): string {
  const index = reader.unsigned(32);
  if (index > known.length) throw new DecodeError(`there are only ${known.length + 1} cases`);
  return known[index] ?? reader.string();
}

function writeOptional(writer: Writer, value: string): void {
  writer.byte(1);
  writer.string(value);
}

function urlOf(scheme: string, authority: string, path: string): URL {
  try {
    return new URL(`${scheme.replace(/:?$/, ":")}//${authority}${path}`);
  } catch (error) {
    throw new DecodeError(`${JSON.stringify(authority + path)} is no address`, { cause: error });
  }
}
