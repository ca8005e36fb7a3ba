/**
 * Codecs of the value types without parts. Integers up to 32 bits are numbers, those of 64 bits bigints (a safe
 * integer is taken as well), a char is a string of one character.
 */

import type { PrimitiveKind } from "../inspection.js";
import type { Codec } from "./codec.js";
import { expected } from "./located.js";

const S64 = 2n ** 63n;

/** The codecs by kind. */
export const primitives: Record<PrimitiveKind, Codec> = {
  bool: {
    write: (writer, value) => writer.byte(typeof value === "boolean" ? Number(value) : expected("a bool", value)),
    read: (reader) => reader.bool(),
  },
  u8: {
    write: (writer, value) => writer.byte(integer("a u8", value, 0, 0xff)),
    read: (reader) => reader.byte(),
  },
  s8: {
    write: (writer, value) => writer.byte(integer("an s8", value, -0x80, 0x7f) & 0xff),
    read: (reader) => (reader.byte() << 24) >> 24,
  },
  u16: {
    write: (writer, value) => writer.unsigned(integer("a u16", value, 0, 0xffff)),
    read: (reader) => reader.unsigned(16),
  },
  s16: {
    write: (writer, value) => writer.signed(integer("an s16", value, -0x8000, 0x7fff)),
    read: (reader) => reader.signed(16),
  },
  u32: {
    write: (writer, value) => writer.unsigned(integer("a u32", value, 0, 0xffff_ffff)),
    read: (reader) => reader.unsigned(32),
  },
  s32: {
    write: (writer, value) => writer.signed(integer("an s32", value, -0x8000_0000, 0x7fff_ffff)),
    read: (reader) => reader.signed(32),
  },
  u64: {
    write: (writer, value) => writer.unsignedBig(big("a u64", value, 0n, 2n * S64 - 1n)),
    read: (reader) => reader.unsignedBig(),
  },
  s64: {
    write: (writer, value) => writer.signedBig(big("an s64", value, -S64, S64 - 1n)),
    read: (reader) => reader.signedBig(),
  },
  f32: {
    write: (writer, value) => writer.float32(typeof value === "number" ? value : expected("an f32", value)),
    read: (reader) => reader.float32(),
  },
  f64: {
    write: (writer, value) => writer.float64(typeof value === "number" ? value : expected("an f64", value)),
    read: (reader) => reader.float64(),
  },
  char: {
    write: (writer, value) => writer.char(isChar(value) ? value : expected("a char (a string of one character)", value)),
    read: (reader) => reader.char(),
  },
  string: {
    write: (writer, value) => writer.string(typeof value === "string" ? value : expected("a string", value)),
    read: (reader) => reader.string(),
  },
};

function integer(what: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) expected(what, value);
  return value;
}

function big(what: string, value: unknown, min: bigint, max: bigint): bigint {
  const exact = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof exact !== "bigint" || exact < min || exact > max) expected(what, value);
  return exact;
}

function isChar(value: unknown): value is string {
  if (typeof value !== "string") return false;
  const point = value.codePointAt(0);
  const isSurrogate = point !== undefined && point >= 0xd800 && point <= 0xdfff;
  return point !== undefined && !isSurrogate && String.fromCodePoint(point) === value;
}
