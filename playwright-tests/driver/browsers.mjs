// Starts the browsers that are installed on this machine and opens pages in them. Chromium is driven by Playwright;
// Firefox by Puppeteer over WebDriver BiDi, because Playwright works only with a Firefox of its own. Pages that test
// themselves have Puppeteer in both: it can be kept from following what they load, which is half of a browser's work
// where workers come and go.
import { existsSync } from "node:fs";
import path from "node:path";

const programs = {
  chromium: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
  firefox: ["firefox-esr", "firefox"],
};

/** Chromium cannot make its sandbox as root; the other flags keep it from talking to anyone but our server. */
const chromiumArguments = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

/** The program of a browser, or undefined when it is not installed. */
export function findBrowser(name) {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return programs[name].flatMap((program) => folders.map((folder) => path.join(folder, program))).find(existsSync);
}

/**
 * Starts a browser: `newPage()` and `close()`. Pages are those of Playwright or Puppeteer; what both have in common is
 * `goto`, `evaluate`, `click`, `type`, `content`, `screenshot`, `keyboard`, `on("console" | "pageerror")`, `close`.
 */
export async function launch(name) {
  return name === "chromium" ? launchChromium(find(name)) : launchFirefox(find(name));
}

function find(name) {
  const executablePath = findBrowser(name);
  if (!executablePath) throw new Error(`${name} is not installed`);
  return executablePath;
}

async function launchChromium(executablePath) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  return {
    name: "chromium",
    newPage: async (context = {}) => {
      const own = await browser.newContext(context);
      return own.newPage();
    },
    close: () => browser.close(),
  };
}

const launchFirefox = (executablePath) => launchPuppeteer("firefox", executablePath);

/** Starts a browser for pages that test themselves: `newPage()` and `close()`, as above. */
export async function launchForTests(name) {
  return launchPuppeteer(name, find(name), { networkEnabled: false });
}

async function launchPuppeteer(name, executablePath, options = {}) {
  const { default: puppeteer } = await import("puppeteer-core");
  const browser = await puppeteer.launch({
    ...(name === "firefox" ? { browser: name, protocol: "webDriverBiDi" } : { browser: "chrome", args: chromiumArguments }),
    executablePath,
    headless: true,
    // A page with many tests takes longer than the default; the driver has a time of its own.
    protocolTimeout: 0,
    ...options,
  });
  return { name, newPage: () => browser.newPage(), close: () => browser.close() };
}
