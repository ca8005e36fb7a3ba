/** How a host is a member of its lattice. Every default stands here. */

import type { CoreSource } from "../core.js";
import { checkAmount } from "../artifacts/options.js";
import { checkComponentOptions, checkList, checkString, refuse } from "../host/checks.js";
import type { ComponentLimits } from "../host/limits.js";

/** A service that decides what hosts of the lattice may start and call. */
export interface PolicyOptions {
  /** The subject on which it is asked: tokens of letters, digits, `_` and `-`. */
  topic: string;
  /** The subject on which it changes what it has decided. Default: it does not. */
  changesTopic?: string;
  /** Milliseconds that it has for an answer; without one, what was asked for fails. Default 1000. */
  timeout?: number;
}

/** How a host is a member of its lattice. */
export interface MemberOptions {
  /** The secret that the host's id comes from (`SN…`); `host.seed` tells it. Default a new one each time. */
  seed?: string;
  /** Who may have signed the components that the lattice starts: account keys (`A…`). Default anyone, or nobody. */
  issuers?: readonly string[];
  /**
   * Who is asked before a component or provider is started, and before a component is called by another or over the lattice.
   * What is denied fails with `DeniedError`. Default nobody.
   */
  policy?: PolicyOptions;
  /** What the subjects of secrets backends begin with. Default none: components with secrets do not start. */
  secretsTopic?: string;
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
export type FullMemberOptions = Omit<MemberOptions, "policy"> & { policy: FullPolicyOptions | undefined } &
  Required<Pick<MemberOptions, "limits" | "controlPrefix" | "componentAuctions" | "providerAuctions" | "heartbeat">>;

/** The same of the policy. */
export type FullPolicyOptions = PolicyOptions & Required<Pick<PolicyOptions, "timeout">>;

/** What options mean. */
export function memberOptionsOf(options: MemberOptions): FullMemberOptions {
  const { seed, issuers, limits = {}, controlPrefix = "wasmbus.ctl", componentAuctions = true, providerAuctions = true, heartbeat = 30_000 } = options;
  if (seed !== undefined) checkString("member.seed", seed);
  if (options.secretsTopic !== undefined) checkTopic("member.secretsTopic", options.secretsTopic);
  if (issuers !== undefined) checkList("member.issuers", "a list of account keys", issuers);
  checkComponentOptions(limits);
  checkString("member.controlPrefix", controlPrefix);
  checkAmount("member.heartbeat", heartbeat);
  if (heartbeat < 1) refuse("member.heartbeat", "a number of milliseconds, 1 or more", heartbeat);
  const policy = options.policy && policyOptionsOf(options.policy);
  return { ...options, limits, policy, controlPrefix, componentAuctions, providerAuctions, heartbeat };
}

function policyOptionsOf(options: PolicyOptions): FullPolicyOptions {
  const { topic, changesTopic, timeout = 1000 } = options;
  checkTopic("member.policy.topic", topic);
  if (changesTopic !== undefined) checkTopic("member.policy.changesTopic", changesTopic);
  if (!(timeout >= 1)) refuse("member.policy.timeout", "a number of milliseconds, 1 or more", timeout);
  return { ...options, timeout };
}

/** Checks a subject that is configured: lattice protocol 1.x, section 11. */
function checkTopic(what: string, topic: unknown): void {
  if (typeof topic === "string" && /^(?:[A-Za-z0-9_-]+\.)*[A-Za-z0-9_-]+$/.test(topic)) return;
  refuse(what, "a subject: tokens of letters, digits, _ and -, with dots between them", topic);
}
