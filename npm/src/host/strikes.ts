/** Tells of limits that strike: of each limit of a component at once, and then, after a pause, of all that came meanwhile. */

/** A limit that has struck, with the field names of the lattice. */
export interface Strike {
  component_id: string;
  /** The name of the option that sets the limit. */
  limit: string;
  /** What it meant, the last time. */
  detail: string;
  /** How often, since it was last told of. */
  count: number;
}

/** Tells of strikes. */
export class Strikes {
  readonly #publish: (strike: Strike) => void;
  readonly #pause: number;
  /** What has struck since it was last told of, and the timers that will tell of it. */
  readonly #pauses = new Map<string, { strike: Strike; timer: ReturnType<typeof setTimeout> }>();
  #closed = false;

  /** Tells `publish`. Between two tellings of a limit of a component are so many milliseconds. */
  constructor(publish: (strike: Strike) => void, pause = 1000) {
    this.#publish = publish;
    this.#pause = pause;
  }

  /** A limit of a component has struck. */
  add(component_id: string, limit: string, detail: string): void {
    if (this.#closed) return;
    const key = `${limit} ${component_id}`;
    const pause = this.#pauses.get(key);
    // Not from within the engine's own callback.
    if (pause === undefined) return queueMicrotask(this.#paused(key, { component_id, limit, detail, count: 1 }));
    pause.strike.count++;
    pause.strike.detail = detail;
  }

  /** Tells what has not been told, and leaves no timer behind. */
  close(): void {
    this.#closed = true;
    this.#pauses.forEach(({ strike, timer }) => {
      clearTimeout(timer);
      this.#tell(strike);
    });
    this.#pauses.clear();
  }

  /** Begins a pause. Returns what tells of the strike that it begins with. */
  #paused(key: string, strike: Strike): () => void {
    const timer = setTimeout(() => this.#over(key), this.#pause);
    // It is no reason to keep a process alive.
    (timer as { unref?: () => void }).unref?.();
    this.#pauses.set(key, { strike: { ...strike, count: 0 }, timer });
    return () => this.#tell(strike);
  }

  #over(key: string): void {
    const strike = this.#pauses.get(key)?.strike;
    this.#pauses.delete(key);
    if (strike !== undefined && strike.count > 0) this.#paused(key, strike)();
  }

  #tell(strike: Strike): void {
    if (strike.count === 0) return;
    try {
      this.#publish(strike);
    } catch {
      // The bus is gone, and with it whoever could be told.
    }
  }
}
