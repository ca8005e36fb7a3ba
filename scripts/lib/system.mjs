// What the tests need from the system: browsers, a NATS server, a registry, a C++ compiler for the fuzzers. On a
// Debian-like system root gets them installed; anybody else is told what to install.
import { skipped, step } from "./display.mjs";
import { which } from "./paths.mjs";
import { must } from "./run.mjs";

/** A Debian package and the programs of which one must be there. */
const compiler = { debian: "g++", programs: ["c++", "g++", "clang++"] };
const needs = [
  compiler,
  { debian: "chromium", programs: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] },
  { debian: "firefox-esr", programs: ["firefox-esr", "firefox"] },
  { debian: "nats-server", programs: ["nats-server"] },
  { debian: "docker-registry", programs: ["docker-registry"] },
];

const apt = { DEBIAN_FRONTEND: "noninteractive" };

/** Makes sure that all of it is on the PATH. */
export const prepareSystem = () => install("browsers, nats-server, docker-registry and a C++ compiler", needs);

/** Makes sure of the C++ compiler alone. */
export const prepareCompiler = () => install("C++ compiler", [compiler]);

async function install(label, needs) {
  await step(label, async (say) => {
    const missing = needs.filter(({ programs }) => !programs.some(which)).map(({ debian }) => debian);
    if (missing.length === 0) return skipped;
    if (process.getuid?.() !== 0 || !which("apt-get")) {
      throw new Error(`Please install ${missing.join(", ")}: it is needed on the PATH.`);
    }
    await must("apt-get", ["update"], { say, env: apt });
    await must("apt-get", ["install", "--yes", "--no-install-recommends", ...missing], { say, env: apt });
  });
}
