/** Options of wasmCloud's host that this one does not have, and why. Facts: the lattice protocol 1.x, section 11. */

import { UsageError } from "./errors.js";
import type { Environment } from "./options.js";

const ONE_CONNECTION = "this host has one connection: use --nats and the options beside it";
const NO_TRACES = "this host exports no traces, metrics or logs: it logs to the standard error";
const NO_POLICY = "this host asks no policy service, so it must not seem to: use --issuer and NATS permissions";

interface Foreign {
  readonly option: RegExp;
  readonly variable: RegExp;
  readonly why: string;
  /** Whether who sets the variable relies on it, so that the host must not start without. */
  readonly relied?: true;
}

const foreign: readonly Foreign[] = [
  { option: /^ctl-(?!topic)/, variable: /^WASMCLOUD_CTL_(?:HOST|PORT|JWT|SEED|CREDS|TLS)$/, why: ONE_CONNECTION },
  { option: /^rpc-(?:host|port|jwt|seed|creds|tls)$/, variable: /^WASMCLOUD_RPC_(?:HOST|PORT|JWT|SEED|CREDS|TLS)$/, why: ONE_CONNECTION },
  { option: /^rpc-timeout-ms$/, variable: /^WASMCLOUD_RPC_TIMEOUT_MS$/, why: "a call to elsewhere ends with the call that makes it: use --max-execution-time-ms" },
  { option: /^policy-/, variable: /^WASMCLOUD_POLICY_/, why: NO_POLICY, relied: true },
  { option: /^secrets-topic$/, variable: /^WASMCLOUD_SECRETS_TOPIC$/, why: "this host reads no secrets", relied: true },
  { option: /^provider-shutdown-delay-ms$/, variable: /^WASMCLOUD_PROV_SHUTDOWN_DELAY_MS$/, why: "this host starts no provider programs" },
  { option: /^max-components$/, variable: /^WASMCLOUD_MAX_COMPONENTS$/, why: "this host has no limit of components" },
  { option: /^max-core-instances-per-component$/, variable: /^WASMCLOUD_MAX_CORE_INSTANCES_PER_COMPONENT$/, why: "this host has no such limit" },
  { option: /^feature$/, variable: /^WASMCLOUD_EXPERIMENTAL_FEATURES$/, why: "this host has no features to be switched on; the provider http-client is always there" },
  { option: /^(?:trace-level|enable-(?:observability|traces|metrics|logs)|.*-endpoint|observability-protocol)$/, variable: /^(?:WASMCLOUD_(?:TRACE_LEVEL|OBSERVABILITY_\w+|(?:TRACES|METRICS|LOGS)_ENABLED)|OTEL_EXPORTER_OTLP_\w*ENDPOINT)$/, why: NO_TRACES },
  { option: /^flame-graph$/, variable: /^WASMCLOUD_FLAME_GRAPH$/, why: "this host draws no flame graph: use node --cpu-prof" },
];

/** Why there is no such option here, where wasmCloud's host has it. */
export function foreignOption(name: string): string | undefined {
  const found = foreign.find(({ option }) => option.test(name));
  return found && `there is no option --${name}: ${found.why}`;
}

/** What is in the environment for wasmCloud's host, and is of no use here. Refuses what somebody may rely on. */
export function foreignVariables(env: Environment): string[] {
  return Object.keys(env).filter((name) => env[name]).flatMap((name) => {
    const found = foreign.find(({ variable }) => variable.test(name));
    if (found === undefined) return [];
    if (found.relied) throw new UsageError(`${name} is set: ${found.why}`);
    return [`${name} is set and has no effect: ${found.why}`];
  });
}
