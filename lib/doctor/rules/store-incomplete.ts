import type { DoctorRule } from '../rule.js';

export const storeIncomplete: DoctorRule = {
  name: 'storeIncomplete',
  severity: 'warning',
  finds: 'a store without its indexes, or one that loses records',
  looksAt: ['store'],
  why: 'Without an index, ending an authorization and purging read the whole table: they get slower with each token, until they time out',
  remedy: 'Have postgresStore create its tables itself, or copy its migration whole',
  async examine({ store }) {
    if (!store?.lacks) return undefined;
    return await store.lacks();
  },
};
