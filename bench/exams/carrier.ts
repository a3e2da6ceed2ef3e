/** Requests to one server, any number at once. */
import { Pool } from 'undici';
import type { Answer, Carrier, Sent } from '../workloads/connection.js';

/** Milliseconds after which a request counts as unanswered. */
const PATIENCE = 10_000;

/** @param origin such as `http://127.0.0.1:3000` */
export function carrierTo(origin: string): Carrier {
  const pool = new Pool(origin, { pipelining: 1, headersTimeout: PATIENCE, bodyTimeout: PATIENCE });
  return {
    async carry(sent: Sent): Promise<Answer> {
      const { statusCode, headers, body } = await pool.request({ ...sent, body: sent.body ?? null });
      return { sent, status: statusCode, headers, body: await body.text() };
    },
    close: () => pool.destroy(),
  };
}
