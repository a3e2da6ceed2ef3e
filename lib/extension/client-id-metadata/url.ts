/** Which URLs identify clients. */

/** Whether an identifier is one that only a document may have: of a client that registered here, no identifier begins so. Draft §7.1 */
export function isURLOfClient(id: string): boolean {
  return /^https:/i.test(id);
}

/**
 * The URL of a client's document; undefined for one that cannot identify a client: https, with a path, and without dot segments, user information
 * and fragment. It is written as URL parsers write it, so that nobody reads another host or path in it than what is fetched. Draft §3
 *
 * @param id one for which `isURLOfClient` is true
 */
export function clientURL(id: string): URL | undefined {
  if (id.includes('#') || !URL.canParse(id)) return undefined;
  const url = new URL(id);
  if (url.username || url.password) return undefined;
  // the default port may be written: it is another identifier then (§3), and the same place
  const written = [url.href, url.href.replace(url.origin, `${url.origin}:443`)];
  return written.includes(id) ? url : undefined;
}
