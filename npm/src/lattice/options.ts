/** How a host is a member of its lattice. Every default stands here. */

import type { CoreSource } from "../core.js";
import { checkAmount } from "../artifacts/options.js";
import { checkComponentOptions, checkList, checkString, refuse } from "../host/checks.js";
import type { ComponentLimits } from "../host/limits.js";

/** How a host is a member of its lattice. */
export interface MemberOptions {
  /** The secret that the host's id comes from (`SN…`); `host.seed` tells it. Default a new one each time. */
  seed?: string;
  /** Who may have signed the components that the lattice starts: account keys (`A…`). Default anyone, or nobody. */
  issuers?: readonly string[];
  /** What the subjects of the control interface begin with. Default `wasmbus.ctl`. */
  controlPrefix?: string;
  /** Whether it offers itself where a place for a component is sought. Default yes. */
  componentAuctions?: boolean;
  /** The same for providers. Default yes, though it can start none. */
  providerAuctions?: boolean;
  /** Milliseconds between signs of life. Orchestrators forget a host after 70 000. Default 30 000. */
  heartbeat?: number;
  /** What a component that the lattice starts may take, where the lattice does not say. */
  limits?: ComponentLimits;
  /** The wasm of the member's module. Default the file that comes with the package. */
  core?: CoreSource;
}

/** The options, all of them, but those that have no default. */
export type FullMemberOptions = MemberOptions &
  Required<Pick<MemberOptions, "limits" | "controlPrefix" | "componentAuctions" | "providerAuctions" | "heartbeat">>;

/** What options mean. */
export function memberOptionsOf(options: MemberOptions): FullMemberOptions {
  const { seed, issuers, limits = {}, controlPrefix = "wasmbus.ctl", componentAuctions = true, providerAuctions = true, heartbeat = 30_000 } = options;
  if (seed !== undefined) checkString("member.seed", seed);
  if (issuers !== undefined) checkList("member.issuers", "a list of account keys", issuers);
  checkComponentOptions(limits);
  checkString("member.controlPrefix", controlPrefix);
  checkAmount("member.heartbeat", heartbeat);
  if (heartbeat < 1) refuse("member.heartbeat", "a number of milliseconds, 1 or more", heartbeat);
  return { ...options, limits, controlPrefix, componentAuctions, providerAuctions, heartbeat };
}
