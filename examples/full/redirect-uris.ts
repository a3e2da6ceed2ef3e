/** The redirect URIs that a client may register. The rules are strict, because browsers are sent to these URIs with a code. */
import type { Registration } from './clients.js';

const MOST = 10;
const LONGEST = 500;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
/** RFC 8252 §7.1: a scheme that is a reversed domain name of the app's developer, so that another app does not have the same scheme by chance. */
const PRIVATE_USE = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;

/** What is wrong with a redirect URI, as the end of a sentence. */
export function faultOf(uri: string, type: Registration['type']): string | undefined {
  if (uri.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (!/^[\x21-\x7e]+$/.test(uri) || !URL.canParse(uri)) return 'is not an absolute URL';
  if (uri.includes('#')) return 'has a fragment (#)'; // RFC 6749 §3.1.2
  if (uri.includes('*')) return 'has a wildcard: name each address'; // RFC 9700 §4.1.3
  const { protocol, hostname, username, password, href } = new URL(uri);
  if (username || password) return 'has a user name in it';
  // a URI that browsers rewrite may mean one thing to a browser and another to the code that compares it
  if (uri !== href && `${uri}/` !== href) return `is not written as browsers have it, which is ${href}`;
  if (protocol === 'https:') return undefined;
  if (protocol === 'http:')
    return LOOPBACK.has(hostname) ? undefined : 'is http: other than on one’s own machine it must be https';
  if (!PRIVATE_USE.test(protocol)) return 'is neither https nor a scheme of your own such as com.example.app:';
  return type === 'public' ? undefined : 'has a scheme of its own, which is for apps without a secret';
}

/** @param text one URI in each line. @returns the URIs, or a sentence that says what is wrong */
export function readRedirectURIs(text: string, type: Registration['type'], issuer: string): string | readonly string[] {
  const uris = [...new Set(text.split(/\s+/).filter(Boolean))];
  if (uris.length === 0) return 'Name at least one redirect URI.';
  if (uris.length > MOST) return `Name at most ${MOST} redirect URIs.`;
  for (const uri of uris) {
    const fault = faultOf(uri, type) ?? (new URL(uri).origin === issuer ? 'is an address of this server' : undefined);
    if (fault !== undefined) return `${uri.slice(0, 100)} ${fault}.`;
  }
  return uris;
}
