/** The public names of the package that are the same on every platform. */

export type { ArtifactCache } from "./artifacts/cache.js";
export type { RegistryCredential, RegistryCredentials } from "./artifacts/credentials.js";
export type { ArtifactOptions, CacheSettings, PullOptions, PullProgress } from "./artifacts/options.js";
export type { ArtifactStore, PulledArtifact } from "./artifacts/store.js";
export type {
  Bucket, Bus, ConnectionListener, Entry, Headers as BusHeaders, Message, PublishOptions, RequestOptions, SubscribeOptions, Subscription, Watch,
  WatchOptions,
} from "./bus.js";
export { ResourceHandle } from "./codec/handle.js";
export type { Tagged } from "./codec/choice.js";
export type { CoreSource, SuspensionTier } from "./core.js";
export type { Precompiled } from "./engine/artifact.js";
export type { Incoming } from "./engine/incoming.js";
export type { Answer, Channel, Outcome, ReceivedChannel } from "./engine/invocation.js";
export type { Isolation } from "./engine/isolation.js";
export type { ByteSource, ChannelBody } from "./engine/source.js";
export {
  AbortedError, ConflictError, ConnectionError, DecodeError, DeniedError, GuestError, GuestExitError, GuestTrapError,
  InvalidArgumentError, InvalidComponentError, LimitError, LoadError, MissingImportError, MissingLinkError,
  NotFoundError, PanicError, StoppedError, SuspensionError, TimeoutError, TrellisError, UnsupportedError,
  WorkerLostError,
} from "./errors.js";
export type { ConnectionFault, LoadReason } from "./errors.js";
export type { Abortable } from "./host/abort.js";
export type { ComponentSource } from "./host/bytes.js";
export type { LatticeEvent, LatticeEvents } from "./host/events.js";
export type { ComponentHandle } from "./host/handle.js";
export type { Configs } from "./host/configs.js";
export type { Capabilities, ComponentStart, Host, ProviderHandle } from "./host/host.js";
export type { Inventory } from "./host/inventory.js";
export type { ComponentLimits, HostLimits } from "./host/limits.js";
export type { LinkInterfaces, LinkSpec, UnlinkSpec } from "./host/links.js";
export type { CallCounts, ComponentMetrics, EngineMetrics, HostMetrics } from "./host/metrics.js";
export type { CallOptions, ComponentOptions, HostOptions, LinkCall, LogEntry, Output } from "./host/options.js";
export type { Config } from "./host/lattice.js";
export type { FetchInit } from "./http/fetch.js";
export type {
  CaseInfo, FunctionInfo, Inspection, InterfaceInfo, NamedType, PrimitiveKind, ProducerField, TypeInfo,
} from "./inspection.js";
export type { MemberOptions, PolicyOptions } from "./lattice/options.js";
export type { MemoryBus } from "./memory-bus.js";
export type { NatsOptions } from "./nats/options.js";
export type { AllowedOrigins } from "./providers/http-client.js";
export type { Interfaces, ProviderContext, RawCall, RawFunction, TypedFunction } from "./providers/provider.js";
export type { Waiting } from "./waits.js";
export { VERSION } from "./version.js";
