/** What a registry asks for: the header `WWW-Authenticate` (RFC 9110, section 11.6.1). */

/** One challenge: a scheme in lower case, and its parameters by their names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Longer headers are not read. */
const LONGEST = 8192;

const PARAMETER = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]+))\s*(?:,|$)/;
const SCHEME = /^[\s,]*([!#$%&'*+.^_`|~\w-]+)(?:\s+|\s*,|$)/;

/** The challenges of a header, in their order; it ends where it cannot be understood. */
export function parseChallenges(header: string | null): Challenge[] {
  if (header === null || header.length > LONGEST) return [];
  const challenges: Challenge[] = [];
  let rest = header;
  for (let scheme = SCHEME.exec(rest); scheme !== null; scheme = SCHEME.exec(rest)) {
    rest = rest.slice(scheme[0].length);
    const params = new Map<string, string>();
    for (let param = PARAMETER.exec(rest); param !== null; param = PARAMETER.exec(rest)) {
      rest = rest.slice(param[0].length);
      const [, name = "", quoted, token = ""] = param;
      params.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? token);
    }
    challenges.push({ scheme: scheme[1]?.toLowerCase() ?? "", params });
  }
  return challenges;
}
