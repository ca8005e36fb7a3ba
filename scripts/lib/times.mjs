// Where the time of the tests goes: `npm test -- --times` tells which files and tests of each suite took longest.
const most = 20;

/** The lines of a report on outcomes `{ file, place, name, time }`; `place` is the file and how it was run. */
export function slowest(outcomes) {
  const timed = outcomes.filter(({ time }) => time !== undefined);
  const files = new Map();
  for (const { file, place = file, time } of timed) files.set(place, (files.get(place) ?? 0) + time);
  return [...table([...files]), "", ...table(timed.map(({ name, time }) => [name, time]))].join("\n");
}

function table(rows) {
  const sorted = rows.sort(([, a], [, b]) => b - a).slice(0, most);
  return sorted.map(([name, time]) => `${(time / 1000).toFixed(1).padStart(8)} s  ${name}`);
}
