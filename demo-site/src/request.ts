// The HTTP panel: sends a request to a component and shows its answer as it comes.

import { h } from "./dom.ts";
import { reason } from "./sentences.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const SHOWN = 64 * 1024;

/** Sends a request to the component that the panel belongs to. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** The panel of one component. It outlives redraws of the inspector, so what was typed and answered stays. */
export class RequestPanel {
  /** The panel's element. */
  readonly element: HTMLElement;
  readonly #method = h("select", { "aria-label": "Method" }, ...METHODS.map((name) => h("option", {}, name))) as HTMLSelectElement;
  readonly #path = h("input", { "aria-label": "Path", value: "/", spellcheck: "false", autocomplete: "off" }) as HTMLInputElement;
  readonly #body = h("textarea", { "aria-label": "Body", placeholder: "Body", hidden: true }) as HTMLTextAreaElement;
  readonly #answer = h("div.answer", { role: "status", "aria-label": "Answer" }, h("p.muted", {}, "The answer appears here."));
  readonly #send: Send;
  #busy = false;

  constructor(send: Send) {
    this.#send = send;
    this.#method.addEventListener("change", () => (this.#body.hidden = !this.#hasBody()));
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send();
    };
    const form = h("form.request", { onsubmit: submit },
      this.#method, this.#path, h("button.primary", { type: "submit" }, "Send"), this.#body);
    this.element = h("section", {}, h("h3", {}, "HTTP request"), form, this.#answer);
  }

  /** Sends what the form holds; resolves when the answer is there. One request at a time. */
  async send(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#answer.setAttribute("aria-busy", "true");
    const start = performance.now();
    try {
      await this.#show(await this.#send(...this.#request()), start);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
      this.#answer.removeAttribute("aria-busy");
    }
  }

  #hasBody(): boolean {
    return !["GET", "HEAD"].includes(this.#method.value);
  }

  #request(): Parameters<Send> {
    const path = this.#path.value.startsWith("/") ? this.#path.value : `/${this.#path.value}`;
    const body = this.#hasBody() ? { body: this.#body.value } : {};
    return [path, { method: this.#method.value, ...body }];
  }

  async #show(response: Response, start: number): Promise<void> {
    const took = h("span.muted");
    const text = h("span");
    const status = h(response.ok ? "span.ok" : "span.bad", {}, `${response.ok ? "✓" : "✕"} ${response.status} ${response.statusText}`.trim());
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join("");
    this.#fill(h("header", {}, status, took), h("span.headers", {}, headers, "\n"), text);
    let shown = 0;
    const decoder = new TextDecoder();
    for await (const chunk of chunks(response.body)) {
      if (shown < SHOWN) text.append(decoder.decode(chunk.subarray(0, SHOWN - shown), { stream: true }));
      shown += chunk.length;
    }
    if (shown > SHOWN) text.append(`\n… and ${shown - SHOWN} bytes more`);
    took.textContent = `${shown} bytes in ${(performance.now() - start).toFixed(1)} ms`;
  }

  #fail(error: unknown): void {
    const name = error instanceof Error ? error.name : "Error";
    this.#fill(h("header", {}, h("span.bad", {}, `✕ ${name}`)), reason(error));
  }

  #fill(header: HTMLElement, ...content: (Node | string)[]): void {
    this.#answer.replaceChildren(header, h("pre", { tabindex: 0, role: "region", "aria-label": "Body of the answer" }, ...content));
  }
}

async function* chunks(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) yield read.value;
}
