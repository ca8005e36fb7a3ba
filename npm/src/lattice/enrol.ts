/** What a host needs to become a member of a lattice over a network. */

import type { ArtifactStore } from "../artifacts/store.js";
import type { Bus } from "../bus.js";
import type { SpawnWorker } from "../engine/messages.js";
import { guardOf } from "../engine/guard.js";
import { messageOf } from "../errors.js";
import type { Ground } from "../host/lattice.js";
import { VERSION } from "../version.js";
import { BusCalls } from "./calls.js";
import type { MemberCore } from "./core.js";
import { Membership } from "./membership.js";
import { memberOptionsOf, type MemberOptions } from "./options.js";
import { MemberView } from "./view.js";

/** What it is made from. */
export interface Enrolment {
  module: MemberCore;
  /** Control, events and buckets. */
  bus: Bus;
  /** Calls; the same, or another. */
  rpcBus: Bus;
  lattice: string;
  options: MemberOptions;
  artifacts: ArtifactStore;
  /** Starts a worker that keeps time, where the platform's own timers do not. */
  spawnAlarm: SpawnWorker | undefined;
  /** Is told what people should hear of. */
  warn: (text: string) => void;
}

/** Milliseconds that a server has to learn what is served. */
const PATIENCE = 2000;

/** What a host has before it is there that is to be a member. */
export function groundOf({ module, bus, rpcBus, lattice, options, artifacts, spawnAlarm, warn }: Enrolment): Ground {
  const { seed, issuers, limits, policy, secretsTopic, controlPrefix, componentAuctions, providerAuctions, heartbeat } = memberOptionsOf(options);
  const guard = guardOf(module);
  const identity = guard.run(() => {
    const key = new module.HostKey(seed);
    const { id, seed: secret } = key;
    key.free();
    return { id, seed: secret };
  });
  const view = new MemberView();
  const calls = new BusCalls(module, rpcBus, lattice);
  return {
    ...identity,
    name: guard.run(() => module.friendlyName()),
    view,
    elsewhere: (route, invocation, context) => calls.call(route, invocation, context),
    enter: ({ name, labels, ...side }) => Membership.join({
      ...side, module, bus, rpcBus, calls, view, artifacts, issuers, limits, policy, secretsTopic, spawnAlarm, warn,
      callable: () => callable({ bus, rpcBus, warn }),
      settings: {
        ...bus.domain !== undefined && { jsDomain: bus.domain },
        lattice, labels, controlPrefix, componentAuctions, providerAuctions,
        hostId: identity.id, friendlyName: name, version: VERSION, ctlHost: bus.server ?? "", rpcHost: rpcBus.server ?? "",
        componentSchemes: artifacts.schemes, providerRefs: [], heartbeatInterval: heartbeat,
      },
    }),
  };
}

/** Resolves when all that is served can be called, so that the lattice may hear of it. On one connection the order sees to that. */
async function callable({ bus, rpcBus, warn }: Pick<Enrolment, "bus" | "rpcBus" | "warn">): Promise<void> {
  if (rpcBus === bus) return;
  try {
    await rpcBus.flush({ timeout: PATIENCE });
  } catch (error) {
    warn(`what runs here cannot be called over the lattice until the connection for calls is back: ${messageOf(error)}`);
  }
}
