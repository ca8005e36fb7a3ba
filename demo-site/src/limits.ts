// The limits of a component: what is in force, and a form to start it anew with others.

import type { ComponentOptions, Inventory } from "trellis-host";

import { h } from "./dom.ts";

const MIB = 1024 * 1024;

/** The limits that the form can change. */
export type Chosen = Pick<ComponentOptions, "maxMemory" | "deadline" | "reuse">;

type InForce = Inventory["components"][number]["limits"];

/** The limits of one component. The panel outlives redraws of the inspector, so what was typed stays. */
export class LimitsPanel {
  /** The panel's element. */
  readonly element: HTMLElement;
  readonly #summary = h("span.served");
  readonly #memory = field(1, 4096);
  readonly #deadline = field(1, 3_600_000);
  readonly #reuse = h("input", { type: "checkbox" }) as HTMLInputElement;
  #shown = "";

  /** `apply` starts the component with what was chosen. */
  constructor(apply: (chosen: Chosen) => void) {
    const submit = (event: Event): void => {
      event.preventDefault();
      apply(this.#chosen());
    };
    const form = h("form.limits", { onsubmit: submit },
      h("label", {}, "Memory, MiB", this.#memory),
      h("label", {}, "Deadline, ms", this.#deadline),
      h("label.check", {}, this.#reuse, "Keep instances and their state from call to call"),
      h("p.muted", {}, "An empty field is no limit."),
      h("button", { type: "submit" }, "Restart with these limits"));
    this.element = h("details.extern", { "data-name": "limits" }, h("summary", {}, "Limits", this.#summary), form);
  }

  /** Shows what is in force: nothing where the component does not run. What was typed stays then. */
  show(limits: InForce | undefined): void {
    const text = limits ? described(limits) : "";
    if (text === this.#shown) return;
    this.#shown = text;
    this.#summary.textContent = text;
    if (!limits) return;
    this.#memory.value = limits.maxMemory === null ? "" : String(limits.maxMemory / MIB);
    this.#deadline.value = String(limits.deadline ?? "");
  }

  #chosen(): Chosen {
    const memory = chosen(this.#memory);
    return { maxMemory: memory && memory * MIB, deadline: chosen(this.#deadline), reuse: this.#reuse.checked };
  }
}

/** `256 MiB, 30 s, 32 calls at once`. */
export function described({ maxMemory, deadline, maxInstances }: InForce): string {
  const memory = maxMemory === null ? "memory without limit" : `${maxMemory / MIB} MiB`;
  const time = deadline === null ? "no deadline" : deadline % 1000 === 0 ? `${deadline / 1000} s` : `${deadline} ms`;
  const calls = maxInstances === null ? "any number of calls at once" : `${maxInstances} calls at once`;
  return `${memory}, ${time}, ${calls}`;
}

function field(min: number, max: number): HTMLInputElement {
  return h("input", { type: "number", min, max, placeholder: "none" }) as HTMLInputElement;
}

function chosen({ value }: HTMLInputElement): number | null {
  return value === "" ? null : Number(value);
}
