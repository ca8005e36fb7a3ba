/** What hostile guests in the pool's workers leave behind. */

import { testRounds } from "./hostile/rounds.js";

testRounds("worker");
