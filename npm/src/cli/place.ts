/** Finds a host for a component. Facts: the lattice protocol 1.x, section 3.4. */

import { NotFoundError } from "../errors.js";
import type { Control } from "./control.js";
import { hostId } from "./hosts.js";
import { recordOf, textOf } from "./json.js";
import { pairsText } from "./table.js";

/** What is to be placed. */
export interface Wanted {
  readonly id: string;
  readonly reference: string;
  /** The labels that the host has to have. */
  readonly constraints: Readonly<Record<string, string>>;
  /** The host that is meant; without it, any that offers itself. */
  readonly host: string | undefined;
}

/** The id of a host for a component: the one that is meant, or the first that offers itself. */
export async function placeFor(control: Control, { id, reference, constraints, host }: Wanted): Promise<string> {
  if (host !== undefined) return hostId(control, host);
  const [first] = await control.askAll("component.auction", { component_ref: reference, component_id: id, constraints }, true);
  const found = textOf(recordOf(first)["host_id"]);
  if (found !== "") return found;
  const labels = Object.keys(constraints).length === 0 ? "" : ` with ${pairsText(constraints)}`;
  throw new NotFoundError(`no host of the lattice ${control.lattice}${labels} offers to run ${id}: it may run everywhere already, or no host takes ${reference}`);
}
