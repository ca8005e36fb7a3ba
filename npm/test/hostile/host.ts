/** A host with one hostile component beside an honest one. */

import assert from "node:assert/strict";

import { type ComponentOptions, createHost, type Host, type HostOptions, TrellisError } from "trellis-host";

import { readFile } from "../support/files.js";
import { start } from "../support/hosts.js";
import type { Mischief } from "./mischief.js";

const nothing = new Uint8Array();

/** Starts the host, with `http-hello` for the honest component. Nobody sees what the guests log and print. */
export async function besideHonest(mischief: Mischief, options: HostOptions, component: ComponentOptions = {}): Promise<Host> {
  const host = await createHost({ onLog: () => undefined, onOutput: () => undefined, ...options });
  await start(host, "http-hello");
  await startHostile(host, mischief, component);
  return host;
}

/** Starts the guest of a mischief, under the name of its file unless another is given. */
export async function startHostile(host: Host, mischief: Mischief, options: ComponentOptions = {}, id = mischief.guest): Promise<void> {
  const source = await readFile(`npm/dist-test/engine/${mischief.guest}.wasm`);
  await host.startComponent({ id, source, ...mischief.options, ...options });
}

/** How a call ended: with an answer, or with an error of the host's. */
export interface End {
  code: string;
  limit?: unknown;
}

/** Has the mischief done. Anything that is thrown but no error of the host's fails the test. */
export async function endOf(host: Host, mischief: Mischief, deadline: number, id = mischief.guest): Promise<End> {
  try {
    await host.invokeRaw(id, "", mischief.func, mischief.params, { deadline });
    return { code: "answer" };
  } catch (error) {
    assert.ok(error instanceof TrellisError, String(error));
    return { code: error.code, ...("limit" in error && { limit: error.limit }) };
  }
}

/** The honest component answers, and so does the hostile one where it can. */
export async function assertServing(host: Host, { guest }: Mischief, id = guest): Promise<void> {
  const deadline = 100_000;
  const response = await host.fetch("http-hello", "/", { deadline });
  assert.equal(await response.text(), "Hello from Trellis!\n");
  if (guest.startsWith("start-")) return;
  const { results } = await host.invokeRaw(id, "", "behave", nothing, { deadline });
  assert.deepEqual([...results], [7]);
}
