/** URLs that operators and other servers give: which are safe to use, and which are written as every URL parser would write them. */

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https, or http to this machine, where nobody is on the way: the machine that one develops on. */
export function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

/** What the URL parser takes as it stands. It would turn `https:h`, `https:\\h` and ` https://h` into another text without a word. */
const WRITTEN_OUT = /^https?:\/\/[^\s\\#?/\p{Cc}][^\s\\#?\p{Cc}]*(?:\?[^\s#\p{Cc}]*)?$/iu;

/** Whether a text is a URL that nobody on the way can change the answers of, without fragment and user information. */
export function isSecureURL(url: string): boolean {
  if (!WRITTEN_OUT.test(url) || !URL.canParse(url)) return false;
  const parsed = new URL(url);
  return isSecure(parsed) && !parsed.username && !parsed.password;
}

/** Whether it is http, as on the machine that one develops on. */
export function isPlain(url: string): boolean {
  return new URL(url).protocol === 'http:';
}

/** @throws TypeError */
export function requireSecureURL(url: string, what: string): void {
  if (!isSecureURL(url))
    throw new TypeError(
      `${what} is an https URL, or http on this machine, without fragment and credentials, not ${url}`,
    );
}

/** Whether a URL is written in its normal form, but for the slash after a host alone: texts of the same meaning are then the same text. */
export function isNormal(url: string): boolean {
  return URL.canParse(url) && [url, `${url}/`].includes(new URL(url).href);
}
