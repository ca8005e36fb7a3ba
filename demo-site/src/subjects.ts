// Tells the inspector about the host and its providers.

import type { Host, Inventory } from "trellis-host";

import type { Subject } from "./inspector.ts";
import type { LatticeLink } from "./model.ts";
import { plainName } from "./serving.ts";
import { TIERS } from "./status.ts";

const PLACES = { worker: "in workers of this page", dedicated: "each in a worker of its own", inline: "on the page's own thread" } as const;

const PROVIDERS: Record<string, string> = {
  "keyvalue": "A provider of the host. It keeps buckets in memory; they are gone when this tab closes.",
  "http-client": "A provider of the host. It sends requests of components by fetch; this page lets it reach its own server only.",
};

/** The host. */
export function hostSubject(host: Host): Subject {
  const { hostId, friendlyName, lattice, version, labels, limits, components } = host.inventory();
  const { tier, why, isolation } = host.capabilities();
  const many = components.length === 1 ? "1 component" : `${components.length} components`;
  return {
    title: friendlyName,
    note: `A host of the lattice ${lattice} that lives in this tab. It runs ${many}, ${PLACES[isolation]}.`,
    facts: [
      ["Id", hostId],
      ["Version", version],
      ["Suspension", `${TIERS[tier]}: ${why}`],
      ["Isolation", isolation],
      ["Limits", described(limits)],
      ...Object.entries(labels),
    ],
  };
}

function described({ maxMemory, maxInstances, maxQueue, maxStreamsInFlight }: Inventory["limits"]): string {
  const some = (count: number | null, what: string): string => (count === null ? `any number of ${what}` : `${count.toLocaleString("en")} ${what}`);
  return [
    some(maxMemory && maxMemory / 2 ** 20, "MiB of memory"),
    some(maxInstances, "instances"),
    some(maxQueue, "calls that wait"),
    some(maxStreamsInFlight, "open streams"),
  ].join("\n");
}

/** A provider. */
export function providerSubject(id: string, { providers }: Inventory, links: readonly LatticeLink[]): Subject {
  const users = links.filter(({ target }) => target === id).map(({ source }) => source);
  const interfaces = providers.find((each) => each.id === id)?.interfaces ?? [];
  return {
    title: id,
    note: PROVIDERS[id] ?? "A provider on this host.",
    facts: [["Serves", interfaces.map(plainName).join("\n")], ["Linked from", users.join("\n") || "nothing yet"]],
  };
}
