/**
 * What a call inherits from the call it is made during: it ends no later, goes one step deeper, and is given up with
 * it.
 */

import { LimitError } from "../errors.js";
import type { Call } from "./call.js";

/** How deep calls of components to components may go. */
export const MAX_DEPTH = 64;

/** The circumstances of a call. */
export interface CallContext {
  /** When it has to be answered: `performance.now()` milliseconds, or Infinity. */
  readonly deadlineAt: number;
  /** Its deadline in milliseconds, which after the answer bounds each pause of its channels. */
  readonly deadline: number;
  /** 0 for a call from outside. */
  readonly depth: number;
  /** Aborted when the caller gives the call up, or the call it was made during ends. */
  readonly signal: AbortSignal | undefined;
  /** The call it is made during. */
  readonly parent: CallContext | undefined;
  /** The call of a component that it is about, where it is one. */
  call?: Call;
}

/** The circumstances of a call from outside. */
export function rootContext(deadline: number, signal: AbortSignal | undefined): CallContext {
  return { deadlineAt: performance.now() + deadline, deadline, depth: 0, signal, parent: undefined };
}

/** The same, with no more time than `deadline`. */
export function bounded(deadline: number, context: CallContext): CallContext {
  if (deadline >= context.deadline) return context;
  return { ...context, deadline, deadlineAt: Math.min(context.deadlineAt, performance.now() + deadline) };
}

/** The circumstances of a call that is made during another. */
export function childContext(parent: CallContext, deadline: number, signal: AbortSignal): CallContext {
  const depth = parent.depth + 1;
  if (depth > MAX_DEPTH) throw new LimitError(`components called each other ${MAX_DEPTH} deep`);
  const deadlineAt = Math.min(performance.now() + deadline, parent.deadlineAt);
  return { deadlineAt, deadline: Math.min(deadline, parent.deadline), depth, signal, parent };
}
