/**
 * The page that runs one test file: `run.html?file=...`. Everything that goes wrong outside of a test (an error nobody
 * caught, a promise nobody awaited, a breach of the content security policy) is a failed test too.
 */

import { type Outcome, run } from "./test.js";

const accidents: Outcome[] = [];

function accident(what: string, error: unknown): void {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
  accidents.push({ name: what, state: "failed", error: text });
}

addEventListener("error", (event) => accident("uncaught error", event.error ?? event.message));
addEventListener("unhandledrejection", (event) => {
  if (event.reason !== last) accident("unhandled rejection", event.reason);
});
addEventListener("securitypolicyviolation", (event) => {
  // A test may well ask for what it cannot reach; code it must not make.
  if (!/^(script|worker)-src/.test(event.effectiveDirective)) return;
  accident("content security policy", `${event.violatedDirective} refuses ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
});

/** The browser reports unhandled rejections later and in order: once it has reported ours, it has reported all. */
const last = new Error("the last rejection");

function rejectionsReported(): Promise<void> {
  return new Promise((resolve) => {
    addEventListener("unhandledrejection", (event) => {
      if (event.reason !== last) return;
      event.preventDefault();
      resolve();
    });
    void Promise.reject(last);
  });
}

async function runFile(): Promise<Outcome[]> {
  const file = new URL(location.href).searchParams.get("file");
  try {
    await import(`/tests/${file}`);
  } catch (error) {
    accident("import", error);
  }
  const outcomes = await run();
  await rejectionsReported();
  return [...outcomes, ...accidents];
}

declare global {
  /** What the driver waits for. */
  var trellisTests: Promise<Outcome[]>;
}

globalThis.trellisTests = runFile();
