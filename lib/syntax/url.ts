/** URLs from configuration and from other servers: whether they are protected in transit, and whether they are in their normal form. */

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether the host is this machine. */
export function isLoopback(url: string): boolean {
  return LOOPBACK.has(new URL(url).hostname);
}

/** The only rule for plain http: it is accepted for loopback hosts, for development. Nobody on the network can read or change these requests. */
export function isHTTPSOrLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

/** URLs that the parser leaves unchanged. It would silently rewrite `https:h`, `https:\\h` and ` https://h`. */
const WRITTEN_OUT = /^https?:\/\/[^\s\\#?/\p{Cc}][^\s\\#?\p{Cc}]*(?:\?[^\s#\p{Cc}]*)?$/iu;

/** What a configuration says of the network between its parts. */
export interface Network {
  /** Whether http is accepted for every host. */
  readonly allowPlainHTTP?: boolean;
}

/** Whether a text is an https URL, or http for a loopback host, without fragment and user information. */
export function isSecureURL(url: string, { allowPlainHTTP }: Network = {}): boolean {
  if (!WRITTEN_OUT.test(url) || !URL.canParse(url)) return false;
  const parsed = new URL(url);
  return (allowPlainHTTP === true || isHTTPSOrLoopback(parsed)) && !parsed.username && !parsed.password;
}

/** Whether the scheme is http. */
export function isPlain(url: string): boolean {
  return new URL(url).protocol === 'http:';
}

/** For the message about a URL that only its http makes unacceptable: the option for networks of developers. */
export function plainHTTPHint(url: string): string {
  const isOnlyPlain = !isSecureURL(url) && isSecureURL(url, { allowPlainHTTP: true });
  return isOnlyPlain ? '. In a network where nobody else is, allowPlainHTTP: true accepts it, for development' : '';
}

/** @param what names the option in the message. @param network the options, if `allowPlainHTTP` is one of them. @throws TypeError if `isSecureURL` is false */
export function requireSecureURL(url: string, what: string, network?: Network): void {
  if (isSecureURL(url, network)) return;
  throw new TypeError(
    `${what} is an https URL, or http on this machine, without fragment and credentials, not ${url}${network ? plainHTTPHint(url) : ''}`,
  );
}

/** Whether a URL is in the form that URL parsers write; the slash after the host may be missing. */
export function isNormal(url: string): boolean {
  return URL.canParse(url) && [url, `${url}/`].includes(new URL(url).href);
}

/** Which of these names is that of a parameter in the query of a URL, escaped or not. */
export function parameterIn({ searchParams }: URL, names: readonly string[]): string | undefined {
  return names.find((name) => searchParams.has(name));
}
