/** Stores that write too little, too late, or what they should not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryStore, StoreUnavailableError, type TokenRecord, type TokenStore } from 'koauthorize/tokens';
import { type Flaw, handleOf } from './handle.js';

const isTaken = async (sound: TokenStore, records: readonly TokenRecord[], now: number): Promise<boolean> =>
  (await Promise.all(records.map(({ id }) => sound.get(id, now)))).some(Boolean);

/** Says that it stored what it was given, of which something was there. */
export const saysTrue: Flaw = (sound) => ({
  async put(records, now, within) {
    const wasTaken = records.length > 1 && (await isTaken(sound, records, now));
    return (await sound.put(records, now, within)) || wasTaken;
  },
});

/** Stores nothing where one of several is there. */
export const allOrNothing: Flaw = (sound) => ({
  async put(records, now, within) {
    return records.length > 1 && (await isTaken(sound, records, now)) ? false : sound.put(records, now, within);
  },
});

/** Successors take the place of what is there. */
export const successorsReplace: Flaw = (sound) => ({
  async consume(id, consumption) {
    for (const each of consumption.next ?? []) await sound.remove(each.id);
    return sound.consume(id, consumption);
  },
});

/** An ID that was removed is never free again. */
export function removedStayTaken(): Flaw {
  const removed = new Set<string>();
  return (sound) => ({
    remove(id) {
      removed.add(id);
      return sound.remove(id);
    },
    put: async (records, now, within) =>
      records.some(({ id }) => removed.has(id)) ? false : sound.put(records, now, within),
  });
}

/** IDs are compared without regard to case. */
export const caselessIDs: Flaw = (sound) => {
  const folded = (record: TokenRecord): TokenRecord => {
    const [id, authorizationID] = [record.id.toLowerCase(), record.authorizationID.toLowerCase()];
    return { ...record, id, authorizationID };
  };
  return {
    put: (records, now, within) => sound.put(records.map(folded), now, within),
    get: (id, now) => sound.get(id.toLowerCase(), now),
    consume: (id, consumption) => sound.consume(id.toLowerCase(), consumption),
    revoke: (id, until, now) => sound.revoke(id.toLowerCase(), until, now),
  };
};

/** Has nothing to tell of what it does not keep. */
export const keptNoLonger: Flaw = (sound) => ({
  async consume(id, consumption) {
    const { now, keepUntil = Number.POSITIVE_INFINITY } = consumption;
    const consumed = await sound.consume(id, consumption);
    return keepUntil <= now ? undefined : consumed;
  },
});

/** Only some kinds can be consumed. */
export const firstOf =
  (kinds: readonly string[]): Flaw =>
  (sound) => ({
    async consume(id, consumption) {
      const consumed = await sound.consume(id, consumption);
      return consumed && { ...consumed, first: consumed.first && kinds.includes(consumed.record.kind) };
    },
  });

/** A revocation ends the first records that were put, and what comes later. */
export function revokingFirst(count: number): Flaw {
  const put = new Map<string, TokenRecord[]>();
  const spared = new Map<string, TokenRecord>();
  return (sound) => ({
    put(records, now, within) {
      for (const each of records) {
        const { authorizationID } = each;
        put.set(authorizationID, put.get(authorizationID) ?? []);
        put.get(authorizationID)?.push(each);
      }
      return sound.put(records, now, within);
    },
    revoke(authorizationID, until, now) {
      for (const each of put.get(authorizationID)?.slice(count) ?? []) spared.set(each.id, each);
      return sound.revoke(authorizationID, until, now);
    },
    get: async (id, now) => spared.get(id) ?? (await sound.get(id, now)),
  });
}

/** Of two revocations of one authorization the later one counts. */
export function lastRevocationCounts(): Flaw {
  const revoked = new Map<string, number>();
  return (sound) => ({
    revoke(authorizationID, until, now) {
      revoked.set(authorizationID, until);
      return sound.revoke(authorizationID, 0, now); // of which nothing is left
    },
    async put(records, now, within) {
      const until = revoked.get(records[0]?.authorizationID ?? '') ?? Number.NEGATIVE_INFINITY;
      return until > now ? false : sound.put(records, now, within);
    },
  });
}

/** Forgets after this many seconds that a record was consumed, as a mark with a lifetime of its own in a cache. */
export function consumedFor(seconds: number): Flaw {
  const consumed = new Map<string, number>();
  return (sound) => ({
    async consume(id, consumption) {
      const outcome = await sound.consume(id, consumption);
      const at = consumed.get(id);
      if (outcome?.first) consumed.set(id, consumption.now);
      return outcome && at !== undefined && consumption.now - at > seconds ? { ...outcome, first: true } : outcome;
    },
  });
}

/** Forgets a revocation after this many seconds, whatever it was told. */
export const revokedFor =
  (seconds: number): Flaw =>
  (sound) => ({ revoke: (id, until, now) => sound.revoke(id, Math.min(until, now + seconds), now) });

/** Cuts off seals that are longer, as a column of limited length. */
export const sealsUpTo =
  (length: number): Flaw =>
  (sound) => ({
    consume: (id, consumption) => sound.consume(id, { ...consumption, seal: consumption.seal?.slice(0, length) }),
  });

function requireInTime(within = 1): void {
  if (within < 0) throw new StoreUnavailableError('Too late');
}

/** Compares the deadline before it waits for its turn, and not after that. */
export const lookingFirst: Flaw = (sound) => ({
  async put(records, now, within) {
    requireInTime(within);
    await sleep(4);
    return sound.put(records, now);
  },
  async consume(id, { within, ...consumption }) {
    requireInTime(within);
    await sleep(4);
    return sound.consume(id, consumption);
  },
});

/** Refuses in time, and does it all the same. */
export const goingOn: Flaw = (sound) => {
  const upTo = async <T>(within: number | undefined, write: () => Promise<T>): Promise<T> => {
    requireInTime(within);
    const written = sleep(10).then(write);
    if (within === undefined) return written;
    await sleep(within * 1000);
    throw new StoreUnavailableError('Too late');
  };
  return {
    put: (records, now, within) => upTo(within, () => sound.put(records, now)),
    consume: (id, { within, ...consumption }) => upTo(within, () => sound.consume(id, consumption)),
  };
};

/** Loses everything when the last handle is closed, and does not say so. */
export function losing(): Flaw {
  let [store, handles] = [memoryStore(), 0];
  return () => {
    handles += 1;
    const close = async (): Promise<void> => {
      handles -= 1;
      if (handles === 0) store = memoryStore();
    };
    return { ...handleOf(store), close };
  };
}
