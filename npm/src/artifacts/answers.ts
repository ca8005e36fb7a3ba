/** What answers of servers mean, and their bodies. */

import { joined } from "../engine/source.js";
import { LimitError, LoadError, type LoadReason } from "../errors.js";
import type { PullProgress } from "./options.js";

/** An error that another try may mend. */
export class Transient extends Error {
  /** What to tell if it does not. */
  readonly error: LoadError;
  /** Milliseconds that the server wants to be left alone for. */
  readonly after: number | undefined;

  /** An error and perhaps how long to wait. */
  constructor(error: LoadError, after?: number) {
    super(error.message);
    this.error = error;
    this.after = after;
  }
}

/** How a body is read. */
export interface BodyOptions {
  /** Bytes it may have. */
  limit: number;
  /** Bytes it is known to have. */
  size?: number | undefined;
  /** Is told of each part. */
  onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Part after part has come. */
  moved: () => void;
}

/** Longer explanations of registries are cut. */
const LONGEST_DETAIL = 200;
/** No more of them is read. */
const DETAIL_BYTES = 16_384;
const OVERLOADED = [408, 429, 500, 502, 503, 504];

/** A URL as messages show it: the query may hold a signature. */
export function placeOf(url: URL | string): string {
  const { origin, pathname, protocol } = new URL(url);
  return origin === "null" ? protocol : origin + pathname;
}

/** The error that an answer means which is no success. Reads what the registry explains, if it does. */
export async function failureOf(response: Response, what: string, moved: () => void): Promise<Error> {
  const detail = await detailOf(response, moved).catch(() => "");
  const status = `${response.status} ${response.statusText}`.trim();
  const error = new LoadError(`${what}: ${placeOf(response.url)} answered ${status}${detail}`, { reason: reasonOf(response.status) });
  if (!OVERLOADED.includes(response.status)) return error;
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return new Transient(error, seconds >= 0 ? seconds * 1000 : undefined);
}

/** The whole body, as long as it is no longer than it may be. */
export async function readBody(response: Response, what: string, { limit, size, onProgress, moved }: BodyOptions): Promise<Uint8Array<ArrayBuffer>> {
  const total = size ?? announced(response);
  if (total !== undefined && total > limit) throw tooLarge(what, limit);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  onProgress?.({ bytes, total });
  for (const reader = response.body?.getReader(); reader !== undefined;) {
    const chunk = await next(reader, what);
    if (chunk === undefined) break;
    moved();
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(what, limit);
    chunks.push(chunk);
    onProgress?.({ bytes, total });
  }
  if (size !== undefined && bytes < size) throw brokeOff(what, `${bytes} of ${size} bytes came`);
  if (size !== undefined && bytes > size) throw new LoadError(`${what} has more than the ${size} bytes it is said to have`, { reason: "invalid" });
  return joined(chunks);
}

/** What a server calls JSON. */
export function parseJson(what: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LoadError(`${what} is no JSON: is that a registry?`, { reason: "invalid", cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new LoadError(`${what} is no JSON object`, { reason: "invalid" });
}

/** The error of an artifact that is too large. */
export function tooLarge(what: string, limit: number): LimitError {
  return new LimitError(`${what} has more than ${limit} bytes; the option maxArtifactBytes allows more`, { limit: "maxArtifactBytes" });
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>, what: string): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (cause) {
    throw brokeOff(what, "the connection was lost", cause);
  }
}

function brokeOff(what: string, how: string, cause?: unknown): Transient {
  return new Transient(new LoadError(`${what} broke off: ${how}`, { reason: "unreachable", cause }));
}

/** The length that the answer announces: of an encoded body it says nothing. */
function announced({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

function reasonOf(status: number): LoadReason {
  if (status === 401 || status === 403) return "denied";
  if (status === 404 || status === 410) return "not-found";
  return OVERLOADED.includes(status) ? "unreachable" : "invalid";
}

/** The explanation that the distribution specification has: `{"errors":[{"code","message"}]}`. */
async function detailOf(response: Response, moved: () => void): Promise<string> {
  if (!/\bjson\b/.test(response.headers.get("content-type") ?? "")) return "";
  const { errors } = parseJson("", await readBody(response, "", { limit: DETAIL_BYTES, moved }));
  const [first] = Array.isArray(errors) ? (errors as ({ code?: unknown; message?: unknown } | null)[]) : [];
  const words = [first?.code, first?.message].filter((each) => typeof each === "string").join(": ");
  return words === "" ? "" : ` (${words.replace(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_DETAIL)})`;
}
