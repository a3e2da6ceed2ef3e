/** Redirect URIs that differ little from the registered one, and that comparisons by pattern, by prefix or by parser have accepted. */
import { EVIL, type Parts, spellings } from './redirect-spellings.js';

const elsewhere = ({ uri, scheme, path }: Parts): readonly string[] => [
  `https://${EVIL}`,
  `https://${EVIL}${path}`,
  `http://${EVIL}${path}`,
  `//${EVIL}${path}`,
  `///${EVIL}${path}`,
  `${scheme}://${EVIL}/${uri}`,
  `${scheme}://${EVIL}?${uri}`,
  `${scheme}://${EVIL}/#${uri}`,
  `${scheme}://${EVIL}/?next=${uri}`,
  path,
  '/',
  '.',
  'null',
  'undefined',
];

const hosts = ({ scheme, host, port, authority, path }: Parts): readonly string[] => [
  `${scheme}://attacker.${authority}${path}`,
  `${scheme}://www.${authority}${path}`,
  `${scheme}://attacker-${authority}${path}`,
  `${scheme}://attacker${authority}${path}`,
  `${scheme}://${host}.${EVIL}${port}${path}`,
  `${scheme}://${host}${EVIL}${port}${path}`,
  `${scheme}://${host}-${EVIL}${port}${path}`,
  `${scheme}://${host}_.${EVIL}${path}`,
  `${scheme}://${host},${EVIL}${path}`,
  `${scheme}://${host};${EVIL}${path}`,
  `${scheme}://${host}%2e${EVIL}${path}`,
  `${scheme}://${host}%00.${EVIL}${path}`,
  `${scheme}://${host}.${port}${path}`, // a trailing dot
  `${scheme}://${EVIL}/${authority}${path}`,
];

const users = ({ scheme, authority, path }: Parts): readonly string[] => [
  `${scheme}://${authority}@${EVIL}${path}`,
  `${scheme}://${authority}:x@${EVIL}${path}`,
  `${scheme}://${authority}&@${EVIL}${path}`,
  `${scheme}://${authority}%2f@${EVIL}${path}`,
  `${scheme}://${authority}#@${EVIL}${path}`,
  `${scheme}://${EVIL}#@${authority}${path}`,
  `${scheme}://${EVIL}?@${authority}${path}`,
  `${scheme}://${EVIL}@${authority}${path}`,
  `${scheme}://attacker@${authority}${path}`,
  `${scheme}://attacker:secret@${authority}${path}`,
  `${scheme}://@${authority}${path}`,
  `${scheme}://:@${authority}${path}`,
];

const schemes = ({ uri, scheme, authority, path }: Parts): readonly string[] => [
  `${scheme === 'https' ? 'http' : 'https'}://${authority}${path}`,
  `${scheme.toUpperCase()}://${authority}${path}`,
  `ftp://${authority}${path}`,
  `ws://${authority}${path}`,
  `file://${authority}${path}`,
  `javascript://${authority}${path}%0aalert(1)`,
  `javascript:alert(1)//${uri}`,
  `data:text/html,<script>alert(1)</script>#${uri}`,
  `vbscript:msgbox(1)//${uri}`,
  `blob:${uri}`,
  `view-source:${uri}`,
  `intent://${authority}${path}#Intent;scheme=${scheme};package=example.attacker;end`,
  'about:blank',
  'urn:ietf:wg:oauth:2.0:oob',
  `${scheme}:${authority}${path}`,
  `${scheme}:/${authority}${path}`,
  `${scheme}:///${authority}${path}`,
  `${scheme}//${authority}${path}`,
  `${authority}${path}`,
];

const ports = ({ scheme, host, path }: Parts): readonly string[] =>
  [':1', ':80', ':443', ':8443', ':0', ':65536', ':', `:@${EVIL}`].map((port) => `${scheme}://${host}${port}${path}`);

const loopbacks = ({ port, path }: Parts): readonly string[] =>
  [
    'localhost',
    '127.0.0.1',
    '[::1]',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    `localhost.${EVIL}`,
    `127.0.0.1.${EVIL}`,
  ].map((host) => `http://${host}${port}${path}`);

const GROUPS = [elsewhere, hosts, users, schemes, ports, loopbacks, ...spellings];

/** RFC 8252 §7.3, RFC 9700 §2.1: a native app may use any port of its loopback address. */
const portless = (uri: string): string =>
  uri.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d*(?=[/?]|$)/, '$1');

/** @param registered all registered redirect URIs; the variants are made of the first */
export function variantsOf(uri: string, registered: readonly string[]): readonly string[] {
  const { protocol, hostname, port, host, pathname } = new URL(uri);
  const parts: Parts = {
    uri,
    scheme: protocol.slice(0, -1),
    host: hostname,
    port: port && `:${port}`,
    authority: host,
    path: pathname.length > 1 ? pathname : '/callback',
  };
  const right = new Set([uri, ...registered].map(portless));
  return [...new Set(GROUPS.flatMap((group) => group(parts)))].filter((one) => !right.has(portless(one)));
}
