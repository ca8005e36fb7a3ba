/**
 * `node:test` in a page: the part of it that our tests use. Tests run one after the other, in the order in which they
 * were declared; `run()` carries them out and tells what came of each.
 */

type Body = (t: TestContext) => unknown;
type Hook = () => unknown;

/** The options of a test that count here. */
export interface TestOptions {
  skip?: boolean | string;
  timeout?: number;
}

/** What came of one test. */
export interface Outcome {
  name: string;
  state: "passed" | "failed" | "skipped";
  error?: string;
  /** How long it took, in milliseconds. */
  time?: number;
}

/** No test may hang the run. */
const defaultTimeout = 120_000;

class Suite {
  readonly entries: (() => Promise<void>)[] = [];
  readonly hooks = { before: [] as Hook[], after: [] as Hook[], beforeEach: [] as Hook[], afterEach: [] as Hook[] };

  constructor(
    readonly name: string,
    readonly parent?: Suite,
  ) {}

  /** The names of the suites around, outermost first. */
  path(name: string): string {
    return [...this.#chain().map((suite) => suite.name), name].filter(Boolean).join(" > ");
  }

  async eachHook(kind: "beforeEach" | "afterEach"): Promise<void> {
    const chain = kind === "beforeEach" ? this.#chain() : this.#chain().reverse();
    for (const suite of chain) for (const hook of suite.hooks[kind]) await hook();
  }

  async run(): Promise<void> {
    for (const hook of this.hooks.before) await hook();
    try {
      for (const entry of this.entries) await entry();
    } finally {
      for (const hook of this.hooks.after) await hook();
    }
  }

  #chain(): Suite[] {
    return this.parent ? [...this.parent.#chain(), this] : [this];
  }
}

const top = new Suite("");
let current = top;
const outcomes: Outcome[] = [];

/** What a test body is given. */
export class TestContext {
  readonly #after: Hook[] = [];
  /** Set by `skip`. */
  skipped = false;

  constructor(
    readonly name: string,
    readonly suite: Suite,
  ) {}

  skip(): void {
    this.skipped = true;
  }

  diagnostic(message: string): void {
    console.info(message);
  }

  after(hook: Hook): void {
    this.#after.push(hook);
  }

  /** A test within this one. */
  test(name: string, ...rest: [Body] | [TestOptions, Body]): Promise<void> {
    const { options, body } = parse(rest);
    return runTest(new Suite(this.name, this.suite), name, options, body);
  }

  async finish(): Promise<void> {
    for (const hook of this.#after) await hook();
  }
}

function parse(rest: [Body] | [TestOptions, Body]): { options: TestOptions; body: Body } {
  return rest.length === 1 ? { options: {}, body: rest[0] } : { options: rest[0], body: rest[1] };
}

async function runTest(suite: Suite, name: string, options: TestOptions, body: Body): Promise<void> {
  const path = suite.path(name);
  if (options.skip) return void outcomes.push({ name: path, state: "skipped" });
  const context = new TestContext(name, suite);
  const began = performance.now();
  const time = (): number => performance.now() - began;
  try {
    await suite.eachHook("beforeEach");
    try {
      await inTime(options.timeout ?? defaultTimeout, async () => body(context));
    } finally {
      await suite.eachHook("afterEach");
      await context.finish();
    }
    outcomes.push({ name: path, state: context.skipped ? "skipped" : "passed", time: time() });
  } catch (error) {
    outcomes.push({ name: path, state: "failed", error: describeError(error), time: time() });
  }
}

async function inTime(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${milliseconds} ms`)), milliseconds);
  });
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${describeError(error.cause)}`;
  return `${error.name}: ${error.message}\n${error.stack ?? ""}${cause}`;
}

/** Declares a test. */
export function test(name: string, ...rest: [Body] | [TestOptions, Body]): void {
  const { options, body } = parse(rest);
  const suite = current;
  suite.entries.push(() => runTest(suite, name, options, body));
}

/** Declares a group of tests. */
export function describe(name: string, ...rest: [() => void] | [TestOptions, () => void]): void {
  const { options, body } = parse(rest);
  const suite = new Suite(name, current);
  if (options.skip) {
    current.entries.push(async () => void outcomes.push({ name: suite.path(""), state: "skipped" }));
    return;
  }
  current.entries.push(() => runSuite(suite));
  current = suite;
  (body as () => void)();
  current = suite.parent ?? top;
}

/** A hook that fails is a failed test of its own. */
async function runSuite(suite: Suite): Promise<void> {
  try {
    await suite.run();
  } catch (error) {
    outcomes.push({ name: suite.path("hooks"), state: "failed", error: describeError(error) });
  }
}

test.skip = (name: string): void => test(name, { skip: true }, () => undefined);
describe.skip = (name: string): void => describe(name, { skip: true }, () => undefined);

export const before = (hook: Hook): void => void current.hooks.before.push(hook);
export const after = (hook: Hook): void => void current.hooks.after.push(hook);
export const beforeEach = (hook: Hook): void => void current.hooks.beforeEach.push(hook);
export const afterEach = (hook: Hook): void => void current.hooks.afterEach.push(hook);

export { test as it, describe as suite };
export default test;

/** Carries out everything declared so far. */
export async function run(): Promise<Outcome[]> {
  await runSuite(top);
  return outcomes;
}
