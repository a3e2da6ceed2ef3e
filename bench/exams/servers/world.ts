/** Who there is in the exams, the same for every server: the clients of the benchmark, another one that takes the part of an attacker, and two users. */

import { type App, apps, SCOPE, secretOf, type User } from '../../servers/clients.js';
import { isSame } from '../../servers/peers/application.js';

/** Has two redirect URIs. */
export const otherApp: App = {
  client_id: 'other',
  client_secret: secretOf('other'),
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://other.example/callback', 'https://other.example/second'],
  scope: SCOPE,
};

export const examined: ReadonlyMap<string, App> = new Map([...apps, [otherApp.client_id, otherApp]]);

export const users: ReadonlyMap<string, User> = new Map(['alice', 'bob'].map((id) => [id, { id }]));

/** The user that a login names. */
export const userNamed = (name: unknown): User => users.get(String(name)) ?? { id: 'alice' };

/** The client with this secret. */
export function authenticate(clientID: string, secret: string): App | undefined {
  const app = examined.get(clientID);
  return app && isSame(secret, app.client_secret) ? app : undefined;
}

/** Whether it is a challenge by S256. @see RFC 7636 §4.2 */
export const isChallenge = (challenge: unknown, method: unknown): challenge is string =>
  typeof challenge === 'string' && /^[\w-]{43}$/.test(challenge) && method === 'S256';
