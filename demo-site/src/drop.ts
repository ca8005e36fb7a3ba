// Takes a component by drag and drop, or from the file chooser.

import { byId } from "./dom.ts";

/** Calls `add` for each file the visitor gives. */
export function wireDrop(add: (file: File) => void): void {
  const curtain = byId("drop");
  const input = byId<HTMLInputElement>("file");
  byId("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    for (const file of input.files ?? []) add(file);
    input.value = "";
  });
  let depth = 0;
  const lift = (by: number): void => {
    depth = Math.max(depth + by, 0);
    curtain.hidden = depth === 0;
  };
  addEventListener("dragenter", () => lift(1));
  addEventListener("dragleave", () => lift(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    lift(0);
    for (const file of event.dataTransfer?.files ?? []) add(file);
  });
}

/** A component's id from its file's name: `My Counter.wasm` is `my-counter`, and `my-counter-2` when that is taken. */
export function idOf(fileName: string, taken: (id: string) => boolean): string {
  const base = fileName.replace(/\.wasm$/i, "").toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "") || "component";
  let id = base;
  for (let next = 2; taken(id); next++) id = `${base}-${next}`;
  return id;
}
