// The progress display: one line per step with its time. On a terminal the running step shows what it does right now;
// elsewhere (CI, a pipe) only plain lines are printed.

/** With `--json`, standard output belongs to the data. */
const out = process.argv.includes("--json") ? process.stderr : process.stdout;
const terminal = out.isTTY && !process.env.CI;
const paint = (code, text) => (terminal ? `\x1b[${code}m${text}\x1b[0m` : text);
const marks = { done: paint(32, "✓"), failed: paint(31, "✗"), skipped: paint(33, "–"), running: paint(36, "▸") };
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Carries out `work(say)`; `say(text)` tells what is going on, the returned text is shown behind the label. */
export async function step(label, work) {
  const began = performance.now();
  const live = terminal ? liveLine(label, began) : plainLine(label);
  try {
    const note = await work(live.say);
    live.end(note === skipped ? "skipped" : "done", note === skipped ? undefined : note);
    return note;
  } catch (error) {
    live.end("failed");
    throw error;
  }

  function plainLine() {
    out.write(`${marks.running} ${label}\n`);
    return { say: () => {}, end: (state, note) => finish(state, label, began, note) };
  }
}

/** What `work` returns when it had nothing to do. */
export const skipped = Symbol("skipped");

function finish(state, label, began, note) {
  const time = state === "skipped" ? "nothing to do" : seconds(began);
  out.write(`${[marks[state], label, note, paint(2, time)].filter(Boolean).join("  ")}\n`);
}

function liveLine(label, began) {
  let doing = "";
  const draw = () => {
    const line = `${label}  ${seconds(began)}  ${doing}`.slice(0, (out.columns ?? 80) - 3);
    out.write(`\r\x1b[2K${marks.running} ${line}`);
  };
  draw();
  const timer = setInterval(draw, 100);
  return {
    say: (text) => (doing = text.trim()),
    end: (state, note) => {
      clearInterval(timer);
      out.write("\r\x1b[2K");
      finish(state, label, began, note);
    },
  };
}
