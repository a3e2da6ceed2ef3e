import type { DoctorRule } from '../rule.js';

export const storeIncomplete: DoctorRule = {
  name: 'storeIncomplete',
  severity: 'warning',
  finds: 'a store without its indexes, or that loses what it was given',
  looksAt: ['store'],
  why: 'Ending an authorization, and purging, read the whole table: slower with each token, until they time out',
  remedy: 'Have postgresStore create its tables itself, or copy its migration whole',
  async examine({ store }) {
    if (!store?.lacks) return undefined;
    return await store.lacks();
  },
};
