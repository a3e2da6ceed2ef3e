import assert from 'node:assert/strict';
import { OldestFirst } from '../lib/oldest-first.js';

/** The same in a list of pairs, as slow as it is plain. */
class Model {
  readonly pairs: [string, number][] = [];

  delete(key: string): boolean {
    const place = this.pairs.findIndex(([other]) => other === key);
    return place >= 0 && this.pairs.splice(place, 1).length > 0;
  }

  set(key: string, value: number): void {
    this.delete(key);
    this.pairs.push([key, value]);
  }
}

describe('OldestFirst', () => {
  it('does what a list of pairs does, in 20,000 steps', () => {
    const [kept, model] = [new OldestFirst<number>(), new Model()];
    let seed = 1;
    const below = (limit: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % limit;
    };
    for (let step = 0; step < 20_000; step++) {
      const key = `key ${below(12)}`;
      if (below(3) > 0) {
        kept.set(key, step);
        model.set(key, step);
      } else assert.equal(kept.delete(key), model.delete(key));
      const [oldest] = model.pairs;
      assert.deepEqual(kept.oldest && [kept.oldest.key, kept.oldest.value], oldest);
      assert.equal(kept.size, model.pairs.length);
      const [sought, value] = model.pairs[below(Math.max(1, model.pairs.length))] ?? [key, undefined];
      assert.equal(kept.get(sought), value);
    }
  });

  it('adds up sizes, also of what is set again and deleted', () => {
    const kept = new OldestFirst<string>();
    kept.set('a', 'x', 5);
    kept.set('b', 'x', 7);
    kept.set('c', 'x');
    assert.equal(kept.total, 12);
    kept.set('a', 'y', 1);
    assert.equal(kept.total, 8);
    kept.delete('b');
    kept.deleteWhile(() => kept.total > 0);
    assert.deepEqual([kept.total, kept.size], [0, 0]);
  });

  it('deletes the oldest as long as that is wanted, and no newer one', () => {
    const kept = new OldestFirst<number>();
    for (const [key, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 1],
      ['a', 3],
    ] as const)
      kept.set(key, value);
    kept.deleteWhile((value) => value === 2);
    assert.deepEqual([kept.oldest?.key, kept.get('b'), kept.get('a')], ['c', undefined, 3]);
    kept.deleteWhile(() => true);
    assert.deepEqual([kept.size, kept.oldest], [0, undefined]);
    kept.set('d', 4);
    assert.equal(kept.oldest?.key, 'd');
  });
});
