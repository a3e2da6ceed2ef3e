import { storeWorker } from '../../../../lib/testing/store-contract.js';
import { lmdbStore } from '../../../../lib/token-service/store/lmdb.js';

storeWorker(() => lmdbStore({ path: process.env['LMDB_PATH'] ?? '', purgeInterval: 0.1 }));
