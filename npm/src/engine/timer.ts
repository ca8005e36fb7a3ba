/** What platforms' timers can do. */

/** The longest time that `setTimeout` takes, in milliseconds; longer ones it takes for none at all. */
export const LONGEST_TIMER = 2 ** 31 - 1;
