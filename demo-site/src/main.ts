// Boots the page: a lattice in this tab with two components, the first of which answers at once.
//
// All downloads begin together. Only what the first answer needs is done before it; the second component, its link and
// the look into both come after.

import { createHost } from "trellis-host";

import { byId, h } from "./dom.ts";
import { wireDrop } from "./drop.ts";
import { inspect } from "./inspector.ts";
import { Playground } from "./playground.ts";
import { reason } from "./sentences.ts";
import { showStatus } from "./status.ts";
import { log } from "./stream.ts";
import { wireTheme } from "./theme.ts";

const HELLO = "http-hello";
const COUNTER = "http-counter";

const playground = new Playground();
const core = fetch("trellis_host_bg.wasm");
const hello = component(HELLO);
const counter = component(COUNTER);

wireTheme();
wireDrop((file) => void playground.add(file));
showStatus();
playground.expect(HELLO);
playground.expect(COUNTER);
const panel = playground.panel(HELLO);
playground.show(HELLO);
boot().catch(tell);

async function boot(): Promise<void> {
  const host = await createHost({
    name: "this-tab",
    core: await core,
    worker: new URL("worker.js", document.baseURI),
    http: { allow: [location.origin] },
    onCall: (call) => playground.called(call),
    onLog: ({ component: id, level, message }) => log(new Date(), `log ${level}`, `${id}: ${message}`),
  });
  playground.open(host);
  showStatus(host);
  if (await playground.start(HELLO, await hello)) await panel.send();
  await painted();
  performance.mark("trellis:first-answer");
  await playground.start(COUNTER, await counter);
  await host.link({ source: COUNTER, target: "keyvalue", interface: ["wasi:keyvalue/store", "wasi:keyvalue/atomics"] });
  await playground.look(HELLO);
  await playground.look(COUNTER);
}

async function component(id: string): Promise<Uint8Array> {
  const response = await fetch(`components/${id}.wasm`);
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${response.url}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Resolves when what was changed is on the screen: after the next frame. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

function tell(error: unknown): void {
  const why = reason(error);
  log(new Date(), "page_failed", why, true);
  inspect({ title: "Trellis could not start", note: `${why} Reload the page to try again.`, failed: true });
  byId("inspector").append(h("p", {}, "This page needs a browser with WebAssembly and module workers."));
}
