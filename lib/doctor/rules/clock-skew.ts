import type { DoctorRule } from '../rule.js';
import { storeTime } from '../store-time.js';

/** Seconds. NTP keeps clocks within one. */
const MOST = 10;

export const clockSkew: DoctorRule = {
  name: 'clockSkew',
  severity: 'error',
  finds: 'a clock that differs from that of the store',
  looksAt: ['server', 'store'],
  why: 'Codes and tokens expire too early or too late, assertions of clients are refused, and retries count as theft',
  section: 'RFC 7523 §3',
  remedy: 'Set the clocks of all machines by NTP, and leave createServer({ now }) to tests',
  async examine({ store, core, timeout }) {
    if (!store) return undefined;
    const now = core ? core.now() : Date.now() / 1000;
    const there = await storeTime(store, now, timeout);
    if (there === undefined) return undefined;
    const away = Math.round(there - now);
    return Math.abs(away) > MOST
      ? [`The store’s clock is ${Math.abs(away)} s ${away > 0 ? 'ahead of' : 'behind'} the server’s`]
      : [];
  },
};
