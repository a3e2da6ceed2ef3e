/** The list of a record's members is the same whether it was kept from an earlier record or not: the stores have lists of earlier versions. */
import assert from 'node:assert/strict';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pathsIn } from '../../lib/token-service/paths.js';

/** Each step that is kept has a Map. */
const kept = (): number => queryObjects(Map, { format: 'count' }) as unknown as number;

// first: the tests below fill what may be kept
describe('paths of members: what is kept has a bound, since clients decide which members some records have', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };

  it('names that are long are not kept', () => {
    const before = kept();
    for (let i = 0; i < 100; i++) pathsIn({ [`${'x'.repeat(200)}${i}`]: 1 });
    assert.ok(kept() - before < 50);
  });

  it('lists that are long are not kept', () => {
    const before = heap();
    const growing: Record<string, number> = {};
    for (let i = 0; i < 1000; i++) {
      growing[`${'x'.repeat(80)}${i}`] = 1;
      pathsIn(growing);
    }
    const grown = heap() - before;
    assert.ok(grown < 15, `${grown} MiB, where all lists have 40`);
  });
});

/** The same, made as plainly as can be. */
function plainly(value: object, under = ''): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const isObject = typeof member === 'object' && member !== null;
      return `${under}${name},${isObject ? plainly(member, `${under}${name}.`) : ''}`;
    })
    .join('');
}

const ALIKE: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { a: 1, b: 2, c: 3 },
  { a: { b: 2, c: 3 } },
  { a: { b: 2 }, c: 3 },
  { a: { b: { c: 3 } } },
  { a: 1, b: { c: 3 } },
  { b: 2, a: 1, c: 3 },
  { a: {}, b: 2 },
  { a: [], b: 2 },
  { a: null, b: undefined, c: 3 },
  { a: ['x', 'y'], b: 2 },
  { a: ['x'], b: 2 },
  { a: [{ b: 1 }, { b: 2, c: 3 }] },
  { a: [['x'], 'y'] },
  { a: { 0: 'x', 1: 'y' }, b: 2 },
  { 'a.b': 1, '': 2, next: 3, inside: { outside: 4 } },
  JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
];

describe('token-service/paths', () => {
  it('tells apart what is alike, in whatever order it came before', () => {
    for (const value of [...ALIKE, ...ALIKE]) assert.equal(pathsIn(value), plainly(value));
  });

  it('lists names, lists and numbers of members for which there is no room', () => {
    for (const length of [100, 101, 1999, 2000, 3000]) {
      const value = { ['x'.repeat(length)]: { a: 1 }, b: 2 };
      for (let times = 0; times < 2; times++) assert.equal(pathsIn(value), plainly(value));
    }
    for (let made = 0; made < 6000; made++) {
      const value = { [`member ${made}`]: { a: 1 }, b: ['x'] };
      assert.equal(pathsIn(value), plainly(value));
    }
    const unknown = { never: { seen: [1, { before: 2 }] } };
    for (const value of [unknown, ...ALIKE, unknown]) assert.equal(pathsIn(value), plainly(value));
  });
});

// last: nothing more is kept after it
describe('paths of members: what is kept in all', () => {
  it('is 5,000 steps', () => {
    const before = kept();
    for (let i = 0; i < 20_000; i++) pathsIn({ [`m${i}`]: 1 });
    assert.ok(kept() - before < 6000);
  });
});
