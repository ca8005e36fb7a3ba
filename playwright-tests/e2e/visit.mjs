// Opens the page as `npm start` serves it, and does on it what the tests have in common, in either browser.
import { inside } from "../../scripts/lib/paths.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { launch } from "../driver/browsers.mjs";

/** Milliseconds until something that should show on the page counts as missing. */
const patience = 30_000;

/** A browser and the page's server: `visit()` opens the page anew, `close()` ends both. */
export async function openSite(name) {
  const server = await serve({ "/": inside("demo-site/dist") }, { isolated: true });
  const browser = await launch(name);
  return {
    visit: (context, prepare) => visit(browser, server.origin, context, prepare),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** The page, and what went wrong on it so far. `prepare(page)` is called before it is opened. */
async function visit(browser, origin, context, prepare) {
  const page = await browser.newPage(context);
  const accidents = [];
  page.on("pageerror", (error) => accidents.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warn", "warning"].includes(message.type())) accidents.push(message.text());
  });
  await prepare?.(page);
  await page.goto(`${origin}/`);
  return { page, accidents };
}

/** Waits for a text in the part of the page that a selector names; fails with what the page shows instead. */
export async function shows(page, selector, text) {
  const seen = await page.evaluate(([where, what, limit]) => new Promise((resolve) => {
    const look = () => document.querySelector(where)?.innerText.includes(what) && finish(true);
    const observer = new MutationObserver(look);
    const timer = setTimeout(() => finish(false), limit);
    const finish = (found) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(found || document.body.innerText);
    };
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  }), [selector, text, patience]);
  if (seen !== true) throw new Error(`${selector} never showed "${text}". The page:\n${seen}`);
}

/** Waits until all that the page starts by itself is there. */
export async function ready(page) {
  await shows(page, "#events", "linkdef_set");
  await shows(page, ".answer", "Hello from Trellis!");
}

/** Opens a node of the graph in the inspector. */
export async function pick(page, name) {
  await page.evaluate((wanted) => {
    const nodes = [...document.querySelectorAll("#nodes strong")];
    nodes.find((each) => each.textContent === wanted).closest("button").click();
  }, name);
  await shows(page, "#inspector h2", name);
}

/** Sends what the HTTP panel holds; gives the text of the answer. */
export async function send(page) {
  await page.evaluate(() => document.querySelector(".answer").replaceChildren());
  await page.click("button.primary");
  await shows(page, ".answer header", "bytes in");
  return page.evaluate(() => document.querySelector(".answer pre").lastElementChild.textContent);
}

/** Drops a file on the page: its text, or the bytes that the server has at `url`. */
export async function drop(page, name, { text, url }) {
  await page.evaluate(async ([fileName, content, from]) => {
    const data = from === null ? content : await (await fetch(from)).arrayBuffer();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([data], fileName));
    dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, [name, text ?? "", url ?? null]);
}

/** The names of the nodes in the graph. */
export function nodes(page) {
  return page.evaluate(() => [...document.querySelectorAll("#nodes strong")].map((each) => each.textContent));
}
