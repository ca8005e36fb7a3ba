/** What the command line ends with. */

import { ConnectionError, InvalidArgumentError, TimeoutError } from "../errors.js";
import { UsageError } from "./errors.js";

/** All went well. */
export const OK = 0;
/** What was asked for could not be done. */
export const FAILED = 1;
/** The command, one of its options or one of its arguments is wrong. */
export const USAGE = 2;
/** The NATS server cannot be reached, or does not let us in. */
export const UNREACHABLE = 3;
/** Nobody has answered in time. */
export const LATE = 4;

/** The code that an error means. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof InvalidArgumentError) return USAGE;
  if (error instanceof ConnectionError) return UNREACHABLE;
  if (error instanceof TimeoutError) return LATE;
  return FAILED;
}

/** What programs end with that a signal ends at once. */
export function exitCodeOfSignal(signal: "SIGINT" | "SIGTERM"): number {
  return 128 + { SIGINT: 2, SIGTERM: 15 }[signal];
}
