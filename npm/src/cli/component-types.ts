/** Where the command line has the types of a running component from: its reference, or a component that is named. */

import { messageOf, NotFoundError } from "../errors.js";
import type { Inspection } from "../inspection.js";
import { artifactSpecs } from "./artifact-options.js";
import type { Control } from "./control.js";
import { runningComponent } from "./hosts.js";
import type { Specs, Values } from "./options.js";
import type { Stream } from "./terminal.js";

/** The options by which the types are found. */
export const typeSpecs = {
  component: { kind: "text", value: "FILE|REF", help: "the component, for its types. Default what the inventory of its host refers to" },
  host: { kind: "text", value: "HOST", help: "the host, where several run it with different code" },
  ...artifactSpecs,
} as const satisfies Specs;

/** The types of a component that runs in the lattice. */
export async function typesOf(control: Control, id: string, values: Values<typeof typeSpecs>, stream: Stream): Promise<Inspection> {
  const { component, host } = values;
  const reference = component ?? (await runningComponent(control, id, host)).reference;
  // Loaded only now, since it brings the core along.
  const { fetchComponent } = await import("./fetch-component.js");
  try {
    return (await fetchComponent(reference, values, stream)).inspection;
  } catch (error) {
    if (component !== undefined) throw error;
    throw new NotFoundError(`the types of ${id} are not known, since ${reference} cannot be pulled here (${messageOf(error)}): name the component by --component`, { cause: error });
  }
}
