/** `get links` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { type Json, listOf, recordOf, textOf, textsOf } from "../json.js";
import { Output } from "../output.js";
import { table } from "../table.js";

export const getLinks = command({
  arguments: [],
  options: clientOptions,
  async run(values, _, terminal) {
    const output = new Output(terminal, values);
    const links = await withControl(values, async (control) => listOf((await control.ask("link.get")).response).map(recordOf));
    output.show({ links }, (paint) => (links.length === 0 ? "There are no links." : table(paint, ["source", "target", "interfaces", "name", "configs"], links.map(rowOf))));
  },
});

function rowOf(link: Json): string[] {
  const interfaces = `${textOf(link["wit_namespace"])}:${textOf(link["wit_package"])}/${textsOf(link["interfaces"]).join(",")}`;
  const configs = [...textsOf(link["source_config"]), ...textsOf(link["target_config"])];
  return [textOf(link["source_id"]), textOf(link["target"]), interfaces, textOf(link["name"]), configs.join(", ")];
}
