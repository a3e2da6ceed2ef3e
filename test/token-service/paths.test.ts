/** The list of a record's members is the same whether it was kept from an earlier record or not: the stores have lists of earlier versions. */
import assert from 'node:assert/strict';
import { pathsIn } from '../../lib/token-service/paths.js';

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
