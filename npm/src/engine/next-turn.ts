/** Turns of the event loop. Timers would not do: pages that nobody looks at have them once a second. */

import { unref } from "./timer.js";

let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/** Runs something when what has come meanwhile has had its turn. Does not keep the process alive. */
export function inNextTurn(work: () => void): void {
  waiting.push(work);
  channel ??= opened();
  channel.port1.postMessage(undefined);
}

function opened(): MessageChannel {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => waiting.shift()?.();
  // Since something listens, it would keep the process alive.
  unref(port2);
  return { port1, port2 };
}
