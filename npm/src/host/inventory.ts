/** What a host tells of itself. */

import type { Isolation } from "../engine/isolation.js";
import type { ComponentLimits, HostLimits } from "./limits.js";

/** A host with what runs on it. */
export interface Inventory {
  /** The host's id. */
  hostId: string;
  /** What people call it. */
  friendlyName: string;
  /** The lattice it belongs to. */
  lattice: string;
  /** The version of its software. */
  version: string;
  /** What it has to offer. */
  labels: Readonly<Record<string, string>>;
  /** How long it has run. */
  uptimeSeconds: number;
  /** What all components together may take, `null` for no limit. */
  limits: Required<HostLimits>;
  /** The components. */
  components: {
    id: string;
    /** Where it came from; empty where that was bytes. */
    reference: string;
    isolation: Isolation;
    /** Its limits, `null` for none; the deadline is in milliseconds. */
    limits: Required<ComponentLimits> & { deadline: number | null };
  }[];
  /** The providers, built-in ones among them. */
  providers: {
    id: string;
    interfaces: string[];
  }[];
}
