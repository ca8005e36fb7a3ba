/** Callbacks that others have written. */

/** A callback that throws (one that a user of the host wrote, say) must not tear through who calls it. */
export function shielded<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
