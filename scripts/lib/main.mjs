// How every script of this folder ends: well, or with one clear message and the output of what failed.
import { Failed } from "./run.mjs";

/** Runs `work`; an error is printed, not thrown, and makes the exit status 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
}

/** Prints an error: what a failed program printed, or the stack when the mistake is ours. */
export function report(error) {
  if (error instanceof Failed) console.error(`\n${error.output}\n${error.message}`);
  else console.error(`\n${error.constructor === Error ? error.message : error.stack}`);
}
