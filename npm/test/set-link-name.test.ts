/** `wasmcloud:bus/lattice`: a guest chooses the links it calls by, for as long as it serves one call. */

import assert from "node:assert/strict";

import { createHost, GuestError, type Host, type Isolation, MissingLinkError } from "trellis-host";

import { readFile } from "./support/files.js";
import { inBoth } from "./support/hosts.js";

const GUEST = "test:lattice/guest";

/** A host with the guest, linked to two carts. */
async function linked(isolation: Isolation): Promise<Host> {
  const host = await createHost({ isolation });
  await host.startComponent({ id: "guest", source: await readFile("npm/dist-test/engine/lattice.wasm") });
  for (const [name, count] of [["default", 1], ["other", 2]] as const) {
    await host.provide(name, { "acme:shop/cart": { count: () => new Uint8Array([count]) } });
    await host.link({ source: "guest", interface: "acme:shop/cart", target: name, name });
  }
  return host;
}

inBoth("a link name holds for the call in which it was chosen", "waiting", async (isolation) => {
  const host = await linked(isolation);
  const call = (func: string, ...args: string[]): Promise<unknown> => host.invoke("guest", GUEST, func, args);
  assert.deepEqual(await Promise.all([call("plain"), call("one", "other"), call("plain"), call("two", "other")]), [1, 2, 1, 2]);
  assert.deepEqual([await call("one", "other"), await call("plain"), await call("two", "default")], [2, 1, 1]);
  await host.stop();
});

inBoth("a name that no link has is refused by the later generation, and fails with the first when it is used", "waiting", async (isolation) => {
  const host = await linked(isolation);
  await assert.rejects(host.invoke("guest", GUEST, "two", ["third"]), (error) =>
    error instanceof GuestError && error.payload === "interface `acme:shop/cart` does not have an existing link with name `third`");
  await assert.rejects(host.invoke("guest", GUEST, "one", ["third"]), (error) => error instanceof MissingLinkError && error.message.includes("third"));
  await host.unlink({ source: "guest", interface: "acme:shop/cart" });
  await assert.rejects(host.invoke("guest", GUEST, "two", ["default"]), GuestError);
  await host.stop();
});
