/** What hostile guests on the host's own thread leave behind. */

import { testRounds } from "./hostile/rounds.js";

testRounds("inline");
