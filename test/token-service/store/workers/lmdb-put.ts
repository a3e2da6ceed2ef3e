/** Stores one record and closes nothing. */
import { lmdbStore } from '../../../../lib/token-service/store/lmdb.js';

const record = JSON.parse(process.env['RECORD'] ?? '{}');
await lmdbStore({ path: process.env['LMDB_PATH'] ?? '' }).put([record], 0);
