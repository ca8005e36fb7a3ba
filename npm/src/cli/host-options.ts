/** The options of `up`: those of wasmCloud's host that mean something here, and some of our own (lattice protocol 1.x, section 11). */

import type { ArtifactOptions } from "../artifacts/options.js";
import type { HostOptions } from "../host/options.js";
import type { MemberOptions } from "../lattice/options.js";
import { artifactOptionsOf, artifactSpecs } from "./artifact-options.js";
import { connectionOptions, rpcOptions } from "./connection.js";
import { UsageError } from "./errors.js";
import { type Level, levels } from "./log.js";
import { type Environment, type Specs, type Values } from "./options.js";

/** The options. */
export const hostSpecs = {
  ...connectionOptions,
  ...rpcOptions,
  "js-domain": { kind: "text", value: "NAME", env: "WASMCLOUD_JS_DOMAIN", help: "the domain of the JetStream that has the lattice's buckets" },
  "host-seed": { kind: "text", value: "SEED", env: "WASMCLOUD_HOST_SEED", help: "the secret that the host's id comes from (SN…). Default a new one" },
  "label": { kind: "pairs", short: "l", value: "K=V", help: "a label. Also WASMCLOUD_LABEL_K=V in the environment" },
  ...artifactSpecs,
  "allow-file-load": { kind: "flag", env: "WASMCLOUD_ALLOW_FILE_LOAD", help: "lets the lattice start components from files" },
  "issuer": { kind: "list", value: "KEY,…", env: "TRELLIS_ISSUERS", help: "who may have signed what the lattice starts: account keys. Default anyone, or nobody" },
  "policy-topic": { kind: "text", value: "SUBJECT", env: "WASMCLOUD_POLICY_TOPIC", help: "asks the policy service there what may be started and called" },
  "policy-changes-topic": { kind: "text", value: "SUBJECT", env: "WASMCLOUD_POLICY_CHANGES_TOPIC", help: "where the policy service changes what it has decided" },
  "policy-timeout-ms": { kind: "number", value: "N", env: "WASMCLOUD_POLICY_TIMEOUT", help: "milliseconds that the policy service has for an answer. Default 1000" },
  "secrets-topic": { kind: "text", value: "SUBJECT", env: "WASMCLOUD_SECRETS_TOPIC", help: "where the backends of secrets are asked" },
  "http-allow": { kind: "list", value: "ORIGIN,…", env: "TRELLIS_HTTP_ALLOW", help: "origins that the provider http-client may reach, or all. Default none" },
  "max-execution-time-ms": { kind: "number", value: "N", env: "WASMCLOUD_MAX_EXECUTION_TIME_MS", help: "milliseconds that a call may take. Default 30000" },
  "max-linear-memory-bytes": { kind: "number", value: "N", env: "WASMCLOUD_MAX_LINEAR_MEMORY", help: "memory that an instance may have. Default 268435456" },
  "heartbeat-interval-seconds": { kind: "number", value: "N", env: "WASMCLOUD_HEARTBEAT_INTERVAL", help: "seconds between signs of life. Default 30" },
  "enable-component-auction": { kind: "switch", env: "WASMCLOUD_COMPONENT_AUCTION_ENABLED", help: "whether it offers itself for components. Default true" },
  "enable-provider-auction": { kind: "switch", env: "WASMCLOUD_PROVIDER_AUCTION_ENABLED", help: "whether it answers auctions for providers. Default true" },
  "config-service-enabled": { kind: "flag", env: "WASMCLOUD_CONFIG_SERVICE", help: "asks the config service for credentials of registries" },
  "http-admin": { kind: "text", value: "HOST:PORT", env: "WASMCLOUD_HTTP_ADMIN", help: "answers /livez and /readyz there" },
  "log-level": { kind: "text", value: levels.join("|"), env: "WASMCLOUD_LOG_LEVEL", help: "what is logged. Default info" },
  "enable-structured-logging": { kind: "flag", env: "WASMCLOUD_STRUCTURED_LOGGING_ENABLED", help: "logs a JSON object a line" },
} as const satisfies Specs;

/** What was said of them. */
export type HostValues = Values<typeof hostSpecs>;

const LABEL = "WASMCLOUD_LABEL_";

/** What a host is made with, but for its connection and its log. */
export function hostOptionsOf(values: HostValues, env: Environment): Omit<HostOptions, "artifacts"> & { labels: Record<string, string>; artifacts: ArtifactOptions } {
  const { "http-allow": allow, "max-execution-time-ms": deadline } = values;
  return {
    labels: labelsOf(values, env),
    member: memberOf(values),
    artifacts: artifactOptionsOf(values, values["allow-file-load"]),
    ...allow.length > 0 && { http: { allow: allow.includes("all") ? true : allow } },
    ...deadline !== undefined && { deadline },
  };
}

/** The labels of the host; the command line goes before the environment. */
function labelsOf({ label }: HostValues, env: Environment): Record<string, string> {
  const named = Object.entries(env).filter(([name]) => name.startsWith(LABEL) && name.length > LABEL.length);
  return { ...Object.fromEntries(named.map(([name, value = ""]) => [name.slice(LABEL.length), value])), ...label };
}

function memberOf(values: HostValues): MemberOptions {
  const { "host-seed": seed, issuer, "ctl-topic-prefix": controlPrefix, "max-linear-memory-bytes": maxMemory } = values;
  const { "policy-topic": topic, "policy-changes-topic": changesTopic, "policy-timeout-ms": timeout, "secrets-topic": secretsTopic } = values;
  const { "heartbeat-interval-seconds": seconds, "enable-component-auction": componentAuctions = true, "enable-provider-auction": providerAuctions = true } = values;
  if (seconds === 0) throw new UsageError("--heartbeat-interval-seconds is 1 or more");
  if (topic === undefined && changesTopic !== undefined) throw new UsageError("--policy-changes-topic needs --policy-topic");
  return {
    componentAuctions,
    providerAuctions,
    ...seed !== undefined && { seed },
    ...topic !== undefined && { policy: { topic, ...changesTopic !== undefined && { changesTopic }, ...timeout !== undefined && { timeout } } },
    ...secretsTopic !== undefined && { secretsTopic },
    ...issuer.length > 0 && { issuers: issuer },
    ...controlPrefix !== undefined && { controlPrefix },
    ...seconds !== undefined && { heartbeat: seconds * 1000 },
    ...maxMemory !== undefined && { limits: { maxMemory } },
  };
}

/** The level of the log. */
export function levelOf({ "log-level": text = "info" }: HostValues): Level {
  const level = levels.find((each) => each === text.toLowerCase());
  if (level === undefined) throw new UsageError(`--log-level is one of ${levels.join(", ")}, not ${JSON.stringify(text)}`);
  return level;
}
