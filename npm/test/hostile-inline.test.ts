/** Hostile guests on the host's own thread. */

import { testGuests } from "./hostile/guests.js";

testGuests("inline");
