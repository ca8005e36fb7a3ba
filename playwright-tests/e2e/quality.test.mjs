// What makes the page pleasant and open to everybody: keyboard, names, contrast, stillness, narrow screens, failures.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { contrasts, controlsWithoutName, shifts } from "./audit.mjs";
import { drop, openSite, pick, ready, send, shows } from "./visit.mjs";

describe("quality", () => {
  let site;
  before(async () => (site = await openSite("chromium")));
  after(() => site.close());

  test("everything can be done by keyboard", async () => {
    const { page } = await site.visit();
    await ready(page);
    const focused = () => page.evaluate(() => document.activeElement?.innerText || document.activeElement?.getAttribute("aria-label") || "");
    const tabTo = async (text) => {
      for (let presses = 0; presses < 30; presses++) {
        await page.keyboard.press("Tab");
        if ((await focused()).startsWith(text)) return;
      }
      assert.fail(`the tab key never reaches ${text}`);
    };
    await tabTo("Skip to the inspector");
    await tabTo("http-counter");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid", "focus can be seen");
    await page.keyboard.press("Enter");
    await shows(page, "#inspector h2", "http-counter");
    await tabTo("Path");
    await page.keyboard.type("visits");
    await tabTo("Send");
    await page.keyboard.press("Enter");
    await shows(page, ".answer header", "bytes in");
    await tabTo("1");
    await tabTo("wasi:http/incoming-handler");
    await page.keyboard.press("Enter");
    await shows(page, "#inspector", "handle: func(request: incoming-request, response-out: response-outparam)");
  });

  test("a call over a link shows as a second bead", async () => {
    const { page } = await site.visit();
    await ready(page);
    await pick(page, "http-counter");
    await page.evaluate(() => {
      globalThis.beads = [];
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".bead")) globalThis.beads.push(node);
      }).observe(document.querySelector("#vines"), { childList: true, subtree: true });
    });
    await send(page);
    assert.ok((await page.evaluate(() => globalThis.beads.length)) >= 2);
    await page.waitForFunction(() => globalThis.beads.every((bead) => !bead.isConnected));
  });

  test("those who want less motion see a line light up instead", async () => {
    const { page } = await site.visit({ reducedMotion: "reduce" });
    await ready(page);
    const seen = page.waitForSelector(".glow", { state: "attached" });
    await pick(page, "http-counter");
    await send(page);
    await seen;
    assert.equal(await page.evaluate(() => document.querySelectorAll(".bead").length), 0);
  });

  test("nothing on the page jumps", async () => {
    const { page } = await site.visit();
    await ready(page);
    await pick(page, "http-counter");
    await send(page);
    await drop(page, "wasi-tour.wasm", { url: "components/wasi-tour.wasm" });
    await shows(page, "#events", "wasi-tour runs.");
    assert.deepEqual(await shifts(page), []);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`every text can be read, every control has a name (${colorScheme})`, async () => {
      const { page } = await site.visit({ colorScheme });
      await ready(page);
      await drop(page, "notes.txt", { text: "not a component" });
      await shows(page, "#events .failed", "notes.txt");
      const poor = async () => (await contrasts(page)).filter(({ ratio }) => ratio < 4.5);
      assert.deepEqual(await poor(), []);
      await pick(page, "http-hello");
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
      assert.deepEqual(await poor(), []);
      assert.deepEqual(await controlsWithoutName(page), []);
    });
  }

  test("the theme that was chosen stays", async () => {
    const { page } = await site.visit({ colorScheme: "light" });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await ground(), "rgb(251, 250, 245)");
    await page.click("#theme");
    assert.equal(await ground(), "rgb(14, 20, 17)");
    await page.reload();
    await ready(page);
    assert.equal(await ground(), "rgb(14, 20, 17)");
  });

  for (const [name, viewport] of [["a phone", { width: 390, height: 844 }], ["400 % zoom", { width: 320, height: 200 }]]) {
    test(`${name} needs no scrolling sideways, and nothing jumps there`, async () => {
      const { page } = await site.visit({ viewport });
      await ready(page);
      const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(needed <= there, `${needed} px wide`);
      await pick(page, "http-counter");
      assert.match(await send(page), /^\d+\n$/);
      assert.deepEqual(await shifts(page), []);
    });
  }

  test("a core that cannot be loaded is told of", async () => {
    const { page } = await site.visit({}, (empty) => empty.route("**/trellis_host_bg.wasm", (route) => route.abort()));
    await shows(page, "#inspector h2", "Trellis could not start");
    await shows(page, "#inspector .note", "Reload the page to try again.");
    await shows(page, "#events .failed", "page_failed");
  });

  test("a file can be chosen instead of dropped", async () => {
    const { page } = await site.visit();
    await ready(page);
    const chooser = page.waitForEvent("filechooser");
    await page.click("#choose");
    await (await chooser).setFiles({ name: "empty.wasm", mimeType: "application/wasm", buffer: Buffer.alloc(0) });
    await shows(page, "#inspector .note", "empty.wasm is empty.");
  });
});
