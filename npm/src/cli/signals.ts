/** The signals that end a program: the first has it stop in order, the second at once. */

import { exitCodeOfSignal } from "./exit-code.js";

const names = ["SIGINT", "SIGTERM"] as const;

/** Resolves with the first signal. The returned function lets signals be again. */
export function firstSignal(): { received: Promise<string>; release: () => void } {
  let tell!: (signal: string) => void;
  const received = new Promise<string>((resolve) => (tell = resolve));
  let count = 0;
  const handle = (signal: NodeJS.Signals): void => {
    const name = names.find((each) => each === signal);
    if (name === undefined) return;
    if (++count > 1) process.exit(exitCodeOfSignal(name));
    tell(name);
  };
  names.forEach((name) => process.on(name, handle));
  return { received, release: () => names.forEach((name) => process.off(name, handle)) };
}
