/** What has expired: brought in, and looked for while it is removed. */
import type { TokenStore } from 'koauthorize/tokens';
import { another, bulk, sampleLogin } from './bulk.js';
import type { OpenStore } from './stores.js';

/** Seconds from the last expiry until now: later than any store keeps what has expired by default. */
const AGO = 3 * 3600;

/** Seconds from the first expiry to the last. */
const SPAN = 3600;

/** How many records are looked for. */
const MARKS = 200;

export interface Expired {
  /** Of each record, with its share of indices and sets. */
  readonly bytes: number;
  /** The share that is still there, 0 to 1. */
  left(): Promise<number>;
}

/** @returns the share of them that is there */
async function shareOf(ids: readonly string[], store: TokenStore, now: number): Promise<number> {
  let there = 0;
  for (const id of ids) if (await store.get(id, now)) there++;
  return there / ids.length;
}

/** Brings in so many records, four of each login. They expire one login after the other. */
export async function fillExpired(opened: OpenStore, records: number): Promise<Expired> {
  const sample = await sampleLogin();
  const logins = Math.ceil(records / sample.length);
  const step = Math.max(1, Math.floor(logins / MARKS));
  const end = Date.now() / 1000 - AGO;
  const before = end - 2 * SPAN;
  const ids: string[] = [];
  const make = (i: number) => {
    const login = another(sample, `user ${i}`, end - SPAN + (SPAN * i) / logins);
    if (i % step === 0) ids.push(login[ids.length % login.length]?.id ?? '');
    return login;
  };
  const empty = await opened.count?.();
  const size = await opened.size();
  await bulk(opened, logins, make, before);
  await opened.settle();
  const full = await opened.count?.();
  return {
    bytes: ((await opened.size()) - size) / records,
    async left() {
      const now = await opened.count?.();
      if (!empty || !full || !now) return await shareOf(ids, opened.store, before);
      return Math.max(0, 1 - (now.expired - full.expired) / (full.there - empty.there));
    },
  };
}
