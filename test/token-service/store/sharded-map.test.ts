import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { authorization } from '../../../lib/testing/store-contract/subject.js';
import { memoryStore } from '../../../lib/token-service/store/memory.js';
import { SHARDS, ShardedMap, shardOfID, shardOfText } from '../../../lib/token-service/store/sharded-map.js';

const MANY = 64_000;

/** How many of the texts come into the fullest part. */
function fullest(shardOf: (text: string) => number, text: (i: number) => string): number {
  const sizes = Array.from({ length: SHARDS }, () => 0);
  for (let i = 0; i < MANY; i++) {
    const part = shardOf(text(i));
    assert.ok(Number.isInteger(part) && part >= 0 && part < SHARDS);
    sizes[part] = (sizes[part] ?? 0) + 1;
  }
  return Math.max(...sizes);
}

describe('ShardedMap', () => {
  it('shares IDs evenly among its parts, whose tags are random', () => {
    const id = () => `${randomBytes(3).toString('base64url').slice(0, 3)}.rest`;
    assert.ok(fullest(shardOfID, id) < (2 * MANY) / SHARDS);
  });

  for (const [what, name] of [
    ['numbers', (i) => `${i}`],
    ['names with numbers', (i) => `user ${i}`],
    ['addresses', (i) => `person.${i}@mail.example`],
    ['URLs', (i) => `https://id.example/people/${100_000 + i}`],
    ['UUIDs', () => randomUUID()],
  ] as readonly (readonly [string, (i: number) => string])[]) {
    it(`leaves no part with a tenth of all users, whose names are ${what}`, () => {
      assert.ok(fullest(shardOfText, name) < MANY / 10);
    });
  }

  it('has all records of one authorization in one part', () => {
    const { record, authorizationID } = authorization(1_800_000_000);
    const parts = new Set([record().id, record().id, authorizationID].map(shardOfID));
    assert.equal(parts.size, 1);
  });

  it('is a Map', () => {
    const map = new ShardedMap<number>(shardOfText);
    for (let i = 0; i < 1000; i++) map.set(`${i}`, i);
    for (let i = 0; i < 1000; i += 2) map.delete(`${i}`);
    assert.equal(map.get('1'), 1);
    assert.equal(map.get('2'), undefined);
    const odd = Array.from({ length: 500 }, (_, i) => 2 * i + 1);
    assert.deepEqual(
      [...map.values()].sort((one, other) => one - other),
      odd,
    );
  });

  it('lets the memory store list an authorization that is refreshed, and whose spent token is gone, while it lists', async () => {
    const now = 1_800_000_000;
    const store = memoryStore();
    const clientID = 'a client';
    const all = Array.from({ length: 200 }, () => authorization(now));
    for (const { record } of all) await store.put([record({ clientID })], now);
    const tokens: string[] = [];
    for await (const { id } of store.listByClient(clientID, now)) tokens.push(id);
    const last = all.find(({ tag }) => tokens.at(-1)?.startsWith(`${tag}.`));
    const seen: string[] = [];
    for await (const { authorizationID } of store.listByClient(clientID, now)) {
      if (seen.length === tokens.length - 2) {
        const next = [last?.record({ clientID })].filter((record) => record !== undefined);
        await store.consume(tokens.at(-1) ?? '', { now, next });
        await store.remove(tokens.at(-1) ?? '');
      }
      seen.push(authorizationID);
    }
    assert.ok(seen.includes(last?.authorizationID ?? ''));
  });
});
