/** `get hosts` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { hosts } from "../hosts.js";
import { Output } from "../output.js";
import { pairsText, table } from "../table.js";

export const getHosts = command({
  arguments: [],
  options: clientOptions,
  async run(values, _, terminal) {
    const output = new Output(terminal, values);
    const { hosts: all, raw } = await withControl(values, hosts);
    output.show({ hosts: raw }, (paint) => (all.length === 0
      ? "No host has answered."
      : table(paint, ["id", "name", "version", "uptime", "labels"], all.map(({ id, name, version, uptime, labels }) => [id, name, version, uptime, pairsText(labels)]))));
  },
});
