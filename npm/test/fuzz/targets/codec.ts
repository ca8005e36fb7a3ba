/**
 * The typed codec of the package: bytes that anybody may have sent are refused with a `DecodeError` or are values, which
 * survive their encoding.
 */

import assert from "node:assert/strict";

import { FunctionCodec } from "../../../src/codec/function.js";
import { DecodeError } from "../../../src/errors.js";
import { readText } from "../../support/files.js";
import { TypeTable } from "../../support/wit.js";
import type { FuzzTarget } from "../target.js";

/** Types of the recorded values, and some that nest. The first byte of an input says which. */
const types = [
  "bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string", "point", "nested", "color",
  "big", "shape", "bigv", "perms", "flags17", "list<u8>", "list<string>", "list<list<u16>>", "option<option<u8>>",
  "result<string, u32>", "result<_, shape>", "tuple<u8, string, list<nested>>", "list<tuple<char, option<s64>>>", "list<f64>",
  "list<result<_, _>>", "option<list<option<list<option<list<bool>>>>>>",
];

const codecs = types.map((type) => {
  const table = new TypeTable();
  return new FunctionCodec(table, { name: "echo", params: [{ name: "v", type: table.type(type) }], result: null });
});

export const codec: FuzzTarget = {
  run(bytes) {
    const codec = codecs[(bytes[0] ?? 0) % codecs.length];
    assert.ok(codec !== undefined);
    let values;
    try {
      values = codec.decodeParams(bytes.subarray(1));
    } catch (error) {
      assert.ok(error instanceof DecodeError, `${String(error)} is no DecodeError`);
      return;
    }
    const canonical = codec.encodeParams(values);
    assert.ok(canonical.length <= bytes.length - 1, "nothing shorter means the same");
    assert.deepEqual(codec.decodeParams(canonical), values);
  },

  async seeds() {
    const recorded = (await readText("shared/lattice-v1/vectors/values.jsonl")).trim().split("\n");
    return recorded.flatMap((line) => {
      const { type, hex } = JSON.parse(line) as { type: string; hex: string };
      const index = types.indexOf(type);
      return index < 0 ? [] : [Uint8Array.of(index, ...(hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16)))];
    });
  },
};
