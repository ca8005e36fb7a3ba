/** What guests print, line by line. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { printByLine } from "../src/host/output.js";

test("lines are whole, whatever pieces they come in, and each component has its own", () => {
  const printed: string[] = [];
  const print = printByLine((component, stream, line) => printed.push(`${component} ${stream} ${line}`));
  const say = (component: string, ...bytes: number[]): void => print({ component, stream: "stdout", bytes: Uint8Array.from(bytes) });
  // A letter of two bytes, cut in the middle.
  say("a", 0x61, 0xc3);
  say("b", 0x62);
  say("a", 0xa4, 0x0a, 0x63);
  say("b", 0x0a);
  assert.deepEqual(printed, ["a stdout a\u00e4", "b stdout b"]);
});

test("a line without an end is broken before it takes what the host has", () => {
  const printed: string[] = [];
  const print = printByLine((_component, _stream, line) => printed.push(line));
  const bytes = new Uint8Array(4096).fill(0x78);
  for (let count = 0; count < 1000; count++) print({ component: "a", stream: "stderr", bytes });
  const characters = printed.reduce((sum, line) => sum + line.length, 0);
  assert.ok(1000 * 4096 - characters <= 64 * 1024, `${1000 * 4096 - characters} characters are kept`);
  assert.ok(printed.every((line) => line.length <= 64 * 1024 + 4096));
});
