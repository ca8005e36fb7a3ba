// The core's memory and those of its guests.
//
// Slots are words of eight bytes in the core's memory through which the flat arguments and results of calls pass as bit
// patterns: an `i32` zero-extended, an `f32` as its bits.

/** The codes of core types. */
export const I32 = 0, I64 = 1, F32 = 2, F64 = 3;

/** Below this many bytes a loop is faster than a bulk copy. */
const SHORT = 32;

/** The core's memory, and the address of its slots. */
export let memory, slots;

/** The address of the word that says whether the core is at work for a guest. */
export let inside;

let bytes, words, longs, floats, doubles, insideAt;

/** Makes the core's memory and the address and count of its slots known. The word after the slots is `inside`. */
export function attachMemory(coreMemory, slotsAddress, count) {
  memory = coreMemory;
  slots = slotsAddress;
  insideAt = 2 * count;
  inside = slots + 4 * insideAt;
  bytes = undefined;
}

/** Makes the views of the core's memory anew where it has grown: growing empties them. */
export function refresh() {
  if (bytes?.length) return;
  const now = memory.buffer;
  bytes = new Uint8Array(now);
  words = new Int32Array(now, slots);
  longs = new BigInt64Array(now, slots);
  floats = new Float32Array(now, slots);
  doubles = new Float64Array(now, slots);
}

/** The core lets a guest run: whether it was at work for one before. */
export function leave() {
  refresh();
  const before = words[insideAt];
  words[insideAt] = 0;
  return before;
}

/** Whether the core is at work for a guest. */
export function isInside() {
  refresh();
  return words[insideAt] !== 0;
}

/** The guest has returned or thrown: whether the core was at work when it did. */
export function comeBack(before) {
  const within = isInside();
  words[insideAt] = before;
  return within;
}

/** The value of a type in a slot. */
export function fetch(type, slot) {
  refresh();
  return get(type, slot);
}

/** The value of a type in a slot. The views must be fresh. */
export function get(type, slot) {
  switch (type) {
    case I32: return words[slot * 2];
    case I64: return longs[slot];
    case F32: return floats[slot * 2];
    default: return doubles[slot];
  }
}

/** Puts a value of a type into a slot. The views must be fresh. */
export function put(type, slot, value) {
  switch (type) {
    case I32: words[slot * 2] = value; words[slot * 2 + 1] = 0; break;
    case I64: longs[slot] = value; break;
    case F32: floats[slot * 2] = value; words[slot * 2 + 1] = 0; break;
    default: doubles[slot] = value;
  }
}

/** The size of a page. */
const PAGE = 65536;

/**
 * A guest's memory, seen through a view that is made anew when the memory has grown. It may have more pages than the
 * guest knows of: `pages` is the guest's count, a global.
 */
export class GuestMemory {
  constructor(guest, pages) {
    this.memory = guest;
    this.pages = pages;
    this.bytes = new Uint8Array(guest.buffer);
    this.end = this.size();
  }

  /** Bytes of memory now. */
  size() {
    return (this.pages.value >>> 0) * PAGE;
  }

  /** The instance was set back: the memory is as small as at first. */
  reset() {
    this.end = this.size();
  }

  /** Copies `length` bytes at `from` to the core's memory at `to`. False out of bounds. */
  read(from, to, length) {
    if (!this.holds(from + length)) return false;
    refresh();
    const view = this.bytes;
    if (length < SHORT) {
      for (let i = 0; i < length; i++) bytes[to + i] = view[from + i];
    } else {
      bytes.set(view.subarray(from, from + length), to);
    }
    return true;
  }

  /** Copies `length` bytes of the core's memory at `from` to `to`. False out of bounds. */
  write(to, from, length) {
    if (!this.holds(to + length)) return false;
    refresh();
    const view = this.bytes;
    if (length < SHORT) {
      for (let i = 0; i < length; i++) view[to + i] = bytes[from + i];
    } else {
      view.set(bytes.subarray(from, from + length), to);
    }
    return true;
  }

  /** Whether the guest, and then the view, has so many bytes. A view that has them is not stale: see `refresh`. */
  holds(end) {
    if (end <= this.end && this.bytes.length > 0) return true;
    this.end = this.size();
    if (this.bytes.length < this.end) this.bytes = new Uint8Array(this.memory.buffer);
    return end <= this.end;
  }
}
