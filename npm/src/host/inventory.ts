/** What a host tells of itself. */

import type { Isolation } from "../engine/pool.js";

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
  /** The components. */
  components: {
    id: string;
    /** Where it came from; empty where that was bytes. */
    reference: string;
    isolation: Isolation;
    /** How many calls may be at work; `null` for any number. */
    maxInstances: number | null;
  }[];
  /** The providers, built-in ones among them. */
  providers: {
    id: string;
    interfaces: string[];
  }[];
}
