/** Values that extensions keep until they expire, for all processes. They are kept in the token store, so that no second store is needed. */
import type { EphemeralStore } from '../plugs.js';
import { random } from '../secrets/random.js';
import { idOfUsed } from './secret.js';
import { here } from './store/deadline.js';
import { type StoredRecord, StoreUnavailableError, type TokenStore } from './store.js';
import { LATE, type Undo, UnsureChanges } from './unsure.js';

export type { EphemeralStore } from '../plugs.js';

function storedValue(record: StoredRecord | undefined): unknown {
  return record?.kind === 'ephemeral' ? record.data : undefined;
}

/** How to give a value back whose `take` failed, and may have taken it. @param mark the seal of that call, by which its effect is recognized */
function givingBack(store: TokenStore, now: () => number, { id, mark }: { id: string; mark: string }): Undo {
  let taken: StoredRecord | undefined;
  let isFree = false;
  let removalEnds = 0;
  return async () => {
    taken ??= await store.get(id, now());
    if (!taken) return true;
    if (taken.seal !== mark) {
      const isTaken = taken.consumedAt !== undefined; // by another call
      taken = undefined;
      return isTaken;
    }
    if (here() < removalEnds) throw new StoreUnavailableError('A removal whose effect is unknown may still happen');
    if (!isFree) {
      removalEnds = here() + LATE; // a late removal could remove the mark of a later use, and the value would be given back once more
      await store.remove(id); // until the value is stored again, nobody can take it
    }
    [isFree, removalEnds] = [true, 0];
    const { consumedAt: _, seal: __, ...record } = taken;
    await store.put([record], now()); // again after a failure: if it is stored already, even as taken, nothing is changed
    return true;
  };
}

/**
 * Makes an ephemeral store that uses a token store, for applications that keep their tokens in tables of their own. A token service has one already:
 * `tokens.ephemeral`.
 *
 * @param now the time in epoch seconds
 * @example const ephemeral = ephemeralStore(postgresStore({ pool }));
 */
export function ephemeralStore(store: TokenStore, now: () => number = () => Date.now() / 1000): EphemeralStore {
  const unsure = new UnsureChanges();
  return {
    add(key, value, expiresAt) {
      const id = idOfUsed(key);
      const time = now();
      // its own authorization ID: no list has the record, and no revocation removes it
      const record = { id, kind: 'ephemeral', authorizationID: id, clientID: '', expiresAt, data: value ?? null };
      // a key without a value records a use, and is stored as consumed. Version 0.1.0 stores such a record and then consumes it: that `consume` must fail, too
      return store.put([value === undefined ? Object.assign(record, { consumedAt: time }) : record], time);
    },
    async get(key) {
      const id = idOfUsed(key);
      if (unsure.has(id)) await unsure.settle(id);
      const record = await store.get(id, now());
      return record?.consumedAt === undefined ? storedValue(record) : undefined;
    },
    async take(key) {
      const id = idOfUsed(key);
      if (unsure.has(id)) await unsure.settle(id);
      const mark = random(16);
      try {
        const consumed = await store.consume(id, { now: now(), seal: mark });
        return consumed?.first ? storedValue(consumed.record) : undefined;
      } catch (error) {
        unsure.add(id, givingBack(store, now, { id, mark }));
        throw error;
      }
    },
  };
}
