import assert from 'node:assert/strict';
import { Groups } from '../../../lib/token-service/store/groups.js';
import { shardOfText } from '../../../lib/token-service/store/sharded-map.js';

interface Entry {
  readonly number: number;
}

describe('Groups', () => {
  it('give all of a key at once, and then know none of it', () => {
    const groups = new Groups<Entry>(shardOfText);
    const [one, two] = [{ number: 1 }, { number: 2 }];
    for (const entry of [one, two]) groups.add('alice', entry);
    groups.add('bob', one);
    assert.deepEqual([groups.take('alice'), groups.take('alice'), groups.of('bob')], [[one, two], [], [one]]);
  });

  it('know all of a key, oldest first, whatever comes and goes', () => {
    const groups = new Groups<Entry>(shardOfText);
    const expected = new Map<string, Entry[]>();
    const keys = ['alice', 'bob', 'carol'];
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let i = 0; i < 5000; i++) {
      const key = keys[random(keys.length)] ?? '';
      const entries = expected.get(key) ?? [];
      expected.set(key, entries);
      if (random(100) < 51 || entries.length === 0) {
        const entry: Entry = { number: i };
        entries.push(entry);
        groups.add(key, entry);
      } else {
        const [gone] = entries.splice(random(entries.length), 1);
        if (gone) groups.remove(key, gone);
      }
      assert.ok(groups.of(key).every((entry, place) => entry === entries[place]));
      assert.equal(groups.of(key).length, entries.length);
      const sought = entries[random(Math.max(1, entries.length))];
      assert.equal(
        groups.some(key, (entry) => entry === sought),
        entries.length > 0,
      );
    }
  });

  it('have a member once, however often it is added', () => {
    const groups = new Groups<string>(shardOfText);
    for (const member of ['one', 'one', 'two', 'one', 'two']) groups.add('alice', member);
    assert.deepEqual(groups.of('alice'), ['one', 'two']);
    groups.remove('alice', 'one');
    groups.remove('alice', 'two');
    assert.deepEqual([groups.of('alice'), groups.some('alice', () => true)], [[], false]);
  });
});
