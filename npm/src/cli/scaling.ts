/** The command that starts, scales and stops components. Facts: the lattice protocol 1.x, section 3.4. */

import type { Control } from "./control.js";
import { carriedOut } from "./outcome.js";
import { harmless, type Terminal } from "./terminal.js";

/** A scale command, with the field names of the lattice. */
export interface Scale {
  readonly component_id: string;
  readonly component_ref: string;
  readonly host_id: string;
  readonly count: number;
  readonly config: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Gives the command, and waits for what comes of it; `done` is what is said to be missing where that takes too long. */
export async function scale(control: Control, { err }: Terminal, done: string, wait: number | undefined, request: Scale): Promise<void> {
  const { component_id: id, host_id: host } = request;
  const { message } = await carriedOut(control, { host, id, what: `${id} has not been ${done}`, wait }, () => control.ask(`component.scale.${host}`, request));
  // It runs with another reference, say, and keeps that.
  if (message !== "") err.write(`warning: ${harmless(message)}\n`);
}
