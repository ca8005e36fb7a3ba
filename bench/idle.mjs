// What many components on one page cost in memory, all started, called once and idle: how much more the page's process
// holds than one whose page has only their compiled code. V8 compiles all of it at once here: as it usually does, function
// by function when they are first called, the code that the calls bring about would count as Trellis'. Linux only:
// elsewhere nothing tells what a process holds.
import { readFile } from "node:fs/promises";

import { inside } from "../scripts/lib/paths.mjs";
import { serve } from "../scripts/lib/serve.mjs";
import { launch } from "./chromium.mjs";

const components = 1000;

/** Engines without calls give back what they hold for the next after ten seconds (npm/src/engine/caretaker.ts). */
const restMs = 12_000;

/** The page is quiet when its memory has not fallen by more than this within a look. */
const quietBytes = 2 ** 20;
const lookMs = 2000;
const looks = 15;

/** Bytes, and the seconds that starting and calling took. */
export async function idleOnPage() {
  const compiled = await held("compileOnly");
  const started = await held("startAndCall");
  return { components, bytes: started.bytes - compiled.bytes, code: compiled.bytes, seconds: started.seconds };
}

/** What a browser of its own holds after one of the page's functions, over what it held before. */
async function held(work) {
  const server = await serve({ "/bench/": inside("bench"), "/npm/": inside("npm") }, { isolated: true });
  const browser = await launch("--no-wasm-lazy-compilation");
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/bench/page/idle.html`);
    await page.waitForFunction((name) => name in globalThis, work);
    const before = await quiet(browser, page);
    const begin = performance.now();
    await page.evaluate(([name, count]) => globalThis[name](count), [work, components]);
    const seconds = (performance.now() - begin) / 1000;
    return { seconds, bytes: (await quiet(browser, page)) - before };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Bytes that the page's processes hold when they have let go of what they do not need. */
async function quiet(browser, page) {
  let last = Infinity;
  await page.waitForTimeout(restMs);
  for (let look = 0; look < looks; look++) {
    await page.evaluate(() => globalThis.gc());
    await page.waitForTimeout(lookMs);
    const now = await memory(browser);
    if (now > last - quietBytes) return now;
    last = now;
  }
  return last;
}

/** Bytes of memory that are the renderers' own. */
async function memory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const sizes = await Promise.all(renderers.map(({ id }) => anonymous(id)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of a process that no file backs; its part of what it shares with others. */
async function anonymous(pid) {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (field) => Number(new RegExp(`^${field}: +(\\d+) kB$`, "m").exec(rollup)[1]);
  return (kilobytes("Pss_Anon") + kilobytes("Pss_Shmem")) * 1024;
}
