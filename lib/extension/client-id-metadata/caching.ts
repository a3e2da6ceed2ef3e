/** How long a document may be kept. @see RFC 9111 §4.2.1, §5.2.2 */

/** In seconds. */
export interface AgeLimits {
  readonly least: number;
  readonly most: number;
  /** For an answer without `Cache-Control` and `Expires`. */
  readonly usual: number;
}

const DIRECTIVE = /(?:^|,)[ \t]*([\w-]+)(?:=(?:"([^",]*)"|([^",\s]*)))?/g;

/** The directives of `Cache-Control`, by name. If a directive comes several times, the first counts. */
function directivesIn(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of header.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted ?? plain ?? '');
  }
  return found;
}

/** RFC 9111 §1.2.2: delta-seconds. A malformed number counts as 0, so that the document is fetched again rather than kept too long. */
function secondsIn(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

/** RFC 9111 §5.3: an invalid date counts as one in the past. */
function untilExpiry(headers: Headers): number | undefined {
  const expires = headers.get('expires');
  if (expires === null) return undefined;
  const [until, sent] = [Date.parse(expires), Date.parse(headers.get('date') ?? '')];
  return Number.isNaN(until) || Number.isNaN(sent) ? 0 : (until - sent) / 1000;
}

/** Directives that forbid a shared cache to keep the answer. */
const UNKEPT = ['no-store', 'no-cache', 'private'];

function freshness(headers: Headers): number | undefined {
  const directives = directivesIn(headers.get('cache-control') ?? '');
  if (UNKEPT.some((name) => directives.has(name))) return 0;
  const said = directives.get('s-maxage') ?? directives.get('max-age'); // RFC 9111 §5.2.2.10: this is a shared cache
  return said === undefined ? untilExpiry(headers) : secondsIn(said);
}

/** Seconds for which an answer with these headers is kept: what the headers say, within limits. */
export function lifetimeOf(headers: Headers, { least, most, usual }: AgeLimits): number {
  const lifetime = freshness(headers) ?? usual;
  const age = secondsIn(headers.get('age') ?? '0'); // RFC 9111 §4.2.3: the seconds that it was in other caches
  return Math.min(Math.max(lifetime - age, least), most);
}
