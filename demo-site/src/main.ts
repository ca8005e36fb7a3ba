// Boots the page: a lattice in this tab with two components, the first of which answers at once.
//
// All downloads begin together. Only what the first answer needs is done before it; the second component and its link
// come after.

import { createHost } from "trellis-host";

import { wireDrop } from "./drop.ts";
import { Playground } from "./playground.ts";
import { sample } from "./samples.ts";
import { reason } from "./sentences.ts";
import { showStatus } from "./status.ts";
import { log, wireStream } from "./stream.ts";
import { wireTheme } from "./theme.ts";

const HELLO = "http-hello";
const COUNTER = "http-counter";

const core = fetch("trellis_host_bg.wasm");
const hello = sample(HELLO);
const counter = sample(COUNTER);
const playground = new Playground();

wireTheme();
wireStream();
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
}

/** Resolves when what was changed is on the screen: after the next frame. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

function tell(error: unknown): void {
  const why = reason(error);
  log(new Date(), "page_failed", why, true);
  playground.present({ title: "Trellis could not start", note: `${why} Reload the page to try again.`, failed: true });
}
