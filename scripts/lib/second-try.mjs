// A file that fails beside others is run once more, by itself: on a busy machine somebody may have waited too long, and a
// fault is there again. What passes only then is told.
import { failuresOf, ofOutcomes } from "./tally.mjs";

/** Counts outcomes of tests, each with its `file`; `again(files)` gives those of the files that are tried once more. */
export async function withSecondTry(first, again) {
  const files = new Set(first.filter(({ state }) => state === "failed").map(({ file }) => file));
  if (files.size === 0) return ofOutcomes(first);
  const second = await again([...files]);
  const isTried = ({ file }) => files.has(file) && second.some((outcome) => outcome.file === file);
  const isWellNow = ({ file }) => !second.some((outcome) => outcome.file === file && outcome.state === "failed");
  const unsteady = first.filter((outcome) => outcome.state === "failed" && isTried(outcome) && isWellNow(outcome));
  return { ...ofOutcomes([...first.filter((outcome) => !isTried(outcome)), ...second]), unsteady: failuresOf(unsteady) };
}
