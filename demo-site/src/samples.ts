// Fetches the components that the page starts by itself, as the build has compiled them (see build.mjs).

import type { Inspection, Precompiled } from "trellis-host";

interface Header {
  plan: number;
  modules: number[];
  inspection: Inspection;
}

/** A sample component, ready to start. */
export async function sample(id: string): Promise<Precompiled> {
  const response = await fetch(`components/${id}.compiled`);
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${response.url}.`);
  return read(await response.arrayBuffer());
}

async function read(file: ArrayBuffer): Promise<Precompiled> {
  let at = 4 + new DataView(file).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, at - 4))) as Header;
  const next = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(file, (at += length) - length, length);
  const plan = next(header.plan).slice();
  const modules = await Promise.all(header.modules.map((length) => WebAssembly.compile(next(length))));
  return { plan, modules, inspection: header.inspection };
}
