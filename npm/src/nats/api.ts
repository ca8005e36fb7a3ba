/** The public types of `trellis-host/nats`. */

export type { NatsBus } from "./bus.js";
export type { Connection } from "./connection.js";
export type {
  BusSettings, NatsAuth, NatsConnectionOptions, NatsOptions, NatsStatus, NatsTls, Reconnecting, WebSocketLike,
} from "./options.js";
