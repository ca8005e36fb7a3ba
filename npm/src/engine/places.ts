/**
 * The places where the engines of a host run, and which component belongs where. Those that are trusted share the workers
 * of the pool, and nobody is beside them whom they have to fear. Newcomers have one worker together, suspects another.
 * Components that keep state are in one of the shared ones from the start: state cannot move, and who asks to have it kept
 * trusts the code. Where guests block their workers, newcomers are, too: no call there is beside another that might cost it
 * its worker, and a single one that waits would keep all of them from being served.
 */

import type { Call } from "./call.js";
import type { Lane } from "./lane.js";
import type { RunningEngine } from "./running.js";
import { EngineSlot } from "./slot.js";

/** The places of a host's engines. */
export class Places {
  readonly #shared: EngineSlot[];
  readonly #suspects: EngineSlot;
  readonly #inline: EngineSlot;
  readonly #forWorkers: () => EngineSlot;
  readonly #blocks: boolean;
  #newcomers: EngineSlot;

  /**
   * Places without engines: so many are shared, whose engines hold so many memories, and are given by `take`. `blocks` says
   * whether guests block their workers.
   */
  constructor(size: number, memories: number, blocks: boolean, take: (kind: "worker" | "inline", slot: EngineSlot) => RunningEngine) {
    this.#blocks = blocks;
    this.#forWorkers = () => new EngineSlot(memories, (slot) => take("worker", slot));
    this.#shared = Array.from({ length: size }, this.#forWorkers);
    this.#suspects = this.#forWorkers();
    this.#newcomers = this.#forWorkers();
    this.#inline = new EngineSlot(memories, (slot) => take("inline", slot));
  }

  /** Puts a component where it belongs. Whether that is another place than before. */
  settle(lane: Lane): boolean {
    const { slot: old } = lane;
    const slot = this.#placeOf(lane);
    if (slot === old) return false;
    if (slot === undefined && old !== undefined) this.#share(old, lane);
    this.leave(lane);
    lane.slot = slot;
    if (slot !== undefined) slot.lanes++;
    return true;
  }

  /** A component is not in its place any more. */
  leave({ slot }: Lane): void {
    if (slot !== undefined) slot.lanes--;
  }

  /** A place whose engine can load a component. */
  home({ slot }: Lane): EngineSlot {
    return slot ?? this.#leastLoaded() ?? (this.#shared[0] as EngineSlot);
  }

  /** The place for a call, where there is one now. */
  find(lane: Lane, call: Call): EngineSlot | undefined {
    const { slot: place } = lane;
    // Newcomers that take long (an open stream, say) hold up no others: those are better off with a risk than unserved.
    if (place !== undefined && (place !== this.#newcomers || place.hasRoom(call))) {
      place.start();
      return place.admits(call) ? place : undefined;
    }
    // On top of a thread that waits for it, where that is blocked: the others may be so for long.
    for (let parent = call.parent; this.#blocks && parent !== undefined; parent = parent.parent) {
      const { slot } = parent;
      if (slot !== undefined && this.#shared.includes(slot) && slot.admits(call)) return slot;
    }
    const best = this.#leastLoaded(call);
    if (best?.ready === true && best.working === 0) return best;
    // All are busy: one more, which is used as soon as it is ready.
    this.#shared.find((slot) => slot.engine === undefined)?.start();
    return this.#leastLoaded(call);
  }

  /** Of the places for a call that has no room in them, the one to be kept for it: as before, or the one that is emptiest. */
  toKeep({ slot }: Lane, call: Call): EngineSlot | undefined {
    const places = slot === undefined ? this.#shared.filter(({ engine }) => engine !== undefined) : [slot];
    const before = places.find(({ bound }) => bound === call.kept);
    if (before !== undefined) return before;
    const full = places.filter((place) => !place.bound.isKept && !place.hasRoom(call));
    return full.sort((one, other) => one.bound.working - other.bound.working)[0];
  }

  /** The engines that may take calls of a component. */
  engines({ slot }: Lane): RunningEngine[] {
    return (slot === undefined ? this.#shared : [slot]).flatMap(({ engine }) => engine ?? []);
  }

  /** Whether a place is for one component alone. */
  isOwn(slot: EngineSlot): boolean {
    return slot !== this.#inline && slot !== this.#newcomers && slot !== this.#suspects && !this.#shared.includes(slot);
  }

  #placeOf(lane: Lane): EngineSlot | undefined {
    const { isolation, keeps, slot, trust: { standing } } = lane;
    if (isolation === "inline") return this.#inline;
    if (isolation === "dedicated") return slot ?? this.#forWorkers();
    if (standing === "suspected") return this.#suspects;
    if (!keeps) return standing === "trusted" || this.#blocks ? undefined : this.#newcomers;
    // Among suspects it stays until its state is lost anyway.
    if (slot !== undefined && (slot !== this.#suspects || slot.engine !== undefined)) return slot;
    return this.#shared.reduce((least, each) => (each.lanes < least.lanes ? each : least));
  }

  /** Who is trusted and was alone among newcomers takes their worker along, which is warm, where there are few others. */
  #share(slot: EngineSlot, lane: Lane): void {
    const alone = slot === this.#newcomers && slot.lanes === 1 && slot.working === lane.inFlight;
    const index = this.#shared.findIndex(({ engine, lanes }) => engine === undefined && lanes === 0);
    if (!alone || index < 0) return;
    this.#shared[index] = slot;
    this.#newcomers = this.#forWorkers();
  }

  /** Whether a place is the only one of several shared ones without heavy calls. It stays so. */
  #isLastLight(slot: EngineSlot): boolean {
    return this.#shared.length > 1 && slot.heavy === 0 && this.#shared.every((each) => each === slot || each.heavy > 0);
  }

  /** Of the shared places with an engine, the one with the fewest calls, those that are ready before others. */
  #leastLoaded(call?: Call): EngineSlot | undefined {
    const heavy = call?.nested === false && call.deployment.artifact.trust.heavy;
    let best: EngineSlot | undefined;
    for (const slot of this.#shared) {
      if (slot.engine === undefined || (call !== undefined && !slot.admits(call)) || (heavy && this.#isLastLight(slot))) continue;
      if (best === undefined || slot.isBefore(best)) best = slot;
    }
    return best;
  }
}
