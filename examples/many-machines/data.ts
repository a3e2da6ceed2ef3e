/** What every process knows from the start: one user and one client. A real server has them in the database, too. */
import type { Client } from 'koauthorize';
import { hashClientSecret, matchesClientSecret } from 'koauthorize/client-auth';

export interface User {
  readonly id: string;
  readonly name: string;
}

export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly secret_hash: string;
}

/** What the client keeps to itself. A real one makes another verifier for each request. */
export const DEMO = { client_id: 'demo', secret: 'only-postcards-knows', verifier: 'many-machines-'.repeat(4) };

export const ALICE: User = { id: 'alice', name: 'Alice' };

export function openClients(url: string) {
  const app: App = {
    client_id: DEMO.client_id,
    client_name: 'Postcards',
    redirect_uris: [`${url}/callback`],
    secret_hash: hashClientSecret(DEMO.secret),
  };
  return {
    find: (id: string): App | null => (id === app.client_id ? app : null),
    isSecretOf: (secret: string, { secret_hash }: App): boolean => matchesClientSecret(secret, secret_hash),
  };
}
