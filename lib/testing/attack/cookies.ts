/** The cookies of one browser. */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  /** Whether the cookie is also sent to subdomains. */
  readonly below: boolean;
  readonly path: string;
  readonly secure: boolean;
}

/** The cookies of one moment, to be restored later. */
export type Cookies = ReadonlyMap<string, unknown>;

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/** RFC 6265 §5.1.4. */
function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, Math.max(1, pathname.lastIndexOf('/')));
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(parent.endsWith('/') ? parent : `${parent}/`);
}

function attributesOf(parts: readonly string[]): ReadonlyMap<string, string> {
  const pairs = parts.map((part): [string, string] => {
    const [name = '', ...value] = part.split('=');
    return [name.trim().toLowerCase(), value.join('=').trim()];
  });
  return new Map(pairs);
}

/** RFC 6265 §5.3: Max-Age has precedence over Expires. */
function isGone(attributes: ReadonlyMap<string, string>): boolean {
  const age = attributes.get('max-age');
  if (age !== undefined) return Number(age) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

/** The part of RFC 6265 §5.3 and §5.4 that keeps a visitor logged in. */
export class CookieJar {
  #cookies = new Map<string, Cookie>();

  /** Stores the cookies of a response. */
  take(url: string, lines: readonly string[]): void {
    for (const line of lines) this.#takeOne(new URL(url), line);
  }

  #takeOne(url: URL, line: string): void {
    const [pair = '', ...rest] = line.split(';');
    const [name = '', ...value] = pair.split('=');
    const attributes = attributesOf(rest);
    const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase();
    if (domain && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return;
    const given = attributes.get('path');
    const cookie: Cookie = {
      name: name.trim(),
      value: value.join('=').trim(),
      host: domain || url.hostname,
      below: Boolean(domain),
      path: given?.startsWith('/') ? given : defaultPath(url),
      secure: attributes.has('secure'),
    };
    const key = [cookie.name, cookie.host, cookie.path].join(' ');
    if (isGone(attributes)) this.#cookies.delete(key);
    else this.#cookies.set(key, cookie);
  }

  /** The value of the Cookie header for this URL; '' for none. */
  header(url: string): string {
    const { protocol, hostname, pathname } = new URL(url);
    const isSecure = protocol === 'https:' || LOOPBACK.test(hostname); // browsers also treat loopback hosts as secure
    return [...this.#cookies.values()]
      .filter(({ host, below }) => hostname === host || (below && hostname.endsWith(`.${host}`)))
      .filter(({ path, secure }) => isBelow(pathname, path) && (isSecure || !secure))
      .sort((a, b) => b.path.length - a.path.length) // RFC 6265 §5.4: longer paths first
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  snapshot(): Cookies {
    return new Map(this.#cookies);
  }

  restore(cookies: Cookies): void {
    this.#cookies = new Map(cookies as ReadonlyMap<string, Cookie>);
  }
}
