/** The attack on caches: they may store the credentials of a registered client. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page } from '../http.js';
import { after, HONEST, manage, register, registeredIn, registrationAttack } from './client.js';

/** The answers that may have a client's credentials: to its registration, and to the requests that read and change it. */
async function answers(context: AttackContext): Promise<Readonly<Record<string, Page>>> {
  const registration = await register(context, HONEST);
  const client = registeredIn(registration);
  if (client.uri === undefined) return { registration };
  const read = await manage(client, 'GET', client.token);
  const change = await manage(client, 'PUT', after(client, read).token, { ...HONEST, client_id: client.client_id });
  return { registration, read, change };
}

const hasCredentials = (page: Page): boolean =>
  ['client_secret', 'registration_access_token'].some((name) => name in membersOf(page));

export const caching: Attack = registrationAttack(
  {
    name: 'registration-caching',
    title: 'an answer with the credentials of a client may be kept in a cache',
    clause: 'RFC 6749 §5.1, RFC 7591 §3.2.1',
  },
  async (context) => {
    for (const [what, page] of Object.entries(await answers(context))) {
      const control = page.headers.get('cache-control') ?? '';
      if (hasCredentials(page) && !/\bno-store\b/i.test(control))
        return succeeded(`in the answer to a ${what}, Cache-Control is "${control}"`);
    }
    return withstood;
  },
);
