/** The page around a host. */

/** The part of a page that is used. */
interface Page {
  document?: object;
  addEventListener(type: "pagehide", hear: (event: { persisted: boolean }) => void): void;
  removeEventListener(type: "pagehide", hear: (event: { persisted: boolean }) => void): void;
}

/** Calls `leave` when the page goes for good; one that is only put aside may come back. The function that comes back ends that. */
export function onLeave(leave: () => void): () => void {
  const page = globalThis as unknown as Page;
  if (page.document === undefined) return () => undefined;
  const hear = ({ persisted }: { persisted: boolean }): void => {
    if (!persisted) leave();
  };
  page.addEventListener("pagehide", hear);
  return () => page.removeEventListener("pagehide", hear);
}
