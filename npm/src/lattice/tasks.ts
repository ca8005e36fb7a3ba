/** What a member has given away to be done, until it is done or given up. */

import { AbortedError, toWire } from "../errors.js";
import type { Tell } from "./core.js";

/** Tasks under way. */
export class Tasks {
  readonly #tell: Tell;
  readonly #running = new Map<number, AbortController>();

  /** Tells the member what comes of them. */
  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Does a task. It may tell the claims of what it has loaded. */
  run(task: number, work: (signal: AbortSignal) => Promise<string | undefined>): void {
    const controller = new AbortController();
    this.#running.set(task, controller);
    void work(controller.signal).then(
      (claims) => this.#running.delete(task) && this.#tell((member) => member.done(task, claims)),
      (error: unknown) => this.#running.delete(task) && this.#tell((member) => member.failed(task, toWire(error))),
    );
  }

  /** Gives a task up. The member does not want to hear of its end. */
  abort(task: number): void {
    const controller = this.#running.get(task);
    this.#running.delete(task);
    controller?.abort(new AbortedError("the host gave it up"));
  }
}
