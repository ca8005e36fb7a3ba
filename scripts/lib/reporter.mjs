// A reporter for `node --test`: one line of JSON per test. Suites are not counted, only what they hold.

/** Turns the events of the runner into lines. */
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const error = data.details.error;
    // A suite fails by itself when one of its hooks does.
    if (data.details.type === "suite" && (type === "test:pass" || error?.failureType === "subtestsFailed")) continue;
    if (error?.failureType === "subtestsFailed") continue;
    const state = type === "test:fail" ? "failed" : data.skip === undefined ? "passed" : "skipped";
    const outcome = { file: data.file ?? "", name: `${data.file ?? ""} ${data.name}`, state, time: data.details.duration_ms };
    yield `${JSON.stringify({ ...outcome, error: state === "failed" ? describe(error) : undefined })}\n`;
  }
}

function describe(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause?.message ?? cause);
}
