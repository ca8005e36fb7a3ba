// Counts of passed, failed and skipped tests.

/** Nothing counted yet. */
export const none = { passed: 0, failed: 0, skipped: 0 };

/** The sum of counts. */
export function sum(counts) {
  return counts.reduce(
    (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    none,
  );
}

/** `3 passed, 1 failed`; skipped tests are named only when there are some. */
export function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Counts outcomes `{ name, state, error }`, and gives a text about those that failed, and the outcomes. */
export function ofOutcomes(outcomes) {
  const count = (state) => outcomes.filter((outcome) => outcome.state === state).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped"), output: failuresOf(outcomes), outcomes };
}

/** A text about those that failed. */
export function failuresOf(outcomes) {
  return outcomes.filter(({ state }) => state === "failed").map(({ name, error }) => `✗ ${name}\n${error}\n`).join("\n");
}

/** A check that is one test: a formatter, a linter, an example program. */
export function ofCheck({ status, output }) {
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0, output: status === 0 ? "" : output };
}
