// Light and dark: the system's choice until the visitor makes one, which the browser then remembers.

import { byId, s } from "./dom.ts";

const KEY = "trellis-theme";

/** Wires the button that changes between light and dark. */
export function wireTheme(): void {
  const root = document.documentElement;
  const stored = localStorage.getItem(KEY);
  if (stored) root.dataset["theme"] = stored;
  const button = byId("theme");
  button.append(
    s("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" },
      s("circle", { cx: 10, cy: 10, r: 6, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }),
      s("path", { d: "M10 4a6 6 0 0 1 0 12z", fill: "currentColor" })),
  );
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    localStorage.setItem(KEY, root.dataset["theme"]);
  });
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}
