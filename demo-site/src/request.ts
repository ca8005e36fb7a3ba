// The HTTP panel: sends a request to a component and shows its answer as it comes.

import { h } from "./dom.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const SHOWN = 64 * 1024;

/** Sends a request to the component that the panel belongs to. */
export type Send = (request: Request) => Promise<Response>;

/** The panel of one component. It outlives redraws of the inspector, so what was typed and answered stays. */
export class RequestPanel {
  /** The panel's element. */
  readonly element: HTMLElement;
  #method = h("select", { "aria-label": "Method" }, ...METHODS.map((name) => h("option", {}, name))) as HTMLSelectElement;
  #path = h("input", { "aria-label": "Path", value: "/", spellcheck: "false", autocomplete: "off" }) as HTMLInputElement;
  #body = h("textarea", { "aria-label": "Body", placeholder: "Body", hidden: true }) as HTMLTextAreaElement;
  #button = h("button.primary", { type: "submit" }, "Send") as HTMLButtonElement;
  #answer = h("div.answer", { role: "status" }, h("pre.muted", {}, "The answer appears here."));
  #send: Send;

  constructor(send: Send) {
    this.#send = send;
    this.#method.addEventListener("change", () => (this.#body.hidden = !this.#hasBody()));
    const form = h("form.request", { onsubmit: (event) => { event.preventDefault(); void this.send(); } },
      this.#method, this.#path, this.#button, this.#body);
    this.element = h("section", {}, h("h2", {}, "Send an HTTP request"), form, this.#answer);
  }

  /** Sends what the form holds. */
  async send(): Promise<void> {
    this.#button.disabled = true;
    const start = performance.now();
    try {
      const response = await this.#send(this.#request());
      await this.#show(response, start);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#button.disabled = false;
    }
  }

  #hasBody(): boolean {
    return !["GET", "HEAD"].includes(this.#method.value);
  }

  #request(): Request {
    const path = this.#path.value.startsWith("/") ? this.#path.value : `/${this.#path.value}`;
    const init = this.#hasBody() ? { method: this.#method.value, body: this.#body.value } : { method: this.#method.value };
    return new Request(`http://trellis.local${path}`, init);
  }

  async #show(response: Response, start: number): Promise<void> {
    const took = h("span.muted");
    const text = h("span");
    const status = h(response.ok ? "span.ok" : "span.bad", {}, `${response.ok ? "✓" : "✕"} ${response.status} ${response.statusText}`.trim());
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    this.#answer.replaceChildren(h("header", {}, status, took), h("pre", {}, h("span.headers", {}, headers && `${headers}\n\n`), text));
    let shown = 0;
    const decoder = new TextDecoder();
    for await (const chunk of chunks(response.body)) {
      if (shown < SHOWN) text.append(decoder.decode(chunk.subarray(0, SHOWN - shown), { stream: true }));
      shown += chunk.length;
    }
    if (shown > SHOWN) text.append(`\n… ${shown - SHOWN} more bytes`);
    took.textContent = `${(performance.now() - start).toFixed(1)} ms · ${shown} B`;
  }

  #fail(error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    this.#answer.replaceChildren(h("header", {}, h("span.bad", {}, `✕ ${name}`)), h("pre", {}, message));
  }
}

async function* chunks(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) yield read.value;
}
