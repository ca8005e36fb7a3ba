/** `get inventory` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { type HostInventory, inventories } from "../hosts.js";
import { Output } from "../output.js";
import { table } from "../table.js";
import type { Paint } from "../terminal.js";

export const getInventory = command({
  arguments: ["[HOST]"],
  options: clientOptions,
  notes: "HOST is an id, its beginning, or a part of a name. Default all hosts.",
  async run(values, [host], terminal) {
    const output = new Output(terminal, values);
    const all = await withControl(values, (control) => inventories(control, host));
    output.show({ inventories: all.map(({ raw }) => raw) }, (paint) => (all.length === 0 ? "No host has answered." : inventoryText(paint, all)));
  },
});

function inventoryText(paint: Paint, all: readonly HostInventory[]): string {
  const components = all.flatMap((each) => each.components).map(({ host, id, instances, reference }) => [host, "component", id, String(instances), reference]);
  const providers = all.flatMap((each) => each.providers).map(({ host, id, reference }) => [host, "provider", id, "", reference]);
  return table(paint, ["host", "kind", "id", "instances", "reference"], [...components, ...providers]);
}
