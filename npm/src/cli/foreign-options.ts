/** Options of wasmCloud's host that this one does not have, and why. Facts: the lattice protocol 1.x, section 11. */

import type { Environment } from "./options.js";

const NO_TRACES = "this host exports no traces, metrics or logs: it logs to the standard error";

interface Foreign {
  readonly option: RegExp;
  readonly variable: RegExp;
  readonly why: string;
}

const foreign: readonly Foreign[] = [
  { option: /^rpc-timeout-ms$/, variable: /^WASMCLOUD_RPC_TIMEOUT_MS$/, why: "a call to elsewhere ends with the call that makes it: use --max-execution-time-ms" },
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

/** What is in the environment for wasmCloud's host, and is of no use here. */
export function foreignVariables(env: Environment): string[] {
  return Object.keys(env).filter((name) => env[name]).flatMap((name) => {
    const found = foreign.find(({ variable }) => variable.test(name));
    return found === undefined ? [] : [`${name} is set and has no effect: ${found.why}`];
  });
}
