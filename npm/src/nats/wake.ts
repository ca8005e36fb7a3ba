/** Wakes: the laptop was asleep, the tab was frozen or hidden, the network was away. A connection may have died of it. */

/** The parts of a page or worker that are used, where there are any. */
interface Surroundings {
  addEventListener?: (type: string, hear: () => void) => void;
  removeEventListener?: (type: string, hear: () => void) => void;
  document?: { visibilityState: string } & Pick<EventTarget, "addEventListener" | "removeEventListener">;
}

/** Calls `wake` after each. The returned function ends that. */
export function onWake(wake: () => void): () => void {
  const { addEventListener: add, removeEventListener: remove, document } = globalThis as Surroundings;
  const shown = (): void => {
    if (document?.visibilityState === "visible") wake();
  };
  const types = ["pageshow", "online"];
  for (const type of types) add?.call(globalThis, type, wake);
  document?.addEventListener("visibilitychange", shown);
  return () => {
    for (const type of types) remove?.call(globalThis, type, wake);
    document?.removeEventListener("visibilitychange", shown);
  };
}
