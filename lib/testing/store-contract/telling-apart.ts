import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { authorization, type Check, ids, ofClient, random } from './subject.js';

const swapCase = (text: string): string =>
  [...text].map((each) => (each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase())).join('');

/**
 * Different names that a database column may take for the same: it ignores case, accents, spaces or width, compares texts as numbers, or cuts off long texts.
 */
function alike(): readonly string[] {
  const [name, number, long] = [`Ren\u00e9e ${random()}`, `${randomInt(1e12, 1e13)}`, 'x'.repeat(1000) + random()];
  return [
    ...[name, swapCase(name), name.normalize('NFD'), name.replace('\u00e9', 'e'), name.replace('R', '\uff32')],
    ...[`${name} `, ` ${name}`, `${name}\u0000`, `${name}\u200b`, name.replace('n', '_'), `${name.slice(0, -1)}%`],
    ...[number, `0${number}`, `${number}.0`, `${number}e0`],
    ...[`${long}a`, `${long}b`],
  ];
}

export const tellingApart: readonly Check[] = [
  {
    name: 'tells apart users and clients whose names look alike',
    async run({ store, second, now }) {
      const names = alike();
      const records = names.map((name) => authorization(now, name).record({ clientID: name }));
      for (const each of records) await store.put([each], now);
      for (const [i, name] of names.entries()) assert.deepEqual(await second.list(name, now), [records[i]]);
      // one name of each kind is enough: a store may have to read all of its records for each call
      const found = [0, 9, 10, 11, 15].map(async (i) => {
        assert.deepEqual(ids(await ofClient(second, names[i] ?? '', now)), [records[i]?.id], names[i]);
      });
      await Promise.all(found);
    },
  },
  {
    name: 'tells apart IDs that differ by case',
    async run({ store, second, now }) {
      const { record, tag } = authorization(now);
      const swapped = (id: string): string => id.slice(0, tag.length) + swapCase(id.slice(tag.length));
      const one = record();
      const other = { ...one, id: swapped(one.id) };
      const authorizationID = swapped(one.authorizationID);
      const neighbour = { ...record(), authorizationID };
      const [third] = [record()];
      const cousin = { ...record(), id: swapCase(tag) + third.id.slice(tag.length), authorizationID: swapCase(tag) };
      assert.equal(await store.put([one, other, third], now), true);
      for (const each of [neighbour, cousin]) assert.equal(await store.put([each], now), true);
      assert.equal((await second.consume(one.id, { now }))?.first, true);
      assert.equal((await second.consume(other.id, { now }))?.first, true);
      await second.remove(third.id);
      await store.revoke(one.authorizationID, now + 600, now);
      for (const each of [neighbour, cousin]) assert.deepEqual(await second.get(each.id, now), each);
    },
  },
];
