/** As many components as one process is to hold. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, createHost } from "trellis-host";

import { hasJspi, sample } from "./support/hosts.js";

const COMPONENTS = 10_000;

/** Started and called at a time. */
const AT_ONCE = 32;

// Where guests block their workers all of them are loaded into every worker, which takes too long for a test.
test("ten thousand components are started, and each is called once", { skip: !hasJspi() }, async () => {
  await using host = await createHost({ deadline: null });
  const source = await compile(await sample("http-hello"));
  let next = 0;
  const some = async (): Promise<void> => {
    while (next < COMPONENTS) {
      const id = `c${next++}`;
      await host.startComponent({ id, source });
      assert.equal((await host.fetch(id, "/")).status, 200);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  assert.equal(host.inventory().components.length, COMPONENTS);
  const { calls, instances } = host.metrics();
  assert.deepEqual([calls.succeeded, calls.failed, calls.inFlight], [COMPONENTS, 0, 0]);
  assert.ok(instances.live <= 8000, `${instances.live} instances are alive`);
});
