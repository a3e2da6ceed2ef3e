/** Which URLs identify clients. */

/** Whether an identifier is reserved for clients with a document: the identifier of a registered client never begins like this. Draft §7.1 */
export function isURLOfClient(id: string): boolean {
  return /^https:/i.test(id);
}

/**
 * The URL of a client's document: https, with a path, and without dot segments, user information and fragment. Undefined for any other URL. The identifier must
 * be in the normal form of URL parsers, so that users read the same host and path that the server fetches. Draft §3
 *
 * @param id an identifier for which `isURLOfClient` is true
 */
export function clientURL(id: string): URL | undefined {
  if (id.includes('#') || !URL.canParse(id)) return undefined;
  const url = new URL(id);
  if (url.username || url.password) return undefined;
  // §3: an identifier with the default port is another identifier for the same document
  const written = [url.href, url.href.replace(url.origin, `${url.origin}:443`)];
  return written.includes(id) ? url : undefined;
}
