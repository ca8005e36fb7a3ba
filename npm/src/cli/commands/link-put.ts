/** `link put` */

import { DEFAULT_LINK } from "../../host/links.js";
import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { UsageError } from "../errors.js";
import { idOf, packageOf } from "../names.js";
import { Output } from "../output.js";

export const linkPut = command({
  arguments: ["SOURCE", "TARGET", "INTERFACES"],
  options: {
    "name": { kind: "text", value: "NAME", help: "the link's name. Default default" },
    "source-config": { kind: "list", value: "NAME,…", help: "configs for the source" },
    "target-config": { kind: "list", value: "NAME,…", help: "configs for the target" },
    ...clientOptions,
  },
  notes: "SOURCE imports INTERFACES, such as wasi:keyvalue/store,atomics, and TARGET answers.",
  async run(values, [source, target, interfaces], terminal) {
    const output = new Output(terminal, values);
    const { namespace, packageName, interfaces: names } = packageOf(interfaces);
    if (names.length === 0) throw new UsageError(`${JSON.stringify(interfaces)} names a package only: write such as wasi:keyvalue/store,atomics`);
    const link = {
      source_id: idOf(source),
      target: idOf(target),
      name: values.name ?? DEFAULT_LINK,
      wit_namespace: namespace,
      wit_package: packageName,
      interfaces: names,
      source_config: values["source-config"],
      target_config: values["target-config"],
    };
    await withControl(values, (control) => control.ask("link.put", link));
    output.show({ link }, () => `${link.source_id} is linked to ${link.target} for ${namespace}:${packageName}/${names.join(",")}.`);
  },
});
