/** Variants of the registered redirect URI: with another spelling, or with more at the end. */

/** The parts of the registered redirect URI. */
export interface Parts {
  readonly uri: string;
  readonly scheme: string;
  /** The host without the port. */
  readonly host: string;
  /** The port with its colon; empty if the URI has no port. */
  readonly port: string;
  readonly authority: string;
  readonly path: string;
}

export const EVIL = 'attacker.example';

const paths = ({ scheme, authority, path }: Parts): readonly string[] =>
  [
    '',
    '/',
    '/attacker',
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}/..`,
    `${path}/../..`,
    `${path}/../attacker`,
    `${path}/..\\attacker`,
    `${path}\\..\\attacker`,
    `${path}\\`,
    `${path}/%2e%2e/attacker`,
    `${path}/..%2fattacker`,
    `${path}%2f..%2fattacker`,
    `${path}%252f..%252fattacker`,
    `${path}%5c..%5cattacker`,
    `${path}%c0%af..%c0%afattacker`,
    `${path}/..;/attacker`,
    `${path};attacker`,
    `${path}/attacker`,
    `${path}attacker`,
    `${path}.${EVIL}`,
    `/.${path}`,
    `/${path}`,
    `/attacker/..${path}`,
    `\\${path}`,
    path.slice(0, -1),
    path.toUpperCase(),
    `%2f${path.slice(1)}`,
    `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`, // a letter, percent-encoded
  ].map((other) => `${scheme}://${authority}${other}`);

const ends = ({ uri }: Parts): readonly string[] =>
  [
    '?',
    '&',
    '?attacker=1',
    '&attacker=1',
    '?code=attacker',
    '?state=attacker',
    `?next=https://${EVIL}`,
    '#',
    '#attacker',
    '#/../attacker',
    '%23attacker',
    '%3fattacker',
    '%00',
    '%0d%0aattacker:1',
    '%20',
    '*',
    `,https://${EVIL}`,
    ` https://${EVIL}`,
    `|https://${EVIL}`,
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\0',
    '\u00a0',
    '\u200b',
    '\ufeff',
    '\u202e',
    '\u0301',
  ].map((end) => uri + end);

const texts = ({ uri, scheme, host, port, authority, path }: Parts): readonly string[] => [
  ` ${uri}`,
  `\t${uri}`,
  `\n${uri}`,
  `"${uri}"`,
  `["${uri}"]`,
  `${scheme}://*${path}`,
  `${scheme}://${host.toUpperCase()}${port}${path}`,
  `${scheme}://${EVIL}\\@${authority}${path}`,
  `${scheme}://${EVIL}\\.${authority}${path}`,
  `${scheme}:\\\\${EVIL}${path}`,
  `${scheme}://${host}\u3002${EVIL}${path}`,
  `${scheme}://${host}\uff0e${EVIL}${path}`,
  `${scheme}://${host}\uff0f.${EVIL}${path}`,
  `${scheme}://${EVIL}\u2044${authority}${path}`,
  `${scheme}://${host}\u00ad${port}${path}`,
];

export const spellings = [paths, ends, texts];
