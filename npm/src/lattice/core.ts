/**
 * The member's module as TypeScript sees it: the types of the generated `pkg/trellis_member.js` (crate
 * `host-wasm/member`). As with the core, everything is synchronous and message-like; methods throw an `Error` with a
 * `code`. Callbacks run within the methods, with no borrow held, so they may call back; none of them may throw.
 */

import type { WireError } from "../core.js";

/** The exports of the module. */
export interface MemberCore {
  /** Throws for settings that cannot be used. */
  Member: new (outside: MemberOutside, settings: string) => CoreMember;
  Calls: new (
    outside: CallsOutside, lattice: string, inbox: string, maxPayload: number, maxMessageBytes: number, maxChannels: number,
  ) => CoreCalls;
  /** Decisions of the policy service; `labels` are JSON. */
  Policy: new (hostId: string, lattice: string, labels: string) => CorePolicy;
  /** What asks backends of secrets, on subjects that begin with `topic`. */
  Secrets: new (topic: string, hostId: string, name: string) => CoreSecrets;
  /** The key with a seed (`SN…`), or a new one. */
  HostKey: new (seed?: string) => CoreHostKey;
  /** A name for people. */
  friendlyName(): string;
  /** The claims of a component as JSON and its token, checked in full; `undefined` where it is not signed. Throws `denied`, `decode`. */
  verifyClaims(bytes: Uint8Array, issuers?: string[]): string[] | undefined;
}

/** The key of a host. */
export interface CoreHostKey {
  readonly id: string;
  readonly seed: string;
  free(): void;
}

/** What a policy service is asked, as JSON. */
export interface PolicyQuestion {
  kind: "startComponent" | "startProvider" | "performInvocation";
  /** The component or provider. */
  id: string;
  imageRef: string;
  maxInstances?: number;
  annotations?: Readonly<Record<string, string>>;
  /** What `verifyClaims` gave. */
  claims: unknown;
  /** Of `performInvocation`. */
  call?: readonly [instance: string, func: string];
}

/** The class `Policy`: what a host knows of the decisions of its policy service. */
export interface CorePolicy {
  /**
   * Nothing where it is permitted; throws `denied` where it is not. Where it is not known: the id of the request, and what
   * is to be published (`[string, Uint8Array?]`), unless that has been done already.
   */
  check(question: string): unknown[] | undefined;
  /** The reply to a request; then `check` knows. Throws `decode`. */
  answer(id: string, payload: Uint8Array): void;
  /** There is no reply. */
  giveUp(id: string): void;
  /** A decision has been changed. Throws `decode`. */
  change(payload: Uint8Array): void;
  /** Nothing is known any more. */
  forget(): void;
  free(): void;
}

/** The class `Secrets`: what backends of secrets are asked. A secret is named by the config that refers to it. */
export interface CoreSecrets {
  /** The name of a secret, its backend, and the subject on which that tells its key. `entries` is the config as JSON. */
  reference(config: string, entries: string): string[];
  /** Asks for a secret on behalf of who has this token; `server` is the backend's key. Throws `denied` without token. */
  request(config: string, entries: string, token: string | undefined, application: string | undefined, server: string): CoreSecretRequest;
  free(): void;
}

/** The class `SecretRequest`: a request that waits for its answer. */
export interface CoreSecretRequest {
  readonly subject: string;
  /** Name and value. */
  readonly header: string[];
  readonly payload: Uint8Array;
  /** The secret in the answer: text or bytes. `sealedWith` is the header `Server-Response-Xkey`. */
  open(sealedWith: string | undefined, payload: Uint8Array): unknown;
  free(): void;
}

/** What a member is made from, as JSON. Times are milliseconds. */
export interface MemberSettings {
  lattice: string;
  hostId: string;
  friendlyName: string;
  version: string;
  labels: Readonly<Record<string, string>>;
  controlPrefix: string;
  ctlHost: string;
  rpcHost: string;
  jsDomain?: string;
  componentSchemes: readonly string[];
  providerRefs: readonly string[];
  componentAuctions: boolean;
  providerAuctions: boolean;
  heartbeatInterval: number;
}

/** The class `Member`: decides what runs on a host, and speaks for it. */
export interface CoreMember {
  connected(maxPayload: number): void;
  disconnected(): void;
  message(subject: string, reply: string | undefined, payload: Uint8Array): void;
  entry(watch: number, key: string, operation: string, value: Uint8Array, revision: number): void;
  current(watch: number): void;
  watchFailed(watch: number, reason: string): void;
  /** The answer to `get`; without a key, there is no value. */
  found(request: number, key: string | undefined, value: Uint8Array, revision: number): void;
  written(request: number, revision: number): void;
  askFailed(request: number, error: WireError): void;
  done(task: number, claims?: string): void;
  failed(task: number, error: WireError): void;
  command(request: number, json: string): void;
  providerStarted(json: string): void;
  providerStopped(id: string, reason: string): void;
  stop(timeout: number): void;
  tick(): void;
  /** In how many milliseconds to call `tick`. */
  nextWake(): number | undefined;
  /** As JSON. */
  labels(): string;
  free(): void;
}

/** Calls into a member, which hears of what happened. Nothing happens where it is dead or has left. */
export type Tell = (act: (member: CoreMember) => void) => void;

/** What is asked of a bucket. */
export type Ask = "get" | "put" | "create" | "update" | "purge";

/** The callbacks of a member. Structures come as JSON. */
export interface MemberOutside {
  subscribe(channel: string, subject: string, queue: string | undefined): void;
  unsubscribe(channel: string): void;
  publish(subject: string, reply: string | undefined, payload: Uint8Array): void;
  watch(watch: number, bucket: string): void;
  unwatch(bucket: string): void;
  ask(
    request: number, bucket: string, operation: Ask, key: string, value: Uint8Array | undefined, revision: number | undefined,
  ): void;
  component(task: number, kind: "start" | "scale" | "update" | "stop", json: string): void;
  provider(task: number, kind: "start" | "stop", json: string): void;
  abort(task: number): void;
  changed(kind: "component-links" | "component-config" | "provider-links" | "provider-config", id: string, json: string): void;
  registries(json: string): void;
  answer(request: number, error: WireError | undefined, json: string | undefined): void;
  warn(text: string): void;
  stopped(): void;
}

/** A channel: its index path (`0.1`), and its content where that is complete. */
export type CoreChannel = [path: string, ready?: Uint8Array];

/** The class `Calls`: calls by wRPC in both directions, by number. */
export interface CoreCalls {
  /** What to subscribe to. */
  pattern(): string;
  setMaxPayload(bytes: number): void;
  /** What a component with these exports subscribes to. */
  subscriptions(target: string, exports: [instance: string, func: string][]): [subject: string, instance: string, func: string][];
  /** The queue group of a target's subscriptions. */
  group(target: string): string;
  call(
    target: string, instance: string, func: string, source: string | undefined, link: string | undefined, params: Uint8Array,
    channels: CoreChannel[], deadline: number,
  ): number;
  /** Takes the first message of a call. */
  take(instance: string, func: string, reply: string | undefined, payload: Uint8Array, deadline: number): number;
  message(subject: string, reply: string | undefined, status: number | undefined, payload: Uint8Array): void;
  /** Answers a call that was taken. With `done`, nobody reads the channels of its parameters any more. */
  results(call: number, bytes: Uint8Array, channels: CoreChannel[], done: boolean): void;
  send(call: number, path: string, bytes: Uint8Array): void;
  end(call: number, path: string, well: boolean): void;
  consumed(call: number, path: string, bytes: number): void;
  cancel(call: number, path: string): void;
  /** Gives a call up. Nothing is called back for it any more but `publish`. */
  abort(call: number): void;
  /** Ends the calls whose time is up. To be called from time to time while there are calls. */
  tick(): void;
  /** How many calls there are. */
  readonly size: number;
  free(): void;
}

/** The callbacks of `Calls`. */
export interface CallsOutside {
  publish(subject: string, reply: string | undefined, headers: [name: string, value: string][], payload: Uint8Array): void;
  /** The results of a call of ours, or the parameters of one that was taken. */
  values(call: number, bytes: Uint8Array, channels: CoreChannel[]): void;
  /** The other side listens: channels may be sent. */
  open(call: number): void;
  data(call: number, path: string, bytes: Uint8Array): void;
  end(call: number, path: string, error: WireError | undefined): void;
  /** It failed, and is over. */
  failed(call: number, error: WireError): void;
  /** It is over. */
  finished(call: number): void;
}
