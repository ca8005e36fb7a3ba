/** What is served on a bus under an id, and how its calls are found. Facts: the lattice protocol 1.x, section 6.1. */

import type { Bus, Message } from "../bus.js";
import type { Answer, Invocation } from "../engine/invocation.js";
import { withoutVersion } from "../host/names.js";
import type { Caller } from "./caller.js";
import type { CoreCalls } from "./core.js";

/** What is served under an id. */
export interface Service {
  /** The functions it has. Where an interface has no version, calls of all its versions are meant. */
  readonly functions: readonly (readonly [instance: string, func: string])[];
  /** Milliseconds that a call may take. */
  readonly deadline: number;
  /** Answers a call. */
  invoke(invocation: Invocation, caller: Caller): Promise<Answer>;
}

/** Ends a service: takes no more calls, and resolves when none is on its way any more. */
export type Close = () => Promise<void>;

/** Takes the first message of a call. */
type Take = (instance: string, func: string, message: Message) => void;

/** What stands between an id and a function in subjects. */
const PROTOCOL = "wrpc.0.0.1";

/** Subscribes to the calls of a target, in its queue group. */
export function subscribe(bus: Bus, core: Pick<CoreCalls, "group" | "subscriptions">, target: string, { functions }: Service, take: Take): Close {
  const queue = core.group(target);
  const exact = functions.filter(([instance]) => instance.includes("@")).map(([instance, func]): [string, string] => [instance, func]);
  const subscriptions = core.subscriptions(target, exact).map(([subject, instance, func]) =>
    bus.subscribe(subject, { queue, callback: (message) => take(instance, func, message) }));
  if (exact.length < functions.length) subscriptions.push(subscribeToAll(bus, queue, functions, take));
  return async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.drain()));
  };
}

/** Versions are part of subjects, and have dots: a name without one is found in everything under the id. */
function subscribeToAll(bus: Bus, queue: string, functions: Service["functions"], take: Take): ReturnType<Bus["subscribe"]> {
  const prefix = `${queue}.${PROTOCOL}.`;
  const known = new Set(functions.map(([instance, func]) => `${instance} ${func}`));
  return bus.subscribe(`${prefix}>`, {
    queue,
    callback: (message) => {
      const name = message.subject.slice(prefix.length);
      const dot = Math.max(name.lastIndexOf("."), 0);
      const [instance, func] = [name.slice(0, dot), name.slice(dot + 1)];
      if (known.has(`${withoutVersion(instance)} ${func}`)) take(instance, func, message);
    },
  });
}
