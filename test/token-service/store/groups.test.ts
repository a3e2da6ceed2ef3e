import assert from 'node:assert/strict';
import { type Entry, entryOf, Groups } from '../../../lib/token-service/store/groups.js';
import { shardOfText } from '../../../lib/token-service/store/sharded-map.js';

describe('Groups', () => {
  it('know all of a key, oldest first, whatever comes and goes', () => {
    const groups = new Groups(shardOfText);
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
        const entry = entryOf({ expiresAt: i } as never);
        entries.push(entry);
        groups.add(key, entry);
      } else {
        const [gone] = entries.splice(random(entries.length), 1);
        if (gone) groups.remove(key, gone);
      }
      assert.ok(groups.of(key).every((entry, place) => entry === entries[place]));
      assert.equal(groups.of(key).length, entries.length);
    }
  });

  it('of two kinds are apart, and what has no key is in none', () => {
    const subjects = new Groups(shardOfText);
    const authorizations = new Groups(shardOfText);
    const [first, second] = [entryOf({ expiresAt: 1 } as never), entryOf({ expiresAt: 2 } as never)];
    for (const entry of [first, second]) {
      subjects.add('alice', entry);
      authorizations.add(entry === first ? 'one' : undefined, entry);
    }
    subjects.remove('alice', second);
    authorizations.remove(undefined, second);
    assert.deepEqual([subjects.of('alice').length, authorizations.of('one').length], [1, 1]);
    assert.equal(subjects.of('nobody').length, 0);
  });
});
