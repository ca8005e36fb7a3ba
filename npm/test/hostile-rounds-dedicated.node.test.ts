/** What hostile guests in a worker of their own leave behind. */

import { testRounds } from "./hostile/rounds.js";

testRounds("dedicated");
