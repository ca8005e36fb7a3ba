/** `config del` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { configName } from "../names.js";
import { Output } from "../output.js";

export const configDel = command({
  arguments: ["NAME"],
  options: clientOptions,
  async run(values, [text], terminal) {
    const output = new Output(terminal, values);
    const name = configName(text);
    await withControl(values, (control) => control.ask(`config.del.${name}`));
    output.show({ name }, () => `The config ${name} is removed.`);
  },
});
