// How times are taken: rounds of many calls, the sides alternating A B A B, so that a busy moment of the machine falls
// on all of them; the median of the rounds is the figure. Works in Node and in browsers.

/**
 * Rounds per side, milliseconds that a round lasts, milliseconds of warm-up. Rounds are short, so that on a busy machine
 * most of them are not interrupted.
 */
const usual = { rounds: 151, roundMs: 4, warmMs: 500, most: Infinity };

/**
 * Times functions that do one unit of work each, `sides` by name. Answers microseconds per call by name.
 * `most` bounds the calls of a round; `between` runs before each round, outside of the time taken.
 */
export async function compare(sides, options = {}) {
  const { rounds, roundMs, warmMs, most, between = () => {} } = { ...usual, ...options };
  const batches = {};
  for (const [name, work] of Object.entries(sides)) {
    const each = await warm(work, warmMs, Math.min(most, 100), between);
    batches[name] = Math.max(1, Math.min(most, Math.round(roundMs / each)));
  }
  const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(sides)) {
      await between();
      times[name].push(((await batch(work, batches[name])) / batches[name]) * 1000);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

/** The middle value; of an even count, the upper of the two in the middle. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** What equal factors in place of some would be. */
export function geometricMean(factors) {
  return Math.exp(factors.reduce((sum, factor) => sum + Math.log(factor), 0) / factors.length);
}

/** Runs for a while; answers milliseconds per call of the last batch. */
async function warm(work, milliseconds, size, between) {
  const end = performance.now() + milliseconds;
  let each;
  do {
    await between();
    each = (await batch(work, size)) / size;
  } while (performance.now() < end);
  return each;
}

/** Milliseconds for so many calls. Only calls that answer late are awaited, so that the others pay for no promise. */
async function batch(work, calls) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) {
    const late = work();
    if (late !== undefined) await late;
  }
  return performance.now() - start;
}
