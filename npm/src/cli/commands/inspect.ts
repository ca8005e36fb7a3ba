/** `inspect` */

import { messageOf } from "../../errors.js";
import type { Inspection, InterfaceInfo } from "../../inspection.js";
import { artifactSpecs } from "../artifact-options.js";
import { command } from "../command.js";
import { fetchComponent, type InspectedComponent } from "../fetch-component.js";
import { type Json, numberOf, recordOf, textOf } from "../json.js";
import { Output, outputOption } from "../output.js";
import { size } from "../size.js";
import { facts } from "../table.js";
import { harmless, type Paint } from "../terminal.js";
import { functionText } from "../wit-text.js";

export const inspect = command({
  arguments: ["FILE|REF"],
  options: {
    wit: { kind: "flag", help: "shows the component's world as WIT, and nothing else" },
    ...artifactSpecs,
    ...outputOption,
  },
  notes: "A reference is in a registry (ghcr.io/acme/api:0.3.0), a URL or a path.",
  async run(values, [reference = ""], terminal) {
    const output = new Output(terminal, values);
    const component = await fetchComponent(reference, values, terminal.err);
    const claims = await claimsIn(component);
    const { artifact: { reference: normal, digest, bytes }, inspection } = component;
    const value = values.wit ? { wit: inspection.wit } : { reference: normal, digest, size: bytes.length, signature: claims, ...inspection };
    output.show(value, (paint) => (values.wit ? inspection.wit.trimEnd() : text(paint, component, claims)));
  },
});

/** The claims of a component, verified; what is wrong with them; or null where it has none. */
async function claimsIn({ artifact: { bytes }, inspection }: InspectedComponent): Promise<Json | null> {
  if (inspection.claims === null) return null;
  const { loadMember } = await import("../../load/member-node.js");
  const member = await loadMember();
  try {
    const [claims = "{}"] = member.verifyClaims(bytes) ?? [];
    return { valid: true, ...recordOf(JSON.parse(claims)) };
  } catch (error) {
    return { valid: false, error: messageOf(error) };
  }
}

function text(paint: Paint, { artifact: { reference, digest, bytes }, inspection }: InspectedComponent, claims: Json | null): string {
  const head = facts(paint, [
    ["reference", reference],
    ["digest", digest],
    ["size", size(bytes.length)],
    ["signature", claims === null ? "none" : signatureText(claims)],
    ...inspection.producers.map(({ field, values }): [string, string] => [field, values.map(([name, version]) => `${name} ${version}`.trim()).join(", ")]),
  ]);
  return [head, interfacesText(paint, "imports", inspection, inspection.imports), interfacesText(paint, "exports", inspection, inspection.exports)].join("\n\n");
}

function signatureText(claims: Json): string {
  if (claims["valid"] !== true) return `not valid: ${textOf(claims["error"])}`;
  const expires = numberOf(claims["expires"]);
  const until = expires === 0 ? "" : `, until ${new Date(expires * 1000).toISOString()}`;
  return `${textOf(claims["name"]) || textOf(claims["publicKey"])}, by ${textOf(claims["issuer"])}${until}`;
}

function interfacesText(paint: Paint, title: string, { types }: Inspection, interfaces: readonly InterfaceInfo[]): string {
  const blocks = interfaces.map(({ name, functions }) =>
    [`  ${harmless(name)}`, ...functions.map((func) => `    ${paint("dim", harmless(functionText(types, func)))}`)].join("\n"));
  return [paint("bold", title), ...blocks.length === 0 ? ["  none"] : blocks].join("\n");
}
