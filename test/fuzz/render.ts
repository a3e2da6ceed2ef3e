/** From a draft to bytes. */
import type { Draft, Edit, Fields } from './draft.js';
import type { Live } from './live.js';
import type { Message } from './wire.js';

/** A request as it was sent, and what it was made from. */
export interface Sent extends Message {
  /** The draft with live values in it. */
  readonly draft: Draft;
  readonly live: Live;
  readonly target: string;
  readonly body: Buffer;
  /** The Content-Type. */
  readonly type: string | undefined;
}

const BOUNDARY = 'a boundary of the tests'.replaceAll(' ', '-');

/** UTF-8; lone surrogates as the three bytes that they would have in it, which is not UTF-8. */
function bytesOf(text: string): Buffer {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text);
  const parts = text.split(/(\p{Surrogate})/u).map((part) => {
    const code = part.length === 1 ? part.charCodeAt(0) : 0;
    const isLone = code >= 0xd800 && code <= 0xdfff;
    return isLone
      ? Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)])
      : Buffer.from(part);
  });
  return Buffer.concat(parts);
}

const ESCAPED = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`);
const AS_USUAL = ESCAPED.map((escaped, byte) =>
  /[\w.~*-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : escaped,
);

function percentEncode(text: string, table: readonly string[]): string {
  let escaped = '';
  for (const byte of bytesOf(text)) escaped += table[byte];
  return escaped;
}

function formOf(fields: Fields, table = AS_USUAL): string {
  return fields.map(([name, value]) => `${percentEncode(name, table)}=${percentEncode(value, table)}`).join('&');
}

function jsonOf(fields: Fields, toValue: (value: string, index: number) => unknown): string {
  const members = fields.map(
    ([name, value], index) => `${JSON.stringify(name)}:${JSON.stringify(toValue(value, index))}`,
  );
  return `{${members.join(',')}}`; // by hand, for names that come twice and names like __proto__
}

const TYPES: readonly unknown[] = [null, true, 1, 1e308, [], {}, [[]], { $ne: '' }, { toString: 'x' }, { length: 1 }];

const ENCODERS: Readonly<Record<Draft['body'], { readonly type: string; encode(fields: Fields): string | Buffer }>> = {
  form: { type: 'application/x-www-form-urlencoded', encode: (fields) => formOf(fields) },
  'form, escaped throughout': {
    type: 'Application/X-WWW-Form-Urlencoded ; charset=UTF-8',
    encode: (fields) => formOf(fields, ESCAPED),
  },
  JSON: { type: 'application/json', encode: (fields) => jsonOf(fields, (value) => value) },
  'JSON nested': {
    type: 'application/json',
    encode: (fields) => jsonOf(fields, (value) => ({ $ne: value, 0: value })),
  },
  'JSON arrays': { type: 'application/json', encode: (fields) => jsonOf(fields, (value) => [value]) },
  'JSON of all types': {
    type: 'application/json',
    encode: (fields) =>
      jsonOf(fields, (value, index) => (index % 2 ? TYPES[(index + value.length) % TYPES.length] : value)),
  },
  multipart: {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    encode: (fields) =>
      `${fields.map(([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--${BOUNDARY}--\r\n`,
  },
  raw: {
    type: 'application/x-www-form-urlencoded',
    encode: (fields) => bytesOf(fields.map((field) => field.join('=')).join('&')),
  },
};

function edited(bytes: Buffer, edits: readonly Edit[], place: Edit['place']): Buffer {
  return edits
    .filter((edit) => edit.place === place)
    .reduce((before, { at, remove, bytes: added }) => {
      const from = Math.floor(at * before.length);
      return Buffer.concat([before.subarray(0, from), Buffer.from(added, 'latin1'), before.subarray(from + remove)]);
    }, bytes);
}

function chunked(body: Buffer, end: string): Buffer {
  const chunk = (part: Buffer): Buffer[] =>
    part.length ? [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')] : [];
  const half = body.length >> 1;
  return Buffer.concat([...chunk(body.subarray(0, half)), ...chunk(body.subarray(half)), Buffer.from(end)]);
}

/** What says how long the body is, rightly or not, and the body as it is then sent. */
function framed(
  body: Buffer,
  framing: Draft['framing'],
): { readonly headers: readonly string[]; readonly body: Buffer } {
  const length = `Content-Length: ${body.length}`;
  const chunks = 'Transfer-Encoding: chunked';
  const others: Readonly<Record<Exclude<Draft['framing'], 'length'>, readonly [readonly string[], Buffer]>> = {
    chunked: [[chunks], chunked(body, '0\r\n\r\n')],
    short: [[`Content-Length: ${body.length >> 1}`], body],
    long: [[`Content-Length: ${body.length + 10}`], body],
    both: [[length, chunks], chunked(body, '0\r\n\r\n')],
    none: [[], body],
    twice: [[length, `Content-Length: ${body.length + 1}`], body],
    negative: [['Content-Length: -1'], body],
    'no number': [['Content-Length: 0x10'], body],
    'broken chunks': [[chunks], Buffer.concat([chunked(body, ''), Buffer.from('zz\r\n')])],
    'endless chunk': [[chunks], chunked(body, '')],
  };
  const [headers, sent] = framing === 'length' ? [body.length ? [length] : [], body] : others[framing];
  return { headers, body: sent };
}

async function filled(live: Live, fields: Fields): Promise<Fields> {
  const full: [string, string][] = [];
  for (const [name, value] of fields) full.push([await live.fill(name), await live.fill(value)]);
  return full;
}

const FRAMES = /^(content-length|transfer-encoding|host|connection|upgrade)$/i;

export async function render(draft: Draft, live: Live): Promise<Sent> {
  const [query, form, headers] = [
    await filled(live, draft.query),
    await filled(live, draft.form),
    await filled(live, draft.headers),
  ];
  const full: Draft = { ...draft, query, form, headers };
  const path = await live.fill(draft.path);
  const target = edited(Buffer.from(query.length ? `${path}?${formOf(query)}` : path), draft.edits, 'target').toString(
    'latin1',
  );
  const { type: usual, encode } = ENCODERS[draft.body];
  const body = edited(form.length ? Buffer.from(encode(form)) : Buffer.alloc(0), draft.edits, 'body');
  const type = draft.type ?? (body.length || draft.method === 'POST' ? usual : undefined);
  const frame = framed(body, draft.framing);
  const head = [
    `${draft.method} ${target} HTTP/1.1`,
    ...(headers.some(([name]) => /^host$/i.test(name)) ? [] : ['Host: as.example']),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ...frame.headers,
  ];
  const lines = head.map((line) => Buffer.from(line, 'latin1').toString('latin1')); // one byte for each character
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), frame.body]);
  const isSplit = lines.some((line) => /[\r\n]/.test(line)); // a header or a target that is several
  const isReframed = headers.some(([name]) => FRAMES.test(name));
  const isCut =
    isSplit ||
    isReframed ||
    !['length', 'chunked', 'short', 'both', 'twice', 'negative', 'no number'].includes(draft.framing);
  const isOdd = isCut || !['length', 'chunked'].includes(draft.framing) || /[^!-~]/.test(target);
  return { draft: full, live, target, body, type, bytes, isHead: draft.method === 'HEAD', isOdd, isCut };
}
