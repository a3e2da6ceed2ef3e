/** The honest flow of a client that registers itself, in steps that attacks replace one by one. @see RFC 7591 §3, RFC 7592 §2 */
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page, send } from '../http.js';
import { describePage } from '../request.js';

/** Honest metadata. */
export const HONEST = {
  client_name: 'A client of a test',
  redirect_uris: ['https://registered.example/callback'],
} as const;

/** The response to a registration. */
export interface Registered {
  readonly client_id: string;
  readonly client_secret: string | undefined;
  /** The URL at which the client manages its registration, if it can. */
  readonly uri: string | undefined;
  readonly token: string;
}

/** An attack on a server at which clients register themselves. */
export function registrationAttack(
  about: Omit<Attack, 'run'>,
  attempt: (context: AttackContext) => Promise<AttackOutcome>,
): Attack {
  const none = skipped('there is no registration endpoint');
  return {
    ...about,
    run: async (context) => (context.endpoints.registration === undefined ? none : attempt(context)),
  };
}

const bearing = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** A request to register. */
export function register({ endpoints, target }: AttackContext, metadata: object): Promise<Page> {
  const headers = { 'content-type': 'application/json', ...bearing(target.registrationToken) };
  return send(endpoints.registration ?? '', { method: 'POST', headers, body: JSON.stringify(metadata) });
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The client of an honest registration, by the answer. @throws Error if it is refused */
export function registeredIn(page: Page): Registered {
  const { client_id, client_secret, registration_client_uri: uri, registration_access_token: token } = membersOf(page);
  if (page.status !== 201 || typeof client_id !== 'string')
    throw new Error(`An honest registration is refused: ${describePage(page)}`);
  return { client_id, client_secret: textOf(client_secret), uri: textOf(uri), token: textOf(token) ?? '' };
}

export const registerHonestly = async (context: AttackContext): Promise<Registered> =>
  registeredIn(await register(context, HONEST));

/** A request to the URL of a registration. */
export function manage(
  { uri = '' }: Registered,
  method: 'GET' | 'PUT' | 'DELETE',
  token: string | undefined,
  metadata?: object,
): Promise<Page> {
  const headers = { ...bearing(token), ...(metadata && { 'content-type': 'application/json' }) };
  return send(uri, { method, headers, ...(metadata && { body: JSON.stringify(metadata) }) });
}

/** The client after the answer to a request that reads or changes it. The answer may have a new registration access token. RFC 7592 §3 */
export function after(client: Registered, page: Page): Registered {
  const { registration_access_token: token } = membersOf(page);
  return { ...client, token: textOf(token) ?? client.token };
}
