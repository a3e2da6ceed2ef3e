/** Forms and bodies that no honest client sends. */

export interface Hostile {
  readonly what: string;
  readonly type: string;
  readonly body: string;
}

const FORM = 'application/x-www-form-urlencoded';
const GRANT = 'grant_type=authorization_code&code=x&redirect_uri=x&code_verifier=x';

const form = (what: string, body: string): Hostile => ({ what, type: FORM, body });
const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('&');

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'length'];

const SHAPES = ['[]=x', '[$ne]=x', '[$gt]=', '[0]=x&', '[__proto__][x]=x', '[toString]=x', '[length]=1e9'];

const FIELDS = ['grant_type', 'code', 'refresh_token', 'redirect_uri', 'code_verifier', 'client_id', 'scope'];

/** Every field as an array, an operator or an object, and twice. */
const shaped = FIELDS.flatMap((field) => [
  ...SHAPES.map((shape) => form(`${field}${shape}`, `${without(field)}&${field}${shape}`)),
  form(`${field} twice`, `${without(field)}&${field}=x&${field}=y`),
]);

function without(field: string): string {
  return GRANT.split('&')
    .filter((pair) => !pair.startsWith(`${field}=`))
    .join('&');
}

/** Names that every JavaScript object inherits, as a value and as a field. */
const inherited = NAMES.flatMap((name) => [
  form(`grant_type=${name}`, `grant_type=${name}`),
  form(`code=${name}`, `${without('code')}&code=${name}`),
  form(`${name} as a field`, `${GRANT}&${name}=x`),
  form(`${name} as an object`, `${GRANT}&${name}[x]=x`),
]);

const large = [
  form('1 MB of code', `${without('code')}&code=${'x'.repeat(2 ** 20)}`),
  form('1 MB of %00', `${without('code')}&code=${'%00'.repeat(2 ** 18)}`),
  form('1 MB of separators', `${GRANT}&${'&'.repeat(2 ** 20)}`),
  form('60,000 fields', `${GRANT}&${times(60_000, (index) => `f${index}=x`)}`),
  form('60,000 times the same field', `${GRANT}&${times(60_000, () => 'f=x')}`),
  form('50 kB of one field’s brackets', `${GRANT}&a${'[x]'.repeat(16_000)}=x`),
  form('5,000 fields inside each other', `${GRANT}&a${'[a]'.repeat(5_000)}=x`),
  form('an array with a large index', `${GRANT}&a[4294967294]=x`),
];

const strange = [
  form('an empty body', ''),
  form('only separators', '&&&==='),
  form('broken percent encoding', 'grant_type=%E0%A4%A&code=%'),
  form('bytes that are not UTF-8', 'grant_type=%ff%fe&code=%c0%af'),
  form('a zero byte', 'grant_type=authorization_code%00&code=%00'),
  { what: 'JSON', type: 'application/json', body: '{"grant_type":"authorization_code","code":{"$ne":null}}' },
  { what: 'JSON that is an array', type: 'application/json', body: '["authorization_code"]' },
  { what: 'JSON that is null', type: 'application/json', body: 'null' },
  { what: 'JSON that is broken', type: 'application/json', body: '{"grant_type":' },
  { what: 'deep JSON', type: 'application/json', body: `${'['.repeat(50_000)}${']'.repeat(50_000)}` },
  { what: 'JSON with __proto__', type: 'application/json', body: '{"__proto__":{"grant_type":"client_credentials"}}' },
  { what: 'text', type: 'text/plain', body: GRANT },
  { what: 'multipart without an end', type: 'multipart/form-data; boundary=x', body: '--x\r\n\r\n' },
  { what: 'a charset that there is not', type: `${FORM}; charset=none`, body: GRANT },
  { what: 'a type that is none', type: ';;;', body: GRANT },
];

export const hostileBodies: readonly Hostile[] = [...shaped, ...inherited, ...large, ...strange];

const basic = (text: string): string => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;

/** Headers by which nobody authenticates. */
export const hostileCredentials: readonly string[] = [
  'Basic',
  'Basic ',
  'Basic !!!',
  basic(''),
  basic(':'),
  basic('app'),
  basic('%:%'),
  basic('%E0%A4%A:x'),
  basic('\xff\xfe:\x00'),
  basic('__proto__:x'),
  basic('constructor:x'),
  `Basic ${'A'.repeat(10_000)}`,
  'Bearer',
  'Bearer ',
  'Bearer a.b.c',
  'Bearer eyJhbGciOiJub25lIn0..',
];
