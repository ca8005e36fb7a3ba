/** Values for every function of kitchen-sink that gives back what it was given: the ends of every type. */

const point = { x: -0x8000_0000, y: 0x7fff_ffff };
const person = { id: 2n ** 64n - 1n, name: "Ada 😀", home: point, tags: ["", "b", "ß"], age: 255 };
const nobody = { id: 0n, name: "", home: { x: 0, y: 0 }, tags: [], age: undefined };

/** An ordinary person, to change a field of. */
export const somebody = { id: 1n, name: "Ada", home: { x: 1, y: 2 }, tags: ["a", "b"], age: 36 };

/** All of so many flags, none of them, and every other one. */
function flags(count: number): Record<string, boolean>[] {
  const some = (which: (index: number) => boolean): Record<string, boolean> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, which(index)]));
  return [some(() => true), some(() => false), some((index) => index % 2 === 0), some((index) => index === count - 1)];
}

/** By function: what is sent and has to come back. */
export const echoes: Record<string, unknown[]> = {
  "echo-bool": [true, false],
  "echo-u8": [0, 0x7f, 0x80, 0xff],
  "echo-s8": [-0x80, -1, 0, 0x7f],
  "echo-u16": [0, 0x7f, 0x80, 0xffff],
  "echo-s16": [-0x8000, -0x41, -0x40, 0x3f, 0x40, 0x7fff],
  "echo-u32": [0, 0x8000_0000, 0xffff_ffff],
  "echo-s32": [-0x8000_0000, -1, 0, 0x7fff_ffff],
  "echo-u64": [0n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n],
  "echo-s64": [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n],
  "echo-f32": [0, -0, 1.5, 2 ** -149, 3.4028234663852886e38, Infinity, -Infinity, NaN],
  "echo-f64": [0, -0, Number.MIN_VALUE, Number.MAX_VALUE, Infinity, -Infinity, NaN],
  "echo-char": ["\0", "a", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "\u{10ffff}"],
  "echo-string": ["", "\0", "aé€😀", "\u{10ffff}".repeat(30_000), "x".repeat(1_000_000)],

  "echo-bytes": [new Uint8Array(), Uint8Array.of(0, 255), Uint8Array.from({ length: 1_000_003 }, (_, index) => index)],
  "echo-strings": [[], ["", "a", "😀"], Array.from({ length: 5000 }, (_, index) => String(index))],
  "echo-numbers": [[], [-(2n ** 63n), 2n ** 63n - 1n]],
  "echo-bools": [[], [true, false, true]],
  "echo-chars": [[], ["\0", "\u{10ffff}"]],
  "echo-floats": [[], [NaN, -0, Infinity]],
  "echo-nested-lists": [[], [[]], [[[], [0, 0xffff]], [], [[1]]]],
  "echo-people": [[], [person, nobody]],
  "echo-options": [[], [undefined, -0x8000, undefined, 0x7fff]],

  "echo-point": [point],
  "echo-person": [person, nobody],
  "echo-tuple": [[true, -(2n ** 63n), -0, "\u{10ffff}", [0, 0xffff]], [false, 2n ** 63n - 1n, NaN, "\0", []]],
  "echo-color": ["red", "green", "blue"],
  "echo-shape": [
    { tag: "nothing" }, { tag: "circle", val: NaN }, { tag: "rectangle", val: [0, 0xffff_ffff] }, { tag: "named", val: "" },
    { tag: "path", val: [point, point] },
  ],
  "echo-option": [undefined, 0, 0xffff_ffff],
  "echo-nested-option": [{ tag: "none" }, { tag: "some", val: undefined }, { tag: "some", val: "" }, { tag: "some", val: "x" }],

  "echo-flags1": flags(1),
  "echo-flags8": flags(8),
  "echo-flags9": flags(9),
  "echo-flags16": flags(16),
  "echo-flags17": flags(17),
  "echo-flags32": flags(32),
};

/** By function: results, which come back as a value or are thrown. */
export const results: Record<string, { tag: "ok" | "err"; val?: unknown }[]> = {
  "echo-result": [{ tag: "ok", val: 0xffff_ffff }, { tag: "err", val: "why" }, { tag: "err", val: "" }],
  "echo-result-ok": [{ tag: "ok", val: 0 }, { tag: "err" }],
  "echo-result-error": [{ tag: "ok" }, { tag: "err", val: "why" }],
  "echo-result-empty": [{ tag: "ok" }, { tag: "err" }],
  "echo-result-nested": [
    { tag: "ok", val: undefined }, { tag: "ok", val: Uint8Array.of(1, 2) }, { tag: "err", val: { tag: "path", val: [point] } },
    { tag: "err", val: { tag: "nothing" } },
  ],
};

/** Arguments that no type takes, and what the error has to say of them. */
export const wrong: [func: string, args: unknown[], message: RegExp][] = [
  ["echo-bool", [1], /^args\[0\]: expected a bool, got 1/],
  ["echo-u8", [256], /^args\[0\]: expected a u8, got 256/],
  ["echo-u8", [-1], /^args\[0\]: expected a u8/],
  ["echo-u8", [1.5], /^args\[0\]: expected a u8/],
  ["echo-s8", [128], /^args\[0\]: expected an s8/],
  ["echo-u16", [0x1_0000], /^args\[0\]: expected a u16/],
  ["echo-s16", [-0x8001], /^args\[0\]: expected an s16/],
  ["echo-u32", [2 ** 32], /^args\[0\]: expected a u32/],
  ["echo-s32", [NaN], /^args\[0\]: expected an s32/],
  ["echo-u64", [2n ** 64n], /^args\[0\]: expected a u64/],
  ["echo-u64", [-1n], /^args\[0\]: expected a u64/],
  ["echo-s64", [2 ** 53], /^args\[0\]: expected an s64/],
  ["echo-f64", ["1"], /^args\[0\]: expected an f64/],
  ["echo-char", ["ab"], /^args\[0\]: expected a char/],
  ["echo-char", [""], /^args\[0\]: expected a char/],
  ["echo-char", ["\ud800"], /^args\[0\]: expected a char/],
  ["echo-string", [undefined], /^args\[0\]: expected a string, got undefined/],
  ["echo-bytes", [[1, 256]], /^args\[0\]\[1\]: expected a u8/],
  ["echo-strings", [["a", null]], /^args\[0\]\[1\]: expected a string, got null/],
  ["echo-numbers", [7], /^args\[0\]: expected an array/],
  ["echo-nested-lists", [[[], [[1], ["x"]]]], /^args\[0\]\[1\]\[1\]\[0\]: expected a u16, got "x"/],
  ["echo-person", [{ ...somebody, home: { x: 1, y: "z" } }], /^args\[0\]\.home\.y: expected an s32, got "z"/],
  ["echo-person", [{ ...somebody, tags: ["a", 1] }], /^args\[0\]\.tags\[1\]: expected a string/],
  ["echo-person", [null], /^args\[0\]: expected an object/],
  ["echo-tuple", [[true, 1n, 1, "a"]], /^args\[0\]: expected an array of 5 items/],
  ["echo-tuple", [[true, 1n, 1, "a", [-1]]], /^args\[0\]\[4\]\[0\]: expected a u16/],
  ["echo-color", ["pink"], /^args\[0\]: expected one of "red", "green", "blue", got "pink"/],
  ["echo-shape", [{ tag: "square" }], /^args\[0\]: expected \{ tag: "nothing" \| .*, got "square"/],
  ["echo-shape", [{ tag: "circle", val: "x" }], /^args\[0\]\.val: expected an f64/],
  ["echo-shape", ["nothing"], /^args\[0\]: expected \{ tag: /],
  ["echo-nested-option", ["x"], /^args\[0\]: expected \{ tag: "none" \| "some" \}/],
  ["echo-result", [{ tag: "err", val: 1 }], /^args\[0\]\.val: expected a string/],
  ["echo-flags8", [{ f8: true }], /^args\[0\]: expected flags among f0, .*, got "f8"/],
  ["echo-flags8", [{ f1: 1 }], /^args\[0\]\.f1: expected a bool/],
  ["consume-tally", [{}], /^args\[0\]: expected a handle of/],
  ["spilled", [1, "b", [2], -3, somebody, 0.5], /^args\[6\]: expected a char/],
  ["nothing", [1], /takes 0 arguments, got 1/],
];
