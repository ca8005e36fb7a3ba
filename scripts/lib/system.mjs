// What the tests need from the system: browsers, and a NATS server. On a Debian-like system root gets them installed;
// anybody else is told what to install.
import { skipped, step } from "./display.mjs";
import { which } from "./paths.mjs";
import { must } from "./run.mjs";

/** A Debian package and the programs of which one must be there. */
const needs = [
  { debian: "chromium", programs: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] },
  { debian: "firefox-esr", programs: ["firefox-esr", "firefox"] },
  { debian: "nats-server", programs: ["nats-server"] },
];

const apt = { DEBIAN_FRONTEND: "noninteractive" };

/** Makes sure that all of it is on the PATH. */
export async function prepareSystem() {
  await step("browsers and nats-server", async (say) => {
    const missing = needs.filter(({ programs }) => !programs.some(which)).map(({ debian }) => debian);
    if (missing.length === 0) return skipped;
    if (process.getuid?.() !== 0 || !which("apt-get")) {
      throw new Error(`Please install ${missing.join(", ")}: the tests need them on the PATH.`);
    }
    await must("apt-get", ["update"], { say, env: apt });
    await must("apt-get", ["install", "--yes", "--no-install-recommends", ...missing], { say, env: apt });
  });
}
