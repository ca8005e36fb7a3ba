/** `get claims` */

import { clientOptions, withControl } from "../client.js";
import { command } from "../command.js";
import { type Json, listOf, recordOf, textOf } from "../json.js";
import { Output } from "../output.js";
import { table } from "../table.js";

export const getClaims = command({
  arguments: [],
  options: clientOptions,
  async run(values, _, terminal) {
    const output = new Output(terminal, values);
    const claims = await withControl(values, async (control) => listOf((await control.ask("claims.get")).response).map(recordOf));
    output.show({ claims }, (paint) => (claims.length === 0
      ? "Nothing in the lattice is signed."
      : table(paint, ["subject", "issuer", "name", "version", "revision"], claims.map(rowOf))));
  },
});

function rowOf(claims: Json): string[] {
  const of = (...names: string[]): string => names.map((name) => textOf(claims[name])).find((text) => text !== "") ?? "";
  return [of("subject", "sub"), of("issuer", "iss"), of("name"), of("version"), of("revision", "rev")];
}
