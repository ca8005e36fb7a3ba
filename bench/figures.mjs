// The figures that Trellis sets itself, and the rows that results make of them. A row holds plain numbers in its unit:
// `trellis`, `jco` (the other side of the same run), and what to reach: `atMost` that much, `atLeast` so many times jco.

const places = { node: "Node 26", chromium: "Chromium" };

/** Figures taken from the suite, on both platforms. `scale` turns what is measured into the unit. */
const shared = [
  { key: "live", title: "HTTP hello call on a live instance", unit: "µs", scale: 1, atLeast: 8, atMost: { node: 15 } },
  { key: "fresh", title: "HTTP hello call with a new instance", unit: "ms", scale: 1e-3, atLeast: 3, atMost: 0.4 },
  { key: "get", title: "key-value host call: `get`", unit: "µs", scale: 1, atMost: 1.5 },
  { key: "increment", title: "key-value host call: `increment`", unit: "µs", scale: 1, atMost: 1.5 },
  { key: "idle", title: "JavaScript heap of an idle instance", unit: "KiB", scale: 1 / 1024, atMost: 32 },
];

/** All rows: results are what run.mjs gathers; what is missing in them stays undefined in the row. */
export function rows({ node, chromium, start, core, firstAnswer, hostile }) {
  const suites = { node, chromium };
  const platform = (place) => shared.map((figure) => suiteRow(figure, place, suites[place].results));
  const size = `${Math.round(start.bytes / 1024)} KiB`;
  return [
    ...platform("node"),
    ...platform("chromium"),
    startRow(`compile + start of a component of ${size}, first in its process`, start, "first"),
    startRow(`compile + start of a component of ${size}, later ones`, start, "later"),
    row({ title: "core wasm, brotli", place: "download", unit: "kB", trellis: core && core.brotli / 1000, atMost: 450 }),
    row({ title: "first answer after opening the page, CPU slowed 4x", place: "Chromium", unit: "s", trellis: firstAnswer, atMost: 1.5 }),
    ...hostileRows(hostile),
  ];
}

function suiteRow({ key, title, unit, scale, atMost, atLeast }, place, results) {
  const bound = typeof atMost === "object" ? atMost[place] : atMost;
  const scaled = (side) => results[key][side] && results[key][side] * scale;
  return row({ title, place: places[place], unit, trellis: scaled("trellis"), jco: scaled("jco"), atMost: bound, atLeast });
}

function startRow(title, { trellis, jco }, key) {
  return row({ title, place: places.node, unit: "ms", trellis: trellis?.[key], jco: jco[key], atMost: 60 });
}

/** What is asked for is how much longer calls take than when all is quiet. */
function hostileRows({ quiet, beside, after } = {}) {
  const title = "99th percentile of HTTP hello through workers";
  const times = (part) => part && part.p99 / quiet.p99;
  return [
    row({ title: `${title}, nobody else there`, place: places.node, unit: "ms", trellis: quiet?.p99 }),
    row({ title: `${title}, 50 hostile guests beside it: times the quiet value`, place: places.node, unit: "x", trellis: times(beside), atMost: 5 }),
    row({ title: `${title}, after they are gone: times the quiet value`, place: places.node, unit: "x", trellis: times(after), atMost: 1.2 }),
  ];
}

/** Adds the ratio, and whether the row reaches what it is to reach: undefined while Trellis' number is missing. */
function row(figure) {
  const { trellis, jco, atMost = Infinity, atLeast = 0 } = figure;
  if (trellis === undefined) return figure;
  const ratio = jco && jco / trellis;
  return { ...figure, ratio, met: trellis <= atMost && (ratio ?? Infinity) >= atLeast };
}
