/** The answer of a carrier to a request that nobody listens to: an empty message with the header `Status: 503`. */

import type { Message } from "./bus.js";
import { NotFoundError } from "./errors.js";

/** Whether a message says that nobody listens. */
export function isNoResponders({ headers, payload }: Message): boolean {
  return payload.length === 0 && headers.some(([name, value]) => name === "Status" && value === "503");
}

/** The error of a request that nobody listens to. */
export function nobody(subject: string): NotFoundError {
  return new NotFoundError(`nobody listens on ${subject}`);
}
