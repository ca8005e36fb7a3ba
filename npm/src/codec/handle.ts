/** Handles of resources: opaque to JavaScript, good for passing back to where they came from. */

import type { Codec } from "./codec.js";
import { expected } from "./located.js";

/**
 * A handle of a resource that lives in a guest or with a provider. A guest's resource lives as long as the instance
 * that made it: start the component with `reuse: true` to use the handle in a later call.
 */
export class ResourceHandle {
  /** The resource type's name in WIT. */
  readonly resource: string;
  /** What its owner calls it. */
  readonly bytes: Uint8Array;

  /** A handle of a resource type. */
  constructor(resource: string, bytes: Uint8Array) {
    this.resource = resource;
    this.bytes = bytes;
  }
}

/** `own<T>` and `borrow<T>` */
export function handle(resource: string): Codec {
  return {
    write(writer, value) {
      if (!(value instanceof ResourceHandle)) expected(`a handle of ${resource}`, value);
      writer.bytes(value.bytes);
    },
    read: (reader) => new ResourceHandle(resource, reader.bytes()),
  };
}
