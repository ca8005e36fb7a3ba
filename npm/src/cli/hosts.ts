/** The hosts of a lattice, and what runs on them. Facts: the lattice protocol 1.x, sections 1.3 and 3.3. */

import { NotFoundError } from "../errors.js";
import type { Control } from "./control.js";
import { UsageError } from "./errors.js";
import { listOf, numberOf, type Json, recordOf, stringsOf, textOf } from "./json.js";

/** A host, as it answers a ping. */
export interface HostInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly uptime: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A component on a host. */
export interface RunningComponent {
  readonly host: string;
  readonly id: string;
  readonly reference: string;
  readonly name: string;
  readonly instances: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A provider on a host. */
export interface RunningProvider {
  readonly host: string;
  readonly id: string;
  readonly reference: string;
  readonly name: string;
}

/** What runs on a host. */
export interface HostInventory {
  readonly host: string;
  readonly components: readonly RunningComponent[];
  readonly providers: readonly RunningProvider[];
  /** As the host says it. */
  readonly raw: Json;
}

/** Hosts as they are listed, and as they answer. */
export async function hosts(control: Control): Promise<{ hosts: HostInfo[]; raw: Json[] }> {
  const raw = (await control.askAll("host.ping")).map(recordOf).filter((each) => textOf(each["id"]) !== "");
  raw.sort((one, other) => textOf(one["friendly_name"]).localeCompare(textOf(other["friendly_name"])));
  return { raw, hosts: raw.map(hostOf) };
}

function hostOf(json: Json): HostInfo {
  return {
    id: textOf(json["id"]),
    name: textOf(json["friendly_name"]),
    version: textOf(json["version"]),
    uptime: textOf(json["uptime_human"]) || `${numberOf(json["uptime_seconds"])}s`,
    labels: stringsOf(json["labels"]),
  };
}

/** The id of the host that somebody means by an id, its beginning, or a part of a name. */
export async function hostId(control: Control, text: string): Promise<string> {
  if (/^N[A-Z2-7]{55}$/.test(text)) return text;
  const wanted = text.toLowerCase();
  const { hosts: all } = await hosts(control);
  const fitting = all.filter(({ id, name }) => id.toLowerCase().startsWith(wanted) || name.toLowerCase().includes(wanted));
  const [only, another] = fitting;
  if (only === undefined) throw new NotFoundError(`no host of the lattice ${control.lattice} is ${JSON.stringify(text)}: get hosts lists those that are there`);
  if (another !== undefined) throw new UsageError(`${JSON.stringify(text)} may be ${fitting.map(({ name, id }) => `${name} (${id})`).join(" or ")}: name one`);
  return only.id;
}

/** What runs on a host. */
export async function inventoryOf(control: Control, host: string): Promise<HostInventory> {
  const raw = recordOf((await control.ask(`host.get.${host}`)).response);
  return {
    host,
    raw,
    components: listOf(raw["components"]).map(recordOf).map((each) => ({
      host,
      id: textOf(each["id"]),
      reference: textOf(each["image_ref"]),
      name: textOf(each["name"]),
      instances: numberOf(each["max_instances"]),
      annotations: stringsOf(each["annotations"]),
    })),
    providers: listOf(raw["providers"]).map(recordOf).map((each) => ({
      host, id: textOf(each["id"]), reference: textOf(each["image_ref"]), name: textOf(each["name"]),
    })),
  };
}

/** What runs on a host, or on all of them. */
export async function inventories(control: Control, host: string | undefined): Promise<HostInventory[]> {
  if (host !== undefined) return [await inventoryOf(control, await hostId(control, host))];
  const { hosts: all } = await hosts(control);
  return Promise.all(all.map(({ id }) => inventoryOf(control, id)));
}

/** A component that runs, on a host or on the only one that has it. */
export async function runningComponent(control: Control, id: string, host: string | undefined): Promise<RunningComponent> {
  const found = (await inventories(control, host)).flatMap(({ components }) => components.filter((each) => each.id === id));
  const [only, another] = found;
  const where = host === undefined ? `in the lattice ${control.lattice}` : `on the host ${host}`;
  if (only === undefined) throw new NotFoundError(`no component ${id} runs ${where}: get inventory lists those that do`);
  if (another !== undefined) throw new UsageError(`${id} runs on ${found.map((each) => each.host).join(" and ")}: name one by --host`);
  return only;
}
