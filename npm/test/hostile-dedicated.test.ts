/** Hostile guests in a worker of their own. */

import { testGuests } from "./hostile/guests.js";

testGuests("dedicated");
