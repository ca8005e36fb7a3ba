// The lattice of this page and what the visitor does with it: starting, stopping, linking, sending requests, looking.

import { type ComponentSource, type Host, inspect as lookInto, type Inspection, type LinkCall } from "trellis-host";

import { idOf } from "./drop.ts";
import { Graph } from "./graph.ts";
import { inspect, needsServer, type Subject } from "./inspector.ts";
import { type Chosen, LimitsPanel } from "./limits.ts";
import { LinkBook } from "./links.ts";
import { componentCounts, hostCounts, MetricsPanel } from "./metrics.ts";
import { HOST, latticeOf } from "./model.ts";
import { RequestPanel } from "./request.ts";
import { isTrouble, reason, refusal, sentence } from "./sentences.ts";
import { plainName, type Server, serverOf } from "./serving.ts";
import { log } from "./stream.ts";
import { hostSubject, providerSubject } from "./subjects.ts";

const HANDLER = "wasi:http/incoming-handler";

/** How often the counts are looked at, in milliseconds. */
const LOOK = 1000;

/** What the page knows of a component, running or not. */
interface Known {
  source?: ComponentSource;
  inspection?: Inspection;
  panel?: RequestPanel;
  limits?: LimitsPanel;
  /** What it was last started with. */
  chosen?: Chosen;
  /** Why it does not run. */
  failure?: string;
}

/** Everything that the page does. */
export class Playground {
  readonly #graph = new Graph((id) => this.show(id));
  readonly #links = new LinkBook();
  readonly #known = new Map<string, Known>();
  readonly #starting = new Set<string>();
  readonly #metrics = new MetricsPanel();
  #host: Host | undefined;
  #shown = HOST;
  #message: Subject | undefined;
  #revealed = HOST;
  #frame: number | undefined;

  /** Takes the host when it has loaded. */
  open(host: Host): void {
    this.#host = host;
    void this.#follow(host);
    setInterval(() => this.#count(), LOOK);
    this.refresh();
  }

  /** Says that a component is on its way. */
  expect(id: string): void {
    this.#know(id);
    this.#starting.add(id);
    this.refresh();
  }

  /** Starts a component. Whether it runs then. */
  async start(id: string, source: ComponentSource): Promise<boolean> {
    this.#know(id, { source });
    this.expect(id);
    try {
      await this.#host?.startComponent({ id, source, ...this.#know(id).chosen });
      delete this.#know(id).failure;
      await this.#look(id);
      return true;
    } catch (error) {
      this.#know(id, { failure: reason(error) });
      await this.#look(id);
      return false;
    } finally {
      this.#starting.delete(id);
      this.refresh();
    }
  }

  /** Starts the component in a file and shows it. */
  async add(file: File): Promise<void> {
    const id = idOf(file.name, (taken) => this.#known.get(taken)?.failure === undefined && this.#known.has(taken));
    const bytes = new Uint8Array(await file.arrayBuffer());
    const why = refusal(file.name, bytes);
    if (why !== undefined) {
      log(new Date(), "file_refused", why, true);
      this.present({ title: file.name, note: why, failed: true });
      return;
    }
    this.show(id);
    await this.start(id, bytes);
  }

  /** Stops a component. It can be started again. */
  async stop(id: string): Promise<void> {
    await this.#host?.stopComponent(id);
    this.refresh();
  }

  /** The panel to send requests to a component with. */
  panel(id: string): RequestPanel {
    const known = this.#know(id);
    return (known.panel ??= new RequestPanel(async (path, init) => {
      if (!this.#host) throw new Error("The host is still loading. Try again in a moment.");
      this.#graph.bead(HOST, id);
      return this.#host.fetch(id, path, init).finally(() => this.#count());
    }));
  }

  /** A call goes over a link. */
  called({ source, target }: LinkCall): void {
    this.#graph.bead(source, target);
  }

  /** Shows a node in the inspector. */
  show(id: string): void {
    this.#shown = id;
    this.refresh();
  }

  /** Shows what is no node. */
  present(subject: Subject): void {
    this.#message = subject;
    this.show("");
  }

  /** Draws what has changed, with the next frame. */
  refresh(): void {
    if (this.#frame === undefined) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = undefined;
    this.#graph.show(latticeOf(this.#host?.inventory(), this.#starting, this.#links.all));
    this.#graph.mark(this.#shown);
    this.#count();
    const subject = this.#subject(this.#shown);
    if (subject) inspect(subject);
    if (this.#revealed !== this.#shown) this.#graph.reveal(this.#shown);
    this.#revealed = this.#shown;
  }

  /** Shows what has been counted by now of the node that is shown. */
  #count(): void {
    const metrics = this.#host?.metrics();
    if (metrics && this.#shown === HOST) this.#metrics.show(hostCounts(metrics));
    else this.#metrics.show(componentCounts(metrics?.components[this.#shown]));
  }

  #know(id: string, more: Known = {}): Known {
    const known = Object.assign(this.#known.get(id) ?? {}, more);
    this.#known.set(id, known);
    return known;
  }

  /** Learns what a component imports and exports. One that does not run may still tell. */
  async #look(id: string): Promise<void> {
    const { source } = this.#know(id);
    const bytes = source instanceof Uint8Array ? source : undefined;
    const inspection = this.#host?.hasComponent(id) ? this.#host.inspection(id) : bytes && await lookInto(bytes).catch(() => undefined);
    if (inspection) this.#know(id, { inspection });
    if (inspection?.exports.some(({ name }) => plainName(name) === HANDLER)) this.panel(id);
  }

  async #follow(host: Host): Promise<void> {
    for await (const event of host.events()) {
      this.#links.note(event);
      log(new Date(event.time), event.name, sentence(event), isTrouble(event));
      this.refresh();
    }
  }

  #subject(id: string): Subject | undefined {
    const host = this.#host;
    if (id === "") return this.#message;
    if (this.#known.has(id)) return this.#component(id, this.#know(id));
    if (host && id === HOST) return { ...hostSubject(host), metrics: this.#metrics };
    return host && providerSubject(id, host.inventory(), this.#links.all);
  }

  #component(id: string, { source, failure, panel, chosen, inspection }: Known): Subject {
    const running = this.#host?.hasComponent(id) ?? false;
    const again = source && failure === undefined && !this.#starting.has(id) ? { label: "Start", run: () => void this.start(id, source) } : undefined;
    const shown = running || this.#starting.has(id);
    const missing = running ? this.#missing(id, inspection) : [];
    return {
      title: id,
      ...this.#state(id, running, failure, missing),
      panel: shown ? panel : undefined,
      metrics: shown ? this.#metrics : undefined,
      // One that was refused for its limits can be given others.
      limits: running || chosen ? this.#limits(id) : undefined,
      inspection,
      serverOf: (name) => this.#serverOf(id, name),
      link: (name, target) => void this.#link(id, name, target),
      action: running ? { label: "Stop", run: () => void this.stop(id) } : again,
    };
  }

  #limits(id: string): LimitsPanel {
    const known = this.#know(id);
    const limits = this.#host?.inventory().components.find((each) => each.id === id)?.limits;
    const panel = (known.limits ??= new LimitsPanel((chosen) => void this.#startAnew(id, chosen)));
    panel.show(limits);
    return panel;
  }

  async #startAnew(id: string, chosen: Chosen): Promise<void> {
    const { source } = this.#know(id, { chosen });
    if (source === undefined) return;
    if (this.#host?.hasComponent(id)) await this.stop(id);
    await this.start(id, source);
  }

  #state(id: string, running: boolean, failure: string | undefined, missing: string[]): Pick<Subject, "note" | "failed"> {
    if (failure !== undefined && !running) return { note: `${id} does not run. ${failure}`, failed: true };
    if (this.#starting.has(id)) return { note: this.#host ? `${id} is starting.` : "The host is loading; this component starts next." };
    if (!running) return { note: `${id} was stopped.` };
    if (missing.length === 0) return { note: "A component that runs on this tab's host." };
    const what = missing.length === 1 ? String(missing[0]) : `${missing.slice(0, -1).join(", ")} and ${String(missing.at(-1))}`;
    return { note: `A component that runs on this tab's host. It imports ${what}, and nothing serves ${missing.length === 1 ? "it" : "them"} yet.` };
  }

  #missing(id: string, inspection: Inspection | undefined): string[] {
    const needed = inspection?.imports.filter(needsServer) ?? [];
    return needed.filter(({ name }) => this.#serverOf(id, name).by === "nobody").map(({ name }) => plainName(name));
  }

  #serverOf(id: string, name: string): Server {
    const exports = new Map([...this.#known].map(([each, { inspection }]) => [each, inspection?.exports.map((one) => one.name) ?? []]));
    const inventory = this.#host?.inventory();
    return inventory ? serverOf(id, name, this.#links.all, inventory, exports) : { by: "nobody", candidates: [] };
  }

  async #link(source: string, name: string, target: string): Promise<void> {
    // What cannot be linked is told by an event.
    await this.#host?.link({ source, target, interface: plainName(name) }).catch(() => undefined);
  }
}
