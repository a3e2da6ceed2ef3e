import type { DoctorRule } from '../rule.js';

export const storeVolatile: DoctorRule = {
  name: 'storeVolatile',
  severity: 'warning',
  finds: 'in production, a store that forgets everything when the process ends',
  looksAt: ['store'],
  why: 'Each restart ends the access of all clients, and a second process does not know the codes and tokens of the first',
  remedy: 'lmdbStore on one machine; postgresStore or redisStore on several',
  examine({ store, isProduction }) {
    if (!store) return undefined;
    return isProduction && store.isVolatile ? ['The store is a memoryStore'] : [];
  },
};
