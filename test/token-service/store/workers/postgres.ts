import { Pool } from 'pg';
import { storeWorker } from '../../../../lib/testing/store-contract.js';
import { postgresStore } from '../../../../lib/token-service/store/postgres.js';

const pool = new Pool({ ...JSON.parse(process.env['POOL'] ?? '{}'), max: 5 });
const table = process.env['TABLE'];

storeWorker(
  () => postgresStore({ pool, table, purgeInterval: 0.1, purgeDelay: 0 }),
  () => pool.end(),
);
