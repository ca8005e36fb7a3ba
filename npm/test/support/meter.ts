/** A meter for engines without a host. */

import { LimitError } from "../../src/errors.js";
import type { Meter } from "../../src/host/meter.js";

const nothing = (): void => undefined;

/** Counts nothing. */
export const uncounted: Meter = {
  struck: (_component, limit, detail) => new LimitError(detail, { limit }),
  queued: nothing,
  release: nothing,
  dequeued: nothing,
  open: nothing,
  closed: nothing,
};
