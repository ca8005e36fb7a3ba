// How long a person waits for the first answer after opening the page, with the processor slowed down. The page sets the
// mark `trellis:first-answer` when its first actor has answered. Chromium slows the page's main thread only.
import { launch } from "./chromium.mjs";
import { median } from "./measure.mjs";
import { inside } from "../scripts/lib/paths.mjs";
import { serve } from "../scripts/lib/serve.mjs";

const mark = "trellis:first-answer";
const slowdown = 4;
const visits = 7;

/** Seconds from navigation to the first answer: the median of visits with empty caches. */
export async function firstAnswer() {
  const server = await serve({ "/": inside("demo-site/dist") });
  const browser = await launch();
  try {
    const times = [];
    for (let visit = 0; visit < visits; visit++) times.push(await open(browser, server.origin));
    return median(times) / 1000;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Milliseconds of one visit. */
async function open(browser, origin) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await page.goto(origin);
  const marked = await page.waitForFunction((name) => performance.getEntriesByName(name)[0]?.startTime, mark);
  const time = await marked.jsonValue();
  await context.close();
  return time;
}
