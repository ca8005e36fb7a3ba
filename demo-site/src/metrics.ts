// Shows what is counted of a component, or of the host: figures in rows, and in a sentence what went wrong.

import type { ComponentMetrics, HostMetrics } from "trellis-host";

import { h } from "./dom.ts";

type Figure = [name: string, value: number];

/** What the panel shows. */
export interface Counts {
  rows: [title: string, ...figures: Figure[]][];
  notes: Note[];
}

/** A sentence; a bad one is about failures. */
export interface Note {
  text: string;
  bad: boolean;
}

/** The panel. It outlives redraws of the inspector, and changes nothing that has not changed. */
export class MetricsPanel {
  /** The panel's element. */
  readonly element = h("section.metrics");
  #shown = "";

  /** Shows these counts. */
  show(counts: Counts): void {
    const text = JSON.stringify(counts);
    if (text === this.#shown) return;
    this.#shown = text;
    this.element.replaceChildren(...counts.rows.flatMap(row), ...counts.notes.map(note));
  }
}

/** What is counted of a component; zeros where it does not run yet. */
export function componentCounts(metrics: ComponentMetrics = { calls: 0, failures: {}, limits: {}, inFlight: 0, waiting: 0 }): Counts {
  const { calls, inFlight, waiting, failures, limits } = metrics;
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return { rows: [["Calls", ["made", calls], ["at work", inFlight], ["waiting", waiting], ["failed", failed]]], notes: troubles(failures, limits) };
}

/** What is counted of the host. */
export function hostCounts({ calls, instances, workers, streams, failures, limits }: HostMetrics): Counts {
  return {
    rows: [
      ["Calls", ["made", calls.begun], ["at work", calls.inFlight], ["waiting", calls.waiting], ["failed", calls.failed]],
      ["Instances", ["live", instances.live], ["idle", instances.idle], ["made", instances.created], ["restored", instances.restored]],
      ["Workers", ["live", workers.live], ["spare", workers.spare], ["started", workers.started], ["lost", workers.lost]],
    ],
    notes: [{ text: openStreams(streams.open), bad: false }, ...troubles(failures, limits)],
  };
}

function troubles(failures: Record<string, number>, limits: Record<string, number>): Note[] {
  const notes = [...trouble("Failed", failures), ...trouble("Limits that struck", limits)];
  return notes.length > 0 ? notes : [{ text: "Nothing has failed, and no limit has struck.", bad: false }];
}

function trouble(what: string, counts: Record<string, number>): Note[] {
  const each = Object.entries(counts).map(([name, count]) => `${name} ${count === 1 ? "once" : `${count} times`}`);
  return each.length > 0 ? [{ text: `${what}: ${each.join(", ")}.`, bad: true }] : [];
}

function openStreams(count: number): string {
  if (count === 0) return "No stream is open.";
  return count === 1 ? "One stream is open." : `${count} streams are open.`;
}

function row([title, ...figures]: Counts["rows"][number]): HTMLElement[] {
  const cells = figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value.toLocaleString("en"))));
  return [h("h3", {}, title), h("dl.figures", {}, ...cells)];
}

function note({ text, bad }: Note): HTMLElement {
  return h(bad ? "p.bad" : "p.muted", {}, bad ? `✕ ${text}` : text);
}
