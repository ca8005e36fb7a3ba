/** What a host does, as lines of a log. */

import { printByLine } from "../host/output.js";
import type { HostOptions } from "../host/options.js";
import type { NatsStatus } from "../nats/options.js";
import type { LatticeEvent } from "../host/events.js";
import type { Purpose } from "./connection.js";
import type { Level, Log } from "./log.js";

/** The options by which a host tells a log what happens; `onOwn` hears of the events of the host itself, whose id `id` gives once it has one. */
export function loggedTo(log: Log, id: () => string | undefined, onOwn: (event: LatticeEvent) => void): Pick<HostOptions, "onLog" | "onOutput" | "onCall" | "onEvent" | "onWarning"> {
  return {
    onWarning: (text) => log.write("warn", text),
    onLog: ({ component, level, context, message }) =>
      log.write(level === "critical" ? "error" : level, message, { component, ...context !== "" && { context } }),
    onOutput: printByLine((component, stream, line) => log.write("info", line, { component, stream })),
    onCall: ({ source, target, instance, func }) => log.write("trace", "a component calls over a link", { source, target, function: `${instance}.${func}` }),
    onEvent(event) {
      const { name, source, data } = event;
      // What others do is logged by others.
      const own = source === id();
      log.write(own ? levelOfEvent(name) : "debug", `event ${name}`, { source, ...name !== "host_heartbeat" && { data } });
      if (own) onOwn(event);
    },
  };
}

/** What happens to a connection; where there are two, to the one with this purpose. */
export function logStatus(log: Log, status: NatsStatus, purpose?: Purpose): void {
  const which = purpose === undefined ? {} : { connection: purpose };
  switch (status.type) {
    case "connected": return log.write("info", "connected to NATS", { ...which, server: status.server });
    case "disconnected": return log.write("warn", "the connection to NATS is lost", { ...which, server: status.server });
    case "reconnecting": return log.write("debug", "connecting to NATS again", { ...which, attempt: status.attempt });
    case "slow-consumer": return log.write("warn", "messages wait to be read", { ...which, subject: status.subject, pending: status.pending });
    case "unauthorized": case "error": return log.write("error", status.error.message, which);
    case "closed": return log.write(status.error === undefined ? "debug" : "error", status.error?.message ?? "the connection to NATS is closed", which);
  }
}

function levelOfEvent(name: string): Level {
  if (name.endsWith("_failed")) return "warn";
  return name === "host_heartbeat" || name.startsWith("health_check") ? "debug" : "info";
}
