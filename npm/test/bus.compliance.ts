/**
 * What every carrier of a lattice must do: the tests of the interface `Bus` (`src/bus.ts`), for any implementation.
 * The reference for doubtful cases is nats-server with JetStream; the suite passes against it.
 */

import { describe } from "node:test";

import { bucketTests } from "./compliance/bucket.js";
import { closingTests } from "./compliance/closing.js";
import { groupTests } from "./compliance/groups.js";
import { headerTests } from "./compliance/headers.js";
import { requestTests } from "./compliance/requests.js";
import { subjectTests } from "./compliance/subjects.js";
import type { MakeBus } from "./compliance/support.js";
import { watchTests } from "./compliance/watch.js";

/** Declares the tests. `makeBus` makes a bus of its own for each; they may be connected to one lattice. */
export function busCompliance(name: string, makeBus: MakeBus): void {
  describe(name, () => {
    subjectTests(makeBus);
    groupTests(makeBus);
    requestTests(makeBus);
    headerTests(makeBus);
    closingTests(makeBus);
    bucketTests(makeBus);
    watchTests(makeBus);
  });
}
