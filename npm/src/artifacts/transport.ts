/**
 * GET requests that can be relied on: each step has its time, redirects take no credentials to others, and what is
 * overloaded or breaks off is tried again. Nothing but GET is ever sent, so a second try does no harm.
 */

import { LoadError, messageOf } from "../errors.js";
import { failureOf, placeOf, Transient } from "./answers.js";
import { endOf, pause, Watch } from "./watch.js";

/** What a transport is told. */
export interface TransportOptions {
  /** Milliseconds for a step. */
  timeout: number;
  /** How often to try again. */
  retries: number;
  /** Whether the platform follows redirects itself and reads only what servers let pages read. */
  browser: boolean;
  /** Whether a host may be spoken to without TLS. */
  isInsecure: (host: string) => boolean;
}

/** A request. */
export interface GetRequest {
  url: URL;
  /** What it is for, as messages name it. */
  what: string;
  headers?: Readonly<Record<string, string>>;
  /** Whether a browser may send its cookies. Default no. */
  cookies?: RequestCredentials;
  signal: AbortSignal | undefined;
}

/** Reads an answer; `moved` is to be called for each part of it. */
export type ReadAnswer<T> = (response: Response, moved: () => void) => Promise<T>;

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;
/** Milliseconds before the first new try; before each further one twice as many. */
const FIRST_PAUSE = 250;
/** The longest time that a server can ask for, in milliseconds. */
const LONGEST_PAUSE = 10_000;

/** Carries out requests. */
export class Transport {
  readonly #options: TransportOptions;

  /** A transport with its options. */
  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Asks, and reads the answer. Answers that another try may mend do not get to `read` before there is none left. */
  async get<T>(request: GetRequest, read: ReadAnswer<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#once(request, read);
      } catch (error) {
        if (!(error instanceof Transient)) throw error;
        if (tries >= this.#options.retries) throw error.error;
        const wait = error.after ?? FIRST_PAUSE * 2 ** tries;
        await pause(Math.min(wait, LONGEST_PAUSE), request.signal ?? new AbortController().signal);
      }
    }
  }

  async #once<T>(request: GetRequest, read: ReadAnswer<T>): Promise<T> {
    const { timeout } = this.#options;
    const watch = new Watch(`${request.what}: nothing came for ${timeout} ms`, timeout, request.signal);
    const moved = (): void => watch.moved();
    try {
      const response = await this.#follow(request, watch);
      moved();
      if (!response.ok && response.status !== 401) throw await failureOf(response, request.what, moved);
      return await read(response, moved);
    } catch (error) {
      throw watch.signal.aborted ? endOf(watch.signal) : error;
    } finally {
      watch.close();
    }
  }

  async #follow({ url: first, what, headers = {}, cookies = "omit" }: GetRequest, watch: Watch): Promise<Response> {
    let [url, sent] = [first, headers];
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await this.#send(url, what, sent, cookies, watch);
      const target = REDIRECTS.includes(response.status) ? response.headers.get("location") : null;
      // Where the browser has followed, it is too late to refuse, but not to reject.
      if (response.redirected) this.#next(url, response.url, what);
      if (target === null) return response;
      void response.body?.cancel().catch(() => undefined);
      const next = this.#next(url, target, what);
      if (next.origin !== url.origin) sent = withoutAuthorization(sent);
      url = next;
      watch.moved();
    }
    throw new LoadError(`${what}: ${placeOf(first)} leads from one redirect to the next`, { reason: "invalid" });
  }

  async #send(url: URL, what: string, headers: Readonly<Record<string, string>>, credentials: RequestCredentials, watch: Watch): Promise<Response> {
    const { browser } = this.#options;
    try {
      // Pages cannot see where a redirect leads. Browsers take no `Authorization` to another origin either.
      return await fetch(url, { headers, credentials, redirect: browser ? "follow" : "manual", signal: watch.signal });
    } catch (cause) {
      throw new Transient(new LoadError(`${what}: ${browser ? unreadable(url, cause) : unreachable(url, cause)}`, { reason: "unreachable", cause }));
    }
  }

  #next(url: URL, target: string, what: string): URL {
    const next = URL.canParse(target, url) ? new URL(target, url) : undefined;
    const isWeb = next !== undefined && /^https?:$/.test(next.protocol) && next.username + next.password === "";
    if (!isWeb) throw new LoadError(`${what}: ${placeOf(url)} redirects to what is no web address`, { reason: "invalid" });
    if (next.protocol === "http:" && url.protocol !== "http:" && !this.#options.isInsecure(next.host)) {
      throw new LoadError(`${what}: ${placeOf(url)} redirects from https to http; the option insecureRegistries would allow that for ${next.host}`, { reason: "forbidden" });
    }
    return next;
  }
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization"));
}

/** Node tells why in the cause. */
function unreachable(url: URL, error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return `${placeOf(url)} could not be reached: ${messageOf(cause) || messageOf(error)}`;
}

/** Browsers do not tell why. */
function unreadable(url: URL, error: unknown): string {
  const failed = `${placeOf(url)} could not be read: ${messageOf(error)}`;
  if (url.origin === (globalThis as { location?: Location }).location?.origin) return failed;
  return `${failed}. Browsers give a page only what the server allows by CORS headers (Access-Control-Allow-Origin): `
    + "if it can be reached at all, it must send them; otherwise use a mirror that does (option mirrors), or an https URL";
}
