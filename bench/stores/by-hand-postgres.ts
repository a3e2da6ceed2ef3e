/** A table by hand, with as many statements as the store has: what a careful engineer writes with pg. Tokens are stored as SHA-256. */
import { hash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { type Contestant, LIFETIME } from './contestant.js';

const TABLE = `
  CREATE TABLE IF NOT EXISTS by_hand (
    id text PRIMARY KEY, kind text NOT NULL, client_id text NOT NULL, subject text, expires_at float8 NOT NULL, data text NOT NULL, consumed_at float8
  );
  CREATE INDEX IF NOT EXISTS by_hand_subject ON by_hand (subject);
  CREATE INDEX IF NOT EXISTS by_hand_expiry ON by_hand (expires_at)`;

const INSERT = {
  name: 'insert',
  text: 'INSERT INTO by_hand (id, kind, client_id, subject, expires_at, data) VALUES ($1, $2, $3, $4, $5, $6)',
};
const SELECT = { name: 'select', text: 'SELECT * FROM by_hand WHERE id = $1 AND expires_at > $2' };
const ROTATE = {
  name: 'rotate',
  text: `
    WITH spent AS (UPDATE by_hand SET consumed_at = $2 WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2 RETURNING client_id, subject, data)
    INSERT INTO by_hand (id, kind, client_id, subject, expires_at, data)
    SELECT next.id, next.kind, client_id, subject, $5, data FROM spent, (VALUES ($3, 'access_token'), ($4, 'refresh_token')) AS next (id, kind)
    RETURNING 1`,
};

const newToken = (): string => randomBytes(32).toString('base64url');
const idOf = (token: string): string => hash('sha256', token, 'base64url');
const now = (): number => Date.now() / 1000;

export async function byHandOnPostgres(pool: Pool): Promise<Contestant> {
  await pool.query(TABLE);
  async function issue(kind: string, subject: string | null): Promise<string> {
    const token = newToken();
    const data = JSON.stringify({ scope: ['read'], issuedAt: now() });
    await pool.query({ ...INSERT, values: [idOf(token), kind, 'app', subject, now() + LIFETIME, data] });
    return token;
  }
  async function find(token: string): Promise<void> {
    const { rows } = await pool.query({ ...SELECT, values: [idOf(token), now()] });
    if (JSON.parse(rows[0]?.data ?? 'null')?.scope?.[0] !== 'read') throw new Error('The token was refused');
  }
  async function rotate(token: string): Promise<string> {
    await find(token);
    const [access, refresh] = [newToken(), newToken()];
    const values = [idOf(token), now(), idOf(access), idOf(refresh), now() + LIFETIME];
    if ((await pool.query({ ...ROTATE, values })).rowCount !== 2) throw new Error('The refresh token was refused');
    return refresh;
  }
  return {
    operations: {
      'client credentials': async () => async () => void (await issue('access_token', null)),
      async verify() {
        const token = await issue('access_token', 'alice');
        return () => find(token);
      },
      async refresh() {
        let token = await issue('refresh_token', 'alice');
        return async () => {
          token = await rotate(token);
        };
      },
    },
    close: async () => void (await pool.query('DROP TABLE by_hand')),
  };
}
