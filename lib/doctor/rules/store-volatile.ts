import type { DoctorRule } from '../rule.js';

export const storeVolatile: DoctorRule = {
  name: 'storeVolatile',
  severity: 'warning',
  finds: 'in production, a store that forgets everything when the process ends',
  looksAt: ['store'],
  why: 'Each restart logs all clients out, and a second process knows nothing of what the first has given out',
  remedy: 'lmdbStore on one machine; postgresStore or redisStore on several',
  examine({ store, isProduction }) {
    if (!store) return undefined;
    return isProduction && store.isVolatile ? ['The store is a memoryStore'] : [];
  },
};
