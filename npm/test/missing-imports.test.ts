/** A component that imports what nothing can ever serve is refused at its start, with the list. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createHost, MissingImportError } from "trellis-host";

import { readFile } from "./support/files.js";

for (const isolation of ["worker", "inline"] as const) {
  test(`unservable imports are listed (${isolation})`, async () => {
    await using host = await createHost({ isolation });
    const source = await readFile("npm/dist-test/engine/unservable.wasm");
    await assert.rejects(host.startComponent({ id: "lonely", source }), (error) => {
      assert.ok(error instanceof MissingImportError, String(error));
      assert.deepEqual([...error.missing].sort(), ["alone", "wasi:clocks/sundial@0.2.3"]);
      return true;
    });
    assert.equal(host.hasComponent("lonely"), false);
  });
}
