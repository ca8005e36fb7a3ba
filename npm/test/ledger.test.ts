/** The calls that a worker has begun, in memory that it shares with the host. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createLedger, LedgerReader, LedgerWriter } from "../src/engine/ledger.js";
import { hasSharedMemory } from "./support/hosts.js";

const skip = !hasSharedMemory();

function ledger(): { writer: LedgerWriter; reader: LedgerReader } {
  const memory = createLedger();
  return { writer: new LedgerWriter(memory), reader: new LedgerReader(memory) };
}

test("a ledger that is closed tells what has begun and was not heard of", { skip }, () => {
  const { writer, reader } = ledger();
  [7, 3, 9, 4].forEach((call) => writer.enter(call));
  reader.heard();
  assert.deepEqual(reader.unheard(), [3, 9, 4]);
  reader.heard();
  assert.deepEqual(reader.close(), [9, 4]);
  assert.deepEqual([reader.close(), reader.unheard()], [[], []]);
});

test("it holds as many as are on their way, however many there were", { skip }, () => {
  const { writer, reader } = ledger();
  for (let call = 0; call < 5000; call++) {
    writer.enter(call);
    if (call >= 1000) reader.heard();
  }
  assert.deepEqual(reader.close(), Array.from({ length: 1000 }, (_, index) => 4000 + index));
});
