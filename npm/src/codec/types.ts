/**
 * The codec of a type: made once from a component's own table of types.
 */

import { InvalidArgumentError } from "../errors.js";
import type { TypeInfo } from "../inspection.js";
import { enumeration, nestedOption, option, result, variant } from "./choice.js";
import type { Codec } from "./codec.js";
import { byteList, fixedList, flags, list, record, tuple } from "./compound.js";
import { handle } from "./handle.js";
import { primitives } from "./primitives.js";

/** The codecs of a table of types. */
export class Codecs {
  readonly #types: readonly TypeInfo[];
  readonly #made: Codec[] = [];

  /** The codecs of `types`. */
  constructor(types: readonly TypeInfo[]) {
    this.#types = types;
  }

  /** The codec of the type with this index. */
  codec(index: number): Codec {
    return (this.#made[index] ??= this.#make(this.type(index)));
  }

  /** The type with this index. */
  type(index: number): TypeInfo {
    const type = this.#types[index];
    if (type === undefined) throw new InvalidArgumentError(`the table has no type ${index}`);
    return type;
  }

  /** The codec of a type, or nothing where there is none. */
  maybe(index: number | null): Codec | undefined {
    return index === null ? undefined : this.codec(index);
  }

  #make(type: TypeInfo): Codec {
    switch (type.kind) {
      case "list":
        return this.type(type.element).kind === "u8" ? byteList : list(this.codec(type.element));
      case "fixed-list":
        return fixedList(this.codec(type.element), type.length);
      case "record":
        return record(type.fields.map((field) => ({ name: field.name, codec: this.codec(field.type) })));
      case "tuple":
        return tuple(type.items.map((item) => this.codec(item)));
      case "variant":
        return variant(type.cases.map((each) => ({ tag: each.name, codec: this.maybe(each.type) })));
      case "enum":
        return enumeration(type.cases);
      case "flags":
        return flags(type.flags);
      case "option":
        return (this.type(type.some).kind === "option" ? nestedOption : option)(this.codec(type.some));
      case "result":
        return result(this.maybe(type.ok), this.maybe(type.err));
      case "own":
      case "borrow":
        return handle(type.resource);
      default:
        return primitives[type.kind];
    }
  }
}
