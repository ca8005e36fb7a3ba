/**
 * What nats.js and the runtimes throw, as errors of ours. nats.js is recognised by the names of its error classes, since
 * a connection of the caller's may come from another copy of it; `nats.ws` 1 has codes instead.
 */

import { ConnectionError, LimitError, messageOf, StoppedError, TimeoutError, TrellisError } from "../errors.js";

const tlsCode = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/;
const tlsText = /\btls\b|certificate|\bssl\b/i;

/** The error of an attempt to connect. */
export function connectError(thrown: unknown, where: string): TrellisError {
  if (thrown instanceof TrellisError) return thrown;
  const text = `${describe(thrown)}`;
  if (isUnauthorized(thrown)) return unauthorized(where, thrown);
  if (isTimeout(thrown)) {
    return new TimeoutError(`no NATS server has answered at ${where} in time: check the address, or raise \`timeout\``, { cause: thrown });
  }
  if (tlsCode.test(codeOf(thrown)) || tlsText.test(text)) {
    const advice = "check the name in the address and the certificate, or give `tls.ca`";
    return new ConnectionError(`TLS with ${where} failed (${text}): ${advice}`, { fault: "tls", cause: thrown });
  }
  const advice = "check that the server runs there and that nothing blocks the way";
  return new ConnectionError(`no NATS server can be reached at ${where} (${text}): ${advice}`, { fault: "unreachable", cause: thrown });
}

/** Our credentials are not, or no longer, good. */
export function unauthorized(where: string, cause: unknown): ConnectionError {
  const advice = "check `auth`, and that the server knows the user";
  return new ConnectionError(`${where} does not let us in (${describe(cause)}): ${advice}`, { fault: "unauthorized", cause });
}

/** Why a connection that worked has ended; nothing where it was closed on purpose. */
export function closeError(error: unknown, where: string): TrellisError | undefined {
  return error === undefined || error === null ? undefined : connectError(error, where);
}

/** What went wrong on a connection that works. */
export function statusError(error: unknown, where: string): TrellisError {
  if (isUnauthorized(error)) return unauthorized(where, error);
  return new ConnectionError(`${where} says: ${describe(error)}`, { fault: "refused", cause: error });
}

/** The error of a publish or a flush. */
export function sendError(thrown: unknown): TrellisError {
  if (thrown instanceof TrellisError) return thrown;
  const text = describe(thrown);
  if (/max_payload|MAX_PAYLOAD/.test(text)) return new LimitError(`the message is too large for the server: ${text}`);
  if (/closed|draining/i.test(text)) return stopped();
  return new ConnectionError(`the connection was lost (${text}): try again`, { cause: thrown });
}

/** The bus is closed. */
export function stopped(): StoppedError {
  return new StoppedError("the bus is closed");
}

/** Whether the server does not take our credentials. */
export function isUnauthorized(thrown: unknown): boolean {
  return /^(?:AuthorizationError|UserAuthenticationExpiredError)$/.test(nameOf(thrown)) ||
    /^(?:AUTHORIZATION_VIOLATION|AUTHENTICATION_EXPIRED|AUTHENTICATION_TIMEOUT|ACCOUNT_EXPIRED|BAD_AUTHENTICATION)$/.test(codeOf(thrown)) ||
    /user authentication revoked/i.test(messageOf(thrown));
}

/** What a permission was asked for, where the server has denied one. */
export function deniedSubject(thrown: unknown): { operation: string; subject: string } | undefined {
  if (typeof thrown !== "object" || thrown === null || !("operation" in thrown && "subject" in thrown)) return undefined;
  return { operation: String(thrown.operation), subject: String(thrown.subject) };
}

function isTimeout(thrown: unknown): boolean {
  return nameOf(thrown) === "TimeoutError" || codeOf(thrown) === "TIMEOUT";
}

/** nats.js rejects with nothing where a socket closed without a reason. */
function describe(thrown: unknown): string {
  if (thrown === undefined || thrown === null) return "it closed the connection";
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? `, ${thrown.cause.message}` : "";
  return `${messageOf(thrown)}${cause}`;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "";
}

function codeOf(thrown: unknown): string {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
}
