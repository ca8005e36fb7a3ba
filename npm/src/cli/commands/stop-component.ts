/** `stop component` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { runningComponent } from "../hosts.js";
import { idOf } from "../names.js";
import { waitOption } from "../outcome.js";
import { Output } from "../output.js";
import { scale } from "../scaling.js";

export const stopComponent = command({
  arguments: ["ID"],
  options: {
    "host": { kind: "text", value: "HOST", help: "the host, where several have it" },
    ...waitOption,
    ...clientOptions,
  },
  async run(values, [name], terminal) {
    const output = new Output(terminal, values);
    const id = idOf(name);
    const host = await withControl(values, async (control) => {
      const { host: place, reference, annotations } = await runningComponent(control, id, values.host);
      await scale(control, terminal, "stopped", values["wait-ms"], { component_id: id, component_ref: reference, host_id: place, count: 0, config: [], annotations });
      return place;
    });
    output.show({ id, host }, () => `${id} ${values["wait-ms"] === 0 ? "is being stopped" : "has been stopped"} on ${host}.`);
  },
});
