// What the modules of one instance count with, and how the instance is set back to the state it was first in.

/** Meters, in the order of the plan's `Meter`. */
const FUEL = 0, PAGES = 1, ROOM = 2, TABLE_ELEMENTS = 3, MARKS = 4;

/** The mark for what cannot be set back. */
const CHANGED = 1;

/** Memory is looked through in blocks of so many bytes: one that is all zero is not kept in an image. */
const BLOCK = 1024;

/** An image of memories, for all instances that begin with the same. */
export class Snapshot {
  /** Of the memories of an instance as they are now. */
  constructor(state) {
    this.images = state.memories.map(({ buffer }) => ({ length: buffer.byteLength, runs: runsOf(buffer) }));
  }
}

/** The parts of a buffer that are not all zero: where each begins, and its bytes. */
function runsOf(buffer) {
  const runs = [], bytes = new Uint8Array(buffer);
  for (let start = 0; start < bytes.length;) {
    let end = start;
    while (end < bytes.length && !isZero(buffer, end)) end += BLOCK;
    if (end > start) runs.push({ start, bytes: bytes.slice(start, end) });
    start = end + BLOCK;
  }
  return runs;
}

function isZero(buffer, start) {
  const words = new BigInt64Array(buffer, start, BLOCK / 8);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0n) return false;
  return true;
}

/** The meters of one instance, and what of it is set back. */
export class State {
  /**
   * `room` is the meter of the engine, of which the instance's first `pages` are taken; it may grow by `growth` pages
   * and by `elements` elements of tables. `fuel` is what a call gets.
   */
  constructor(room, pages, growth, elements, fuel) {
    this.room = room;
    this.pages = pages;
    this.limits = { [FUEL]: BigInt(fuel), [PAGES]: growth, [TABLE_ELEMENTS]: elements, [MARKS]: 0 };
    this.meters = { [ROOM]: room };
    this.memories = [];
    this.views = [];
    this.saves = [];
    this.restores = [];
    take(room, pages);
  }

  /** A meter; made when it is first asked for. */
  meter(kind) {
    return (this.meters[kind] ??= new WebAssembly.Global(
      { value: kind === FUEL ? 'i64' : 'i32', mutable: true }, this.limits[kind],
    ));
  }

  /** A memory of the instance. */
  addMemory(memory) {
    this.memories.push(memory);
    this.views.push(new Uint8Array(memory.buffer));
  }

  /** The functions by which a core instance notes its globals, and sets them back. */
  addGlobals(save, restore) {
    this.saves.push(save);
    this.restores.push(restore);
  }

  /** The instance is in its first state now, whatever it did to come to it: what it has grown by is part of that. */
  save() {
    const { limits, meters } = this;
    this.saves.forEach((save) => save());
    if (meters[MARKS]) meters[MARKS].value = 0;
    if (meters[TABLE_ELEMENTS]) limits[TABLE_ELEMENTS] = meters[TABLE_ELEMENTS].value;
    if (!meters[PAGES]) return;
    const left = meters[PAGES].value >>> 0;
    this.pages += limits[PAGES] - left;
    limits[PAGES] = left;
  }

  /** Fills up the fuel. */
  refuel() {
    const fuel = this.meters[FUEL];
    if (fuel) fuel.value = this.limits[FUEL];
  }

  /** Takes so many steps of the fuel. False where that leaves nothing for another step. */
  burn(steps) {
    const fuel = this.meters[FUEL];
    if (fuel === undefined) return true;
    const left = fuel.value - BigInt(steps);
    fuel.value = left > 0n ? left : 1n;
    return left > 0n;
  }

  /** The marks that the instance has left, which are then wiped out. */
  takeMarks() {
    const { [MARKS]: marks } = this.meters;
    const value = marks === undefined ? 0 : marks.value;
    if (value !== 0) marks.value = value & CHANGED;
    return value;
  }

  /** Sets the instance back. False where something has changed for good. */
  restore({ images }) {
    const { memories, views, meters, limits } = this;
    if (this.takeMarks() & CHANGED) return false;
    for (let i = 0; i < images.length; i++) {
      const { length, runs } = images[i];
      let view = views[i];
      if (view.length !== length) view = views[i] = new Uint8Array(memories[i].buffer);
      if (view.length !== length) return false;
      let end = 0;
      for (const { start, bytes } of runs) {
        view.fill(0, end, start);
        view.set(bytes, start);
        end = start + bytes.length;
      }
      view.fill(0, end);
    }
    for (const restore of this.restores) restore();
    this.giveBackGrowth();
    if (meters[TABLE_ELEMENTS]) meters[TABLE_ELEMENTS].value = limits[TABLE_ELEMENTS];
    return true;
  }

  /** The instance is gone: its pages are there for others. A guest that goes on all the same gets nothing more. */
  close() {
    const { meters } = this;
    this.giveBackGrowth();
    take(this.room, -this.pages);
    if (meters[FUEL]) meters[FUEL].value = 1n;
    for (const kind of [PAGES, TABLE_ELEMENTS]) if (meters[kind]) meters[kind].value = 0;
  }

  giveBackGrowth() {
    const left = this.meters[PAGES];
    if (left === undefined) return;
    take(this.room, (left.value >>> 0) - this.limits[PAGES]);
    left.value = this.limits[PAGES];
  }
}

function take(room, pages) {
  room.value = (room.value >>> 0) - pages;
}
