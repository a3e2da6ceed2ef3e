/** What every process knows from the start: one user and one client. A real server has them in the database, too. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Client } from 'koauthorize';

export interface User {
  readonly id: string;
  readonly name: string;
}

export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly secretHash: Buffer;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What the client keeps to itself. A real one makes another verifier for each request. */
export const DEMO = { client_id: 'demo', secret: 'only-postcards-knows', verifier: 'many-machines-'.repeat(4) };

export const ALICE: User = { id: 'alice', name: 'Alice' };

export function openClients(url: string) {
  const app: App = {
    client_id: DEMO.client_id,
    client_name: 'Postcards',
    redirect_uris: [`${url}/callback`],
    secretHash: sha256(DEMO.secret),
  };
  const find = (id: string): App | null => (id === app.client_id ? app : null);
  return {
    find,
    /** The client, if it is the client's secret. */
    check(id: string, secret: string): App | false {
      const found = find(id);
      return found !== null && timingSafeEqual(sha256(secret), found.secretHash) && found;
    },
  };
}
