/** `config put` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { configName } from "../names.js";
import { pairOf } from "../options.js";
import { Output } from "../output.js";

export const configPut = command({
  arguments: ["NAME", "KEY=VALUE..."],
  options: clientOptions,
  notes: "Replaces the whole config.",
  async run(values, [text, ...pairs], terminal) {
    const output = new Output(terminal, values);
    const name = configName(text);
    const config = Object.fromEntries(pairs.map((pair) => pairOf("an entry", pair)));
    await withControl(values, (control) => control.ask(`config.put.${name}`, config));
    output.show({ name, config }, () => `The config ${name} is set.`);
  },
});
