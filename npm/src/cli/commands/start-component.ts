/** `start component` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { idOf } from "../names.js";
import { waitOption } from "../outcome.js";
import { Output } from "../output.js";
import { placeFor } from "../place.js";
import { referenceFor } from "../reference.js";
import { scale } from "../scaling.js";

export const startComponent = command({
  arguments: ["REF", "ID"],
  options: {
    "host": { kind: "text", value: "HOST", help: "the host: its id, the id's beginning, or a part of its name. Default the first that offers itself" },
    "constraint": { kind: "pairs", value: "K=V", help: "a label that the host has to have" },
    "count": { kind: "number", value: "N", help: "how many instances it may have at once. Default 1" },
    "config": { kind: "list", value: "NAME,…", help: "configs of the lattice, later ones over earlier ones" },
    "annotation": { kind: "pairs", value: "K=V", help: "an annotation" },
    ...waitOption,
    ...clientOptions,
  },
  notes: "REF is in a registry (ghcr.io/acme/api:0.3.0), a URL, or a file, which the host reads where it allows that.",
  async run(values, [text = "", name], terminal) {
    const output = new Output(terminal, values);
    const id = idOf(name);
    const reference = referenceFor(text);
    const host = await withControl(values, async (control) => {
      const place = await placeFor(control, { id, reference, constraints: values.constraint, host: values.host });
      const { count = 1, config, annotation: annotations } = values;
      await scale(control, terminal, "started", values["wait-ms"], { component_id: id, component_ref: reference, host_id: place, count, config, annotations });
      return place;
    });
    output.show({ id, reference, host }, () => `${id} ${values["wait-ms"] === 0 ? "is being started" : "runs"} on ${host}.`);
  },
});
