/** Hostile guests in the pool's workers. */

import { testGuests } from "./hostile/guests.js";

testGuests("worker");
