/** Fails a file of tests in Node where a promise was rejected that nobody awaited. */

import assert from "node:assert/strict";
import { after } from "node:test";

/** Watches from now on. */
export function noUnhandledRejections(): void {
  const rejections: unknown[] = [];
  const keep = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", keep);
  after(() => {
    process.off("unhandledRejection", keep);
    assert.deepEqual(rejections, []);
  });
}
