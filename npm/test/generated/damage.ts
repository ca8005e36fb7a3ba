/** Damage to binaries that keeps much of their structure, the same in every run. */

/** Numbers that look random and follow from a seed (xorshift32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A number below `sides`. */
  roll(sides: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % sides;
  }
}

/** Bytes that mean something in many places of a binary. */
const telling = [0x00, 0x01, 0x02, 0x40, 0x41, 0x42, 0x7f, 0x80, 0xff];

/** A copy of `bytes` with up to four pieces changed, lost, doubled, or replaced by a piece of `other`. */
export function damage(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  const out = [...bytes];
  for (let count = dice.roll(4); count >= 0; count--) {
    const at = dice.roll(out.length);
    const old = out[at] ?? 0;
    const length = 1 + dice.roll(8);
    const from = dice.roll(other.length);
    switch (dice.roll(6)) {
      case 0:
        out[at] = old ^ (1 << dice.roll(8));
        break;
      case 1:
        out[at] = telling[dice.roll(telling.length)] ?? 0;
        break;
      case 2:
        out[at] = (old + 255 + 2 * dice.roll(2)) % 256;
        break;
      case 3:
        out.splice(at, length);
        break;
      case 4:
        out.splice(at, 0, ...out.slice(at, at + length));
        break;
      default:
        out.splice(at, length, ...other.subarray(from, from + length));
    }
  }
  return new Uint8Array(out);
}
