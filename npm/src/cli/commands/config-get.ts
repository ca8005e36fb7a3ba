/** `config get`, also `get config` */

import { NotFoundError } from "../../errors.js";
import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { configName } from "../names.js";
import { stringsOf } from "../json.js";
import { Output } from "../output.js";
import { table } from "../table.js";

export const configGet = command({
  arguments: ["NAME"],
  options: clientOptions,
  async run(values, [text], terminal) {
    const output = new Output(terminal, values);
    const name = configName(text);
    const { response } = await withControl(values, (control) => control.ask(`config.get.${name}`));
    // A config that is not there is an answer without one.
    if (response === undefined || response === null) throw new NotFoundError(`there is no config ${name}`);
    const config = stringsOf(response);
    output.show({ name, config }, (paint) => table(paint, ["key", "value"], Object.entries(config)));
  },
});
