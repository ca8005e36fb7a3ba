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

/**
 * Times functions as `compare` does, but answers how many times as long as the first each takes: the median over the
 * rounds, each of which has its own ratio, since what slows one down slows its neighbours too. Who begins takes turns.
 */
export function ratios(sides, { rounds, roundMs, warmMs }) {
  const works = Object.values(sides);
  const calls = Math.max(1, Math.round(roundMs / Math.max(...works.map((work) => warmUp(work, warmMs)))));
  const times = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < works.length; turn++) {
      const side = (turn + round) % works.length;
      const start = performance.now();
      for (let call = 0; call < calls; call++) works[side]();
      times[side].push(performance.now() - start);
    }
  }
  const ratio = (side) => median(times[side].map((time, round) => time / times[0][round]));
  return Object.fromEntries(Object.keys(sides).map((name, side) => [name, ratio(side)]));
}

/** Runs for a while; answers milliseconds per call. */
function warmUp(work, milliseconds) {
  const start = performance.now();
  let calls = 0;
  do {
    work();
    calls++;
  } while (performance.now() < start + milliseconds);
  return (performance.now() - start) / calls;
}

/** The middle value; of an even count, the upper of the two in the middle. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/**
 * The medians of what several processes or pages have answered, objects with the same keys: the compiler of an engine does
 * not decide alike in each.
 */
export function medians(answers) {
  if (typeof answers[0] === "number") return median(answers);
  return Object.fromEntries(Object.keys(answers[0]).map((key) => [key, medians(answers.map((answer) => answer[key]))]));
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
