// The figures that Trellis sets itself, and the rows that results make of them. A row holds plain numbers in its unit:
// `trellis`, `jco` (the other side of the same run), and what to reach: `atMost` or `atLeast` that much, at least `times`
// better than jco. A row with nothing to reach is there to be known.

const places = { node: "Node 26", chromium: "Chromium" };

/** Figures taken from the suite, on both platforms. `scale` turns what is measured into the unit. */
const shared = [
  { key: "live", title: "HTTP hello call on a live instance", unit: "µs", scale: 1, times: 8, atMost: { node: 15 } },
  { key: "fresh", title: "HTTP hello call with fresh state", unit: "ms", scale: 1e-3, times: 10, atMost: 0.1 },
  { key: "renewed", title: "HTTP hello call with a new instance", unit: "ms", scale: 1e-3, times: 3, atMost: 0.4 },
  { key: "get", title: "key-value host call: `get`", unit: "µs", scale: 1, atMost: 1.5 },
  { key: "increment", title: "key-value host call: `increment`", unit: "µs", scale: 1, atMost: 1.5 },
  { key: "idle", title: "JavaScript heap of an idle instance", unit: "KiB", scale: 1 / 1024, atMost: 32 },
];

/** All rows: results are what run.mjs gathers; what is missing in them stays undefined in the row. */
export function rows({ node, chromium, pool, deadline, kill, many, idle, start, core, firstAnswer, hostile, calls, life }) {
  const suites = { node, chromium };
  const platform = (place) => [
    ...shared.map((figure) => suiteRow(figure, place, suites[place].results)),
    ...costRows(place, suites[place].results.cpu),
  ];
  const size = `${Math.round(start.bytes / 1024)} KiB`;
  return [
    ...platform("node"),
    ...platform("chromium"),
    ...poolRows(pool),
    ...deadlineRows(deadline),
    ...killRows(kill),
    ...manyRows(many, idle),
    startRow(`compile + start of a component of ${size}, first in its process`, start, "first"),
    startRow(`compile + start of a component of ${size}, later ones`, start, "later"),
    row({ title: "core wasm, brotli", place: "download", unit: "kB", trellis: core && core.brotli / 1000, atMost: 450 }),
    row({ title: "first answer after opening the page, CPU slowed 4x", place: "Chromium", unit: "s", trellis: firstAnswer, atMost: 1.5 }),
    ...hostileRows(hostile),
    ...callRows(calls),
    ...lifeRows(life),
  ];
}

/** What the rewriting costs each job of the guest that computes: `{ job, place, plain, fuel }` in per cent. */
export function jobs({ node, chromium }) {
  return Object.entries({ node, chromium }).flatMap(([place, { results }]) => {
    const { plain, fuel } = results.cpu;
    const all = { job: "all (geometric mean)", place: places[place], plain: plain.all, fuel: fuel.all };
    const each = Object.keys(plain.jobs).map((job) => ({ ...all, job, plain: plain.jobs[job], fuel: fuel.jobs[job] }));
    return [...each, all];
  });
}

function costRows(place, { plain, fuel }) {
  const cost = { place: places[place], unit: "%" };
  return [
    row({ ...cost, title: "cost of the rewriting pass, without fuel", trellis: plain.all, atMost: 3 }),
    row({ ...cost, title: "cost of the rewriting pass, with fuel", trellis: fuel.all, atMost: 10 }),
  ];
}

function poolRows(pool) {
  const calls = { place: places.node, unit: "calls/s" };
  return [
    row({ ...calls, title: "HTTP hello with fresh state through the pool, 32 in flight", trellis: pool?.fresh, atLeast: 12_000 }),
    row({ ...calls, title: "HTTP hello on a reused instance through the pool, 32 in flight", trellis: pool?.reuse, atLeast: 25_000 }),
    row({ ...calls, title: "the same with fresh state in a dedicated worker", trellis: pool?.dedicated }),
    row({ ...calls, title: "the same with fresh state inline", trellis: pool?.inline }),
    row({ ...calls, title: "the same with fresh state through the pool by `host.fetch`", trellis: pool?.fetch }),
  ];
}

function deadlineRows(deadline) {
  const after = { place: places.node, unit: "ms" };
  const title = "a spinning guest with a deadline of 100 ms";
  return [
    row({ title: `${title}: failed within 200 ms`, place: places.node, unit: "of 100", trellis: deadline?.inTime, atLeast: 99 }),
    row({ ...after, title: `${title}: time until it fails, median`, trellis: deadline?.p50 }),
    row({ ...after, title: `${title}: 99 of 100 within`, trellis: deadline?.p99 }),
    row({ ...after, title: `${title}: longest`, trellis: deadline?.max }),
  ];
}

function killRows(kill) {
  const after = { place: places.node, unit: "ms" };
  const title = "a worker is ended for a stuck guest: time until the spare one answers";
  return [
    row({ ...after, title: `${title}, median`, trellis: kill?.median }),
    row({ ...after, title: `${title}, longest of ${kill?.kills ?? 12}`, trellis: kill?.worst, atMost: 50 }),
  ];
}

function manyRows(many, idle) {
  const page = { place: places.chromium, unit: "MB" };
  const title = "1,000 components on one page, called once, idle";
  return [
    row({ ...page, title: `${title}: memory beside the compiled code`, trellis: idle && idle.bytes / 1e6, atMost: 100 }),
    row({ ...page, title: `${title}: the compiled code`, trellis: idle && idle.code / 1e6 }),
    row({ ...page, title: `${title}: starting and calling`, unit: "s", trellis: idle?.seconds }),
    row({ title: "10,000 components started and called once", place: places.node, unit: "s", trellis: many?.seconds }),
    row({ title: "the same: memory with the code", place: places.node, unit: "MB", trellis: many && many.bytes / 1e6 }),
  ];
}

function suiteRow({ key, title, unit, scale, atMost, times }, place, results) {
  const bound = typeof atMost === "object" ? atMost[place] : atMost;
  const scaled = (side) => results[key][side] && results[key][side] * scale;
  return row({ title, place: places[place], unit, trellis: scaled("trellis"), jco: scaled("jco"), atMost: bound, times });
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

/** Calls by wRPC over NATS, beside a null responder that took turns with Trellis. */
function callRows({ many, one } = {}) {
  const part = (side) => many && (many[side] / many.null) * 100;
  const over = (side) => one && one[side] - one.null;
  const throughput = "HTTP hello over NATS, 32 in flight";
  const latency = "HTTP hello over NATS, one after the other, median";
  const share = { place: places.node, unit: "% of the null responder" };
  const beyond = { place: places.node, unit: "ms above the null responder", atMost: 0.3 };
  return [
    row({ title: `${throughput}: the null responder`, place: places.node, unit: "calls/s", trellis: many?.null }),
    row({ ...share, title: `${throughput}, on a reused instance`, trellis: part("reuse"), atLeast: 80 }),
    row({ ...share, title: `${throughput}, with fresh state`, trellis: part("fresh"), atLeast: 65 }),
    row({ title: `${latency}: the null responder`, place: places.node, unit: "ms", trellis: one?.null }),
    row({ ...beyond, title: `${latency}, on a reused instance`, trellis: over("reuse") }),
    row({ ...beyond, title: `${latency}, with fresh state`, trellis: over("fresh") }),
  ];
}

function lifeRows({ up, scaled, full, idle, growth } = {}) {
  const after = { place: places.node, unit: "ms" };
  const scale = "command to `component_scaled`, a component of 217 KiB from file";
  return [
    row({ ...after, title: `${scale}, first in its process`, trellis: scaled?.first, atMost: 100 }),
    row({ ...after, title: `${scale}, the next`, trellis: scaled?.later, atMost: 100 }),
    row({ ...after, title: "`trellis-host up`: start of the process to its first answer to a ping", trellis: up, atMost: 500 }),
    row({ ...after, title: "1,000 links and 200 components in the buckets: start of a host until it is ready", trellis: full, atMost: 1000 }),
    row({ title: "a host with nothing to do, for 30 s", place: places.node, unit: "% of a core", trellis: idle, atMost: 1 }),
    row({ title: "growth of its heap in 1,000 heartbeats", place: places.node, unit: "KiB", trellis: growth && growth / 1024, atMost: 64 }),
  ];
}

/** Adds the ratio, and whether the row reaches what it is to reach: undefined while Trellis' number is missing. */
function row(figure) {
  const { trellis, jco, atMost = Infinity, atLeast = -Infinity, times = 0 } = figure;
  if (trellis === undefined) return figure;
  const ratio = jco && jco / trellis;
  return { ...figure, ratio, met: trellis <= atMost && trellis >= atLeast && (ratio ?? Infinity) >= times };
}
