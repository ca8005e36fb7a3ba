/** `link del` */

import { DEFAULT_LINK } from "../../host/links.js";
import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { idOf, packageOf } from "../names.js";
import { Output } from "../output.js";

export const linkDel = command({
  arguments: ["SOURCE", "PACKAGE"],
  options: {
    "name": { kind: "text", value: "NAME", help: "the link's name. Default default" },
    ...clientOptions,
  },
  notes: "PACKAGE is that of the link's interfaces, such as wasi:keyvalue.",
  async run(values, [source, text], terminal) {
    const output = new Output(terminal, values);
    const { namespace, packageName } = packageOf(text);
    const link = { source_id: idOf(source), name: values.name ?? DEFAULT_LINK, wit_namespace: namespace, wit_package: packageName };
    const { message } = await withControl(values, (control) => control.ask("link.del", link));
    output.show({ link, message }, () => `${link.source_id} is not linked for ${namespace}:${packageName} any more.`);
  },
});
