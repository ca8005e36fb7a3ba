/**
 * Links: which target answers what a component imports. They are kept where a lattice keeps them, in the specs of
 * LATTICEDATA. Facts: the lattice protocol 1.x, sections 3.6, 5.2 and 7.1.
 */

import { ConflictError, InvalidArgumentError, MissingLinkError } from "../errors.js";
import { checkList, checkString } from "./checks.js";
import { checkName, linkKey, parseInterface } from "./names.js";

/** The name of a link that was given none. */
export const DEFAULT_LINK = "default";

/** A link, with the field names of the lattice. */
export interface Link {
  /** Who imports. */
  source_id: string;
  /** Who answers: a component or a provider. */
  target: string;
  /** The link's name. */
  name: string;
  /** Such as `wasi`. */
  wit_namespace: string;
  /** Such as `keyvalue`. */
  wit_package: string;
  /** Such as `store`; without versions. */
  interfaces: string[];
  /** Named configs for the source, where it is a provider. */
  source_config: string[];
  /** Named configs for the target, where it is a provider. */
  target_config: string[];
}

/** What is linked. */
export type LinkInterfaces =
  | {
    /** `namespace:package/interface`, or several of one package. */
    interface: string | readonly string[];
  }
  | {
    /** Such as `wasi`. */
    namespace: string;
    /** Such as `keyvalue`. */
    package: string;
    /** Such as `["store", "atomics"]`. */
    interfaces: readonly string[];
  };

/** A link to be made. */
export type LinkSpec = LinkInterfaces & {
  /** The component that imports. */
  source: string;
  /** The component or provider that answers. */
  target: string;
  /** The link's name. Default `default`. */
  name?: string;
  /** Names of configs for the target. */
  config?: readonly string[];
};

/** A link to be removed. */
export type UnlinkSpec = LinkInterfaces & {
  /** The component that imports. */
  source: string;
  /** The link's name. Default `default`. */
  name?: string;
};

/** What a lattice keeps of a component: `COMPONENT_{id}` in LATTICEDATA. */
export interface ComponentSpec {
  /** The reference of its artifact. */
  url: string;
  /** The links it is the source of. */
  links: Link[];
}

/** The link that a spec means. */
export function linkOf(spec: LinkSpec): Link {
  const { namespace, packageName, interfaces } = interfacesOf(spec);
  if (spec.config !== undefined) checkList("config", "a list of names", spec.config);
  return {
    source_id: checkName("component id", spec.source),
    target: checkName("target id", spec.target),
    name: checkName("link name", spec.name ?? DEFAULT_LINK),
    wit_namespace: namespace,
    wit_package: packageName,
    interfaces,
    source_config: [],
    target_config: [...(spec.config ?? [])],
  };
}

/** The interfaces that a spec means: all of one package. */
export function interfacesOf(spec: LinkInterfaces): { namespace: string; packageName: string; interfaces: string[] } {
  if (!("interface" in spec)) {
    checkList("interface or interfaces", "names of interfaces", spec.interfaces);
    checkString("namespace", spec.namespace);
    checkString("package", spec.package);
    const parts = spec.interfaces.map((name) => parseInterface(`${spec.namespace}:${spec.package}/${name}`));
    return { namespace: spec.namespace, packageName: spec.package, interfaces: parts.map((part) => part.name) };
  }
  if (typeof spec.interface !== "string") checkList("interface", "an interface or a list of them", spec.interface);
  const parts = (typeof spec.interface === "string" ? [spec.interface] : spec.interface).map(parseInterface);
  const first = parts[0];
  if (first === undefined) throw new InvalidArgumentError("a link needs at least one interface");
  if (parts.some((part) => part.namespace !== first.namespace || part.package !== first.package)) {
    throw new InvalidArgumentError("the interfaces of one link belong to one package");
  }
  return { namespace: first.namespace, packageName: first.package, interfaces: parts.map((part) => part.name) };
}

/** The links of a source with one more: it replaces one with the same target. */
export function withLink(links: readonly Link[], link: Link): Link[] {
  const same = (other: Link): boolean =>
    other.name === link.name && other.wit_namespace === link.wit_namespace && other.wit_package === link.wit_package;
  const rival = links.find((other) =>
    same(other) && other.target !== link.target && other.interfaces.some((name) => link.interfaces.includes(name)));
  if (rival !== undefined) {
    throw new ConflictError(`${link.source_id} is linked to ${rival.target} already; unlink it first or name the link`);
  }
  return [...links.filter((other) => !(same(other) && other.target === link.target)), link];
}

/** The links of a source without those of a name that have an interface in common with `interfaces`. */
export function withoutLinks(
  links: readonly Link[], name: string, { namespace, packageName, interfaces }: ReturnType<typeof interfacesOf>,
): { kept: Link[]; removed: Link[] } {
  const goes = (link: Link): boolean =>
    link.name === name && link.wit_namespace === namespace && link.wit_package === packageName &&
    link.interfaces.some((each) => interfaces.includes(each));
  return { kept: links.filter((link) => !goes(link)), removed: links.filter(goes) };
}

/** The link by which a component's call of an imported interface goes. */
export function resolveLink(source: string, links: readonly Link[], instance: string, name = DEFAULT_LINK): Link {
  const key = linkKey(instance);
  const found = findLink(links, key, name);
  if (found === undefined) {
    const named = name === DEFAULT_LINK ? "no link" : `no link with the name ${name}`;
    throw new MissingLinkError(`${source} calls ${instance}, and ${named} leads from there: link ${source} to a target for ${key}`);
  }
  return found;
}

/** The link of a name for an interface, given as {@link linkKey} gives it. Of several, the later wins. */
export function findLink(links: readonly Link[], key: string, name: string): Link | undefined {
  return links.findLast((link) =>
    link.name === name && link.interfaces.some((each) => `${link.wit_namespace}:${link.wit_package}/${each}` === key));
}

/** Reads a spec of LATTICEDATA; what other programs wrote may lack what has a default. A link of other types is none. */
export function readSpec(text: string): ComponentSpec {
  const raw = JSON.parse(text) as Partial<ComponentSpec> | null;
  const links: unknown[] = Array.isArray(raw?.links) ? raw.links : [];
  return { url: typeof raw?.url === "string" ? raw.url : "", links: links.flatMap((link) => readLink(link) ?? []) };
}

function readLink(raw: unknown): Link | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const { source_id, target, wit_namespace, wit_package, interfaces, ...rest } = raw as Record<keyof Link, unknown>;
  const { name = DEFAULT_LINK, source_config = [], target_config = [] } = rest;
  const texts = [source_id, target, name, wit_namespace, wit_package];
  const lists = [interfaces, source_config, target_config];
  const fits = texts.every(isText) && lists.every((list) => Array.isArray(list) && list.every(isText));
  const link = { source_id, target, name, wit_namespace, wit_package, interfaces, source_config, target_config };
  return fits ? link as Link : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
