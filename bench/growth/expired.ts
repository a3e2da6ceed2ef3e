/** What has expired: brought in, and looked for while it is removed. */
import { another, bulk, sampleLogin } from './bulk.js';
import type { OpenStore } from './stores.js';

/** Seconds from the last expiry until now: later than any store keeps what has expired by default. */
const AGO = 3 * 3600;

/** Seconds from the first expiry to the last. */
const SPAN = 3600;

/** How many records are looked for. */
const MARKS = 1000;

export interface Expired {
  /** The share that is still there, 0 to 1. */
  left(): Promise<number>;
}

/** @returns the share of them that is there, where those that expired first are gone first */
async function shareOf(ids: readonly string[], isThere: (id: string) => Promise<boolean>): Promise<number> {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (await isThere(ids[middle] ?? '')) to = middle;
    else from = middle + 1;
  }
  return 1 - from / ids.length;
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
    if (i % step === 0) ids.push(login.at(-1)?.id ?? '');
    return login;
  };
  const empty = await opened.count?.();
  await bulk(opened, logins, make, before);
  await opened.settle();
  const full = await opened.count?.();
  return {
    async left() {
      const now = await opened.count?.();
      if (!empty || !full || !now)
        return await shareOf(ids, async (id) => (await opened.store.get(id, before)) !== undefined);
      return Math.max(0, 1 - (now.expired - full.expired) / (full.there - empty.there));
    },
  };
}
