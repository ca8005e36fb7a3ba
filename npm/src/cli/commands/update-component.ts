/** `update component` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { runningComponent } from "../hosts.js";
import { idOf } from "../names.js";
import { carriedOut, waitOption } from "../outcome.js";
import { Output } from "../output.js";
import { referenceFor } from "../reference.js";

export const updateComponent = command({
  arguments: ["ID", "REF"],
  options: {
    "host": { kind: "text", value: "HOST", help: "the host, where several have it" },
    ...waitOption,
    ...clientOptions,
  },
  notes: "REF is in a registry (ghcr.io/acme/api:0.3.0), a URL, or a file, which the host reads where it allows that.",
  async run(values, [name, text = ""], terminal) {
    const output = new Output(terminal, values);
    const id = idOf(name);
    const reference = referenceFor(text);
    const { host, from } = await withControl(values, async (control) => {
      const { host: place, reference: old, annotations } = await runningComponent(control, id, values.host);
      // The host would do nothing, and tell of nothing.
      const wait = old === reference ? 0 : values["wait-ms"];
      const update = { component_id: id, new_component_ref: reference, host_id: place, annotations };
      const what = `${id} has not been updated`;
      await carriedOut(control, { host: place, id, what, wait }, () => control.ask(`component.update.${place}`, update));
      return { host: place, from: old };
    });
    output.show({ id, host, from, to: reference }, () => (from === reference ? `${id} runs ${reference} already.` : `${id} ${values["wait-ms"] === 0 ? "is being updated" : "has been updated"} to ${reference} on ${host}.`));
  },
});
