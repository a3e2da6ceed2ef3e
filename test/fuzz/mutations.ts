/** What fast-check makes of it: a good request, and up to four things done to it. */
import fc from 'fast-check';
import { BODIES, type Draft, FRAMINGS, type Mutation } from './draft.js';
import {
  CLIENTS,
  HEADER_NAMES,
  HEADER_VALUES,
  MARKS,
  METHODS,
  NAMES,
  ORIGINS,
  PATHS,
  SPLICES,
  TYPES,
  WORDS,
} from './words.js';

/** Five thousand are within what Node takes of headers, if they are ASCII. */
const long = fc
  .tuple(fc.constantFrom('a', 'é', '%', ' ', 'a '), fc.constantFrom(300, 5000))
  .map(([one, times]) => one.repeat(times));
/** Surrogates without their other half are among them. */
const codePoint = fc.oneof(fc.nat(0xff), fc.nat(0xffff), fc.nat(0x10ffff)).map((code) => String.fromCodePoint(code));
const anything = fc.string({ unit: codePoint, maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 20 }).map((some) => Buffer.from(some).toString('latin1'));

const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.constantFrom(...WORDS.filter((word) => word.includes('//'))) }, // a redirect URI almost
  { weight: 4, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 2, arbitrary: fc.constantFrom(...CLIENTS) },
  { weight: 4, arbitrary: anything },
  { weight: 1, arbitrary: long },
);
const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: anything });
const at = fc.nat({ max: 12 });
const before = fc.constantFrom('', '', ' ', '.', '\0', '\ufeff', '+', '__proto__.', '__proto__[');
const after = fc.constantFrom(
  '',
  '[]',
  '[0]',
  '[$ne]',
  '[x][y]',
  '[__proto__]',
  '[',
  ']',
  '.x',
  '\0',
  ' ',
  '=',
  '%00',
  '\u0301',
);

const inField: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), at, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('drop' as const, 'repeat' as const, 'move' as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat with' as const), at, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), at, before, after }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wrap' as const), at, before: value, after: value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('swap' as const), at, other: at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('upper-case name' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('repeat often' as const),
      at,
      times: fc.constantFrom(10, 100, 900, 1001, 3000, 15_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      to: fc.constantFrom('query' as const, 'form' as const),
      name,
      value,
    }),
  },
);

/** What Node lets into a header; of the rest, some gets as far as its parser. */
const headerText = fc
  .uint8Array({ maxLength: 40 })
  .map((some) =>
    Buffer.from(some.map((byte) => (byte < 32 || byte === 127 ? 32 + (byte % 32) : byte))).toString('latin1'),
  );
const scheme = fc.constantFrom('Basic', 'Bearer', 'bearer', 'BASIC', 'Digest', 'DPoP', 'Negotiate', 'Basic:', '');
const base64 = fc
  .string({ unit: codePoint, maxLength: 60 })
  .map((text) => Buffer.from(text, 'latin1').toString('base64'));
const headerName = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(...HEADER_NAMES),
  },
  { weight: 1, arbitrary: bytes },
);
const headerValue = fc.oneof(
  { weight: 1, arbitrary: value },
  { weight: 1, arbitrary: bytes },
  { weight: 2, arbitrary: headerText },
  { weight: 3, arbitrary: fc.constantFrom(...MARKS) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(scheme, fc.oneof(fc.constantFrom(...MARKS), base64, headerText))
      .map((parts) => parts.join(' ')),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...HEADER_VALUES),
  },
);

const inHeaders: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set header' as const), name: headerName, value: headerValue }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      to: fc.constant('headers' as const),
      name: headerName,
      value: headerValue,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('drop header' as const, 'repeat header' as const), at }) },
);

const method = fc.constantFrom(...METHODS);
const type = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...TYPES),
  },
  { weight: 1, arbitrary: bytes },
);
const path = fc.constantFrom(...PATHS);
const replacement: fc.Arbitrary<Partial<Draft>> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ method }) },
  { weight: 2, arbitrary: fc.record({ type }) },
  { weight: 4, arbitrary: fc.record({ body: fc.constantFrom(...BODIES) }) },
  { weight: 2, arbitrary: fc.record({ framing: fc.constantFrom('chunked' as const, ...FRAMINGS) }) },
  { weight: 3, arbitrary: fc.record({ path }) },
  { weight: 1, arbitrary: fc.constant<Partial<Draft>>({ method: 'POST', form: [['x', 'x'.repeat(70_000)]] }) },
);

const spliced = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...SPLICES) }, { weight: 1, arbitrary: bytes });
const edit = fc.record({
  place: fc.constantFrom('body' as const, 'body' as const, 'target' as const),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.constantFrom(0, 0, 1, 3, 50),
  bytes: spliced,
});

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 12, arbitrary: inField },
  { weight: 4, arbitrary: inHeaders },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('replace' as const), with: replacement }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), edit }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('put before path' as const), text: fc.constantFrom(...ORIGINS) }),
  },
);

export interface Case {
  /** Which house it goes to. */
  readonly house: string;
  /** The good request that it begins with. */
  readonly draft: string;
  readonly mutations: readonly Mutation[];
  readonly protocol: Protocol;
}

/** In HTTP/2, streams may also be reset before their end. */
export type Protocol = 'HTTP/1.1' | 'HTTP/2' | 'HTTP/2, cut off';

/** Up to four things done to one of these good requests, to one of these houses. */
export const casesOf = (
  houses: readonly string[],
  drafts: Readonly<Record<string, Draft>>,
  mutations: fc.Arbitrary<Mutation>,
): fc.Arbitrary<Case> =>
  fc.record({
    house: fc.constantFrom(...houses),
    draft: fc.constantFrom(...Object.keys(drafts)),
    protocol: fc.oneof(
      { weight: 8, arbitrary: fc.constant('HTTP/1.1' as const) },
      { weight: 2, arbitrary: fc.constant('HTTP/2' as const) },
      { weight: 1, arbitrary: fc.constant('HTTP/2, cut off' as const) },
    ),
    mutations: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 5, arbitrary: fc.array(mutations, { minLength: 1, maxLength: 1 }) },
      { weight: 4, arbitrary: fc.array(mutations, { minLength: 2, maxLength: 4, size: 'max' }) },
    ),
  });
