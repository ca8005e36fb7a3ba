/**
 * The errors of the host: one class for each kind of `host-wasm/error`, with the same stable `code`.
 *
 * Branch on the class or on `code`; the message is for people. A function of a guest that answers with the error arm
 * of its `result` is a {@link GuestError} with that value as `payload`; a trap is a {@link GuestTrapError}.
 */

import type { WireError } from "./core.js";

/** The class's name by its code, since minifiers rename classes: `guest-trap` is `GuestTrapError`. */
function nameOf(code: string): string {
  const words = code.replace(/-error$/, "").split("-");
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}Error`;
}

/** The base of every error of the host. */
export class TrellisError extends Error {
  /** The stable code of its kind. */
  readonly code: string;

  /** An error with a code, and perhaps the error that caused it. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = nameOf(code);
    this.code = code;
  }
}

/** The guest answered with the error arm of its result; `payload` is that value. */
export class GuestError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "guest-error";
  /** The value of the error arm, as the codec decodes it; `undefined` where the arm has no type. */
  readonly payload: unknown;

  /** A guest's error with its payload. */
  constructor(payload?: unknown, message: string = describe(payload), options?: ErrorOptions) {
    super(GuestError.code, message, options);
    this.payload = payload;
  }
}

/** The guest ended itself with `wasi:cli/exit`. */
export class GuestExitError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "guest-exit";
  /** What it ended with: 0 is success. */
  readonly exitCode: number;

  /** The end of a guest. */
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(GuestExitError.code, message, options);
    this.exitCode = exitCode;
  }
}

/** The component imports what nothing here can provide; `missing` lists it. */
export class MissingImportError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "missing-import";
  /** The names of the imports. */
  readonly missing: readonly string[];

  /** The imports that are missing. */
  constructor(message: string, missing: readonly string[] = [], options?: ErrorOptions) {
    super(MissingImportError.code, message, options);
    this.missing = missing;
  }
}

/** The guest trapped, or broke a rule of the canonical ABI. Its instance is gone. */
export class GuestTrapError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "guest-trap";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(GuestTrapError.code, message, options); }
}

/** The call did not finish before its deadline. */
export class TimeoutError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "timeout";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(TimeoutError.code, message, options); }
}

/** The caller gave the call up; `cause` is the reason of its signal. */
export class AbortedError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "aborted";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(AbortedError.code, message, options); }
}

/** No link leads from the component's import to a target. */
export class MissingLinkError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "missing-link";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(MissingLinkError.code, message, options); }
}

/** Bytes do not have the shape the type asks for. */
export class DecodeError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "decode";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(DecodeError.code, message, options); }
}

/** The bytes are no valid component. */
export class InvalidComponentError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "invalid-component";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(InvalidComponentError.code, message, options); }
}

/** A feature that this host does not have. */
export class UnsupportedError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "unsupported";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(UnsupportedError.code, message, options); }
}

/** No component, function, link or resource of that name is here. */
export class NotFoundError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "not-found";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(NotFoundError.code, message, options); }
}

/** An argument of the caller cannot be used; the message names where it went wrong. */
export class InvalidArgumentError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "invalid-argument";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(InvalidArgumentError.code, message, options); }
}

/** The id is already in use, or a key was changed by somebody else. */
export class ConflictError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "conflict";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(ConflictError.code, message, options); }
}

/** Claims, an allow-list, a policy or a secrets backend do not permit it; the message says which, and why. */
export class DeniedError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "denied";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(DeniedError.code, message, options); }
}

/** A limit of the host or of the component was reached; the message says how far it goes and what can be done. */
export class LimitError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "limit";
  /** The option that sets it, such as `maxMemory`; `undefined` where it is fixed. */
  readonly limit: string | undefined;

  /** A limit that was reached. */
  constructor(message: string, { limit, ...options }: ErrorOptions & { limit?: string | undefined } = {}) {
    super(LimitError.code, message, options);
    this.limit = limit;
  }
}

/** The guest had to wait, and this platform has no way to suspend it. */
export class SuspensionError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "suspension";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(SuspensionError.code, message, options); }
}

/** The worker that ran the call is gone, because another guest in it had to be killed or because it failed. */
export class WorkerLostError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "worker-lost";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(WorkerLostError.code, message, options); }
}

/**
 * Why an artifact could not be loaded: an option of the host forbids it; its server denies it to these credentials, does
 * not have it, cannot be reached, or answers what is invalid.
 */
export type LoadReason = "forbidden" | "denied" | "not-found" | "unreachable" | "invalid";

/** An artifact, or the core itself, could not be loaded. */
export class LoadError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "load";
  /** Why, where it is an artifact that was pulled. */
  readonly reason: LoadReason | undefined;

  /** What could not be loaded. */
  constructor(message: string, { reason, ...options }: ErrorOptions & { reason?: LoadReason | undefined } = {}) {
    super(LoadError.code, message, options);
    this.reason = reason;
  }
}

/** The host, or the bus, is stopped or stopping. */
export class StoppedError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "stopped";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(StoppedError.code, message, options); }
}

/** Why a connection cannot be used. Browsers do not tell a server that has no valid certificate from one that is not there. */
export type ConnectionFault = "unreachable" | "unauthorized" | "tls" | "lost" | "refused";

/** The lattice cannot be reached, or does not let us do something. */
export class ConnectionError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "connection";
  /** Why: the server does not answer, takes no such credentials, TLS failed, the connection broke, or it said no. */
  readonly fault: ConnectionFault;

  /** An error of this kind. */
  constructor(message: string, { fault = "lost", ...options }: ErrorOptions & { fault?: ConnectionFault } = {}) {
    super(ConnectionError.code, message, options);
    this.fault = fault;
  }
}

/** The core of the host itself failed. The host is dead. */
export class PanicError extends TrellisError {
  /** The code of this kind. */
  static readonly code = "panic";
  /** An error of this kind. */
  constructor(message: string, options?: ErrorOptions) { super(PanicError.code, message, options); }
}

/** Makes an error from what crossed the port. */
type FromWire = (wire: WireError) => TrellisError;

const plain = [
  GuestTrapError, TimeoutError, AbortedError, MissingLinkError, DecodeError, InvalidComponentError, UnsupportedError,
  NotFoundError, InvalidArgumentError, ConflictError, DeniedError, SuspensionError, WorkerLostError, LoadError, StoppedError,
  ConnectionError,
  PanicError,
];

const fromCode = new Map<string, FromWire>([
  [GuestError.code, (wire) => new GuestError(undefined, wire.message)],
  [GuestExitError.code, (wire) => new GuestExitError(wire.message, wire.exitCode ?? 1)],
  [MissingImportError.code, (wire) => new MissingImportError(wire.message, wire.missing)],
  [LimitError.code, ({ message, limit }) => new LimitError(message, { limit })],
  ...plain.map((kind): [string, FromWire] => [kind.code, (wire) => new kind(wire.message)]),
]);

/** The codes of all kinds of errors. */
export const errorCodes: readonly string[] = [...fromCode.keys()];

/** The error that a callback or a worker message carried. */
export function fromWire(wire: WireError): TrellisError {
  const make = fromCode.get(wire.code);
  return make === undefined ? new TrellisError(wire.code, wire.message) : make(wire);
}

/** The error as a plain object that callbacks and worker messages carry. What is no error of ours is a guest's. */
export function toWire(error: unknown): WireError {
  const wire: WireError = { code: codeOf(error) ?? GuestError.code, message: messageOf(error) };
  if (error instanceof GuestExitError) wire.exitCode = error.exitCode;
  if (error instanceof MissingImportError) wire.missing = [...error.missing];
  if (error instanceof LimitError && error.limit !== undefined) wire.limit = error.limit;
  return wire;
}

/** The error of ours that a thrown value means: itself, one by its `code`, or nothing. */
export function typedError(thrown: unknown): TrellisError | undefined {
  if (thrown instanceof TrellisError) return thrown;
  const code = codeOf(thrown);
  if (code === undefined || !fromCode.has(code)) return undefined;
  return fromWire({ ...(thrown as object), code, message: messageOf(thrown) });
}

/** The error of an aborted signal. */
export function abortedBy(signal: AbortSignal): AbortedError {
  return new AbortedError("the caller gave the call up", { cause: signal.reason });
}

/** What a thrown value says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

function describe(payload: unknown): string {
  if (payload === undefined) return "the guest answered with an error";
  if (typeof payload === "string") return payload;
  try {
    return `the guest answered with the error ${JSON.stringify(payload, plainValue)}`;
  } catch {
    return "the guest answered with an error";
  }
}

function plainValue(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
