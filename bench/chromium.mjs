// The suite in Chromium, as it is installed on this machine.
import { chromium } from "playwright-core";

import { inside, which } from "../scripts/lib/paths.mjs";
import { serve } from "../scripts/lib/serve.mjs";
import { medians } from "./measure.mjs";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-precise-memory-info",
];

/** Starts Chromium for measuring, with flags for V8. */
export async function launch(...flags) {
  const executablePath = which("chromium");
  if (!executablePath) throw new Error("Chromium is needed: install it so that `chromium` is on the PATH.");
  return chromium.launch({ executablePath, args: [...args, `--js-flags=${["--expose-gc", ...flags].join(" ")}`] });
}

/** The results of the suite, and the version they were taken with. */
export async function inChromium() {
  const server = await serve({ "/bench/": inside("bench"), "/npm/": inside("npm") }, { isolated: true });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error));
    const called = async (name) => {
      await page.goto(`${server.origin}/bench/page/`);
      await page.waitForFunction(() => "measure" in globalThis);
      return page.evaluate((name) => globalThis[name](), name);
    };
    const results = await called("measure");
    const costs = [];
    while (costs.length < 5) costs.push(await called("cpu"));
    return { version: `Chromium ${browser.version()}`, results: { ...results, cpu: medians(costs) } };
  } finally {
    await browser.close();
    await server.close();
  }
}
