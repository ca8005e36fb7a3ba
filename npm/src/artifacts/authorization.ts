/** From a registry's challenge to an `Authorization`: Basic, or a token of the place that the challenge names. */

import { LoadError } from "../errors.js";
import { failureOf, parseJson, placeOf, readBody } from "./answers.js";
import type { Challenge } from "./challenge.js";
import { basicOf, type RegistryCredential } from "./credentials.js";
import type { Transport } from "./transport.js";

/** What is to be authorized. */
export interface Access {
  readonly transport: Transport;
  /** Where the registry's API is. */
  readonly base: URL;
  /** The name of the artifact. */
  readonly repository: string;
  readonly credential: RegistryCredential | undefined;
  readonly signal: AbortSignal;
}

/** Tokens are some kilobytes at most. */
const TOKEN_BYTES = 1024 * 1024;
/** What a header can carry. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** The `Authorization` that a challenge asks for. */
export async function authorize(challenges: readonly Challenge[], access: Access): Promise<string> {
  const { credential, base } = access;
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  const basic = basicOf(credential);
  if (bearer !== undefined) return `Bearer ${ownToken(credential) ?? (await fetchToken(bearer, basic, access))}`;
  // Pages do not see a challenge that the registry does not expose; that it wants Basic is a fair guess then.
  const hidden = challenges.length === 0 ? " (how, it does not say, or not to pages: Access-Control-Expose-Headers)" : "";
  if (basic === undefined) throw new LoadError(`${base.host} wants credentials${hidden}: give some by the option credentials`, { reason: "denied" });
  if (hidden !== "" || challenges.some(({ scheme }) => scheme === "basic")) return basic;
  throw new LoadError(`${base.host} wants authentication by ${challenges.map(({ scheme }) => scheme).join(", ")}; known are Bearer and Basic`, { reason: "denied" });
}

function ownToken({ username, token }: RegistryCredential = {}): string | undefined {
  if (typeof token !== "string" || typeof username === "string") return undefined;
  return checkToken(token, "the token of the option credentials");
}

async function fetchToken({ params }: Challenge, basic: string | undefined, { transport, base, repository, signal }: Access): Promise<string> {
  const url = realmOf(params.get("realm"), base);
  const service = params.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", params.get("scope") ?? `repository:${repository}:pull`);
  const what = `a token for ${base.host}`;
  const headers: Record<string, string> = basic === undefined ? {} : { authorization: basic };
  const answer = await transport.get({ url, what, headers, signal }, async (response, moved) => {
    if (!response.ok) throw await failureOf(response, what, moved);
    return parseJson(`what ${placeOf(url)} gives for a token`, await readBody(response, what, { limit: TOKEN_BYTES, moved }));
  });
  return checkToken(answer["token"] ?? answer["access_token"], `the token of ${placeOf(url)}`);
}

/** Credentials go to where the registry says, but not where everybody could read them on the way. */
function realmOf(realm: string | undefined, base: URL): URL {
  const url = realm !== undefined && URL.canParse(realm) ? new URL(realm) : undefined;
  if (url !== undefined && url.username + url.password === "" && (url.protocol === "https:" || url.protocol === base.protocol)) return url;
  throw new LoadError(`${base.host} names no usable place to get a token from`, { reason: "invalid" });
}

function checkToken(token: unknown, what: string): string {
  if (typeof token === "string" && HEADER_SAFE.test(token)) return token;
  throw new LoadError(`${what} is none that a header can carry`, { reason: "invalid" });
}
