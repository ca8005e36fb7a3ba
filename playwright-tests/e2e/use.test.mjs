// The page, used as a person would, in both browsers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { drop, nodes, openSite, pick, ready, send, shows } from "./visit.mjs";

for (const browser of ["chromium", "firefox"]) {
  describe(browser, () => {
    let site;
    let page;
    let accidents;
    before(async () => {
      site = await openSite(browser);
      ({ page, accidents } = await site.visit());
    });
    after(() => site.close());

    test("the first answer comes by itself", async () => {
      await shows(page, ".answer", "Hello from Trellis!");
      await ready(page);
      assert.equal(await page.evaluate(() => performance.getEntriesByName("trellis:first-answer").length), 1);
      assert.deepEqual(await nodes(page), ["this-tab", "http-hello", "http-counter", "keyvalue", "http-client"]);
    });

    test("the status bar tells of lattice, host, connection, suspension and version", async () => {
      const status = await page.evaluate(() => document.querySelector("#status").innerText.replace(/\s+/g, " "));
      assert.match(status, /Lattice default Host N[A-Z2-7]{7}… Connection in this tab Suspension (JSPI|Atomics\.wait) Trellis \d+\.\d+\.\d+/);
    });

    test("the counter counts in the key-value store", async () => {
      await pick(page, "http-counter");
      assert.equal(await send(page), "1\n");
      assert.equal(await send(page), "2\n");
      await shows(page, "#inspector", "wasi:keyvalue/store@0.2.0-draft\nserved by keyvalue");
    });

    test("a dropped component is shown, started and linked", async () => {
      await drop(page, "kitchen-host.wasm", { url: "components/kitchen-host.wasm" });
      await shows(page, "#events", "kitchen-host runs.");
      await drop(page, "Kitchen Sink.wasm", { url: "components/kitchen-sink.wasm" });
      await shows(page, "#events", "kitchen-sink runs.");
      await shows(page, "#inspector", "It imports trellis:kitchen/host, and nothing serves it yet.");
      await shows(page, "#inspector", "trellis:kitchen/sink@0.1.0");
      await page.evaluate(() => document.querySelector("#inspector div > .extern + button").click());
      await shows(page, "#events", "Linked kitchen-sink to kitchen-host for trellis:kitchen.");
      await shows(page, "#inspector", "trellis:kitchen/host@0.1.0\nserved by kitchen-host");
      const text = await page.evaluate(() => document.querySelector("#inspector").textContent);
      assert.ok(text.includes("echo-bytes: func(v: list<u8>) -> list<u8>"), text);
    });

    test("a stopped component can be started again", async () => {
      await pick(page, "http-hello");
      await page.click(".title button");
      await shows(page, "#inspector .note", "http-hello was stopped.");
      assert.ok(!(await nodes(page)).includes("http-hello"));
      await page.click(".title button");
      await shows(page, "#inspector .note", "runs");
      assert.equal(await send(page), "Hello from Trellis!\n");
    });

    test("what a component does is counted, and its limits can be changed", async () => {
      await pick(page, "http-counter");
      await shows(page, ".metrics", "made\n2");
      await shows(page, ".metrics", "Nothing has failed, and no limit has struck.");
      const restart = async (memory, deadline) => {
        await page.evaluate((values) => {
          document.querySelectorAll(".limits input[type=number]").forEach((field, index) => (field.value = values[index]));
          document.querySelector(".limits button").click();
        }, [memory, deadline]);
      };
      await page.evaluate(() => document.querySelector("[data-name=limits] summary").click());
      await shows(page, "[data-name=limits]", "256 MiB, 30 s, 32 calls at once");
      await restart("1", "");
      await shows(page, "#inspector .note", "maxMemory allows 16");
      await restart("2", "");
      await shows(page, "[data-name=limits]", "2 MiB, no deadline, 32 calls at once");
      await send(page);
      await shows(page, ".metrics", "made\n1");
      await pick(page, "this-tab");
      await shows(page, ".metrics", "live");
      await shows(page, ".facts", browser === "firefox" ? "800 instances" : "96 instances");
    });

    test("a text file is refused in a sentence", async () => {
      const before = await nodes(page);
      await drop(page, "notes.txt", { text: "not a component" });
      await shows(page, "#inspector .note", "notes.txt is no WebAssembly file");
      await shows(page, "#events .failed:last-child", "notes.txt is no WebAssembly file");
      assert.deepEqual(await nodes(page), before);
    });

    test("a core module is refused with what to do about it", async () => {
      await drop(page, "core.wasm", { text: "\0asm\x01\0\0\0" });
      await shows(page, "#inspector .note", "core does not run. This is a core WebAssembly module, not a component");
      await shows(page, "#events .failed:last-child", "InvalidComponentError: this is a core WebAssembly module");
      assert.ok(!(await nodes(page)).includes("core"));
    });

    test("nothing went wrong meanwhile", () => assert.deepEqual(accidents, []));
  });
}
