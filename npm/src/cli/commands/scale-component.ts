/** `scale component` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { UsageError } from "../errors.js";
import { runningComponent } from "../hosts.js";
import { idOf } from "../names.js";
import { waitOption } from "../outcome.js";
import { Output } from "../output.js";
import { scale } from "../scaling.js";

export const scaleComponent = command({
  arguments: ["ID", "COUNT"],
  options: {
    "host": { kind: "text", value: "HOST", help: "the host, where several have it" },
    "config": { kind: "list", value: "NAME,…", help: "configs of the lattice, from now on: a scale without any leaves it none" },
    ...waitOption,
    ...clientOptions,
  },
  notes: "COUNT instances may be at work at once; 0 stops the component.",
  async run(values, [name, text = ""], terminal) {
    const output = new Output(terminal, values);
    const id = idOf(name);
    const count = Number(text);
    if (!/^\d+$/.test(text) || count > 0xffff_ffff) throw new UsageError(`COUNT is a whole number, not ${JSON.stringify(text)}`);
    const host = await withControl(values, async (control) => {
      const { host: place, reference, annotations } = await runningComponent(control, id, values.host);
      await scale(control, terminal, "scaled", values["wait-ms"], { component_id: id, component_ref: reference, host_id: place, count, config: values.config, annotations });
      return place;
    });
    output.show({ id, host, count }, () => `${id} may have ${count} instances on ${host}.`);
  },
});
