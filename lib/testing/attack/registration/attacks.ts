/** Attacks by clients that register themselves. @see RFC 7591 §5, RFC 7592 §2 */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf } from '../http.js';
import { describePage } from '../request.js';
import { HONEST, manage, register, registerHonestly, registrationAttack } from './client.js';
import { fetchInside } from './inside.js';

const URIS = [
  ...['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd'],
  ...['http://registered.example/callback', 'https://registered.example/callback#x', '/callback'],
];

const registeredURI = registrationAttack(
  {
    name: 'registration-redirect-uri',
    title: 'a client registers a redirect URI that runs a script, has a fragment, or is reached without TLS',
    clause: 'RFC 7591 §2, RFC 6749 §3.1.2',
  },
  async (context) => {
    await registerHonestly(context);
    for (const uri of URIS)
      for (const application_type of ['web', 'native']) {
        const page = await register(context, { ...HONEST, application_type, redirect_uris: [uri] });
        const { redirect_uris: kept } = membersOf(page);
        if (page.status === 201 && Array.isArray(kept) && kept.includes(uri))
          return succeeded(`a client of the type ${application_type} registered ${uri}`);
      }
    return withstood;
  },
);

const ofAnother = registrationAttack(
  {
    name: 'registration-of-another-client',
    title: 'a client reads, changes or removes the registration of another',
    clause: 'RFC 7592 §2.1, §2.2, §2.3',
  },
  async (context) => {
    const [victim, thief] = [await registerHonestly(context), await registerHonestly(context)];
    if (victim.uri === undefined) return skipped('clients cannot manage their registrations');
    const read = await manage(victim, 'GET', victim.token);
    if (read.status !== 200) throw new Error(`A client cannot read its registration: ${describePage(read)}`);
    const change = { ...HONEST, client_id: victim.client_id, redirect_uris: ['https://thief.example/callback'] };
    for (const token of [undefined, thief.token, victim.client_secret, victim.client_id])
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const { status } = await manage(victim, method, token, method === 'PUT' ? change : undefined);
        if (status < 300) return succeeded(`${method} was answered with ${status}`);
      }
    return withstood;
  },
);

async function isToldAgain(context: AttackContext): Promise<string | undefined> {
  const client = await registerHonestly(context);
  const { client_id, client_secret: secret, token } = client;
  if (client.uri === undefined || secret === undefined) return undefined;
  const pages = [
    await manage(client, 'GET', token),
    await manage(client, 'PUT', token, { ...HONEST, client_id }),
    await manage(client, 'GET', token),
  ];
  return pages.some(({ text }) => text.includes(secret)) ? client_id : undefined;
}

const toldAgain = registrationAttack(
  {
    name: 'registration-secret-told-again',
    title: 'the holder of a registration access token is told the secret, which the server has stored in plain text',
    clause: 'RFC 7591 §5, RFC 7592 §3',
  },
  async (context) => {
    const client = await isToldAgain(context);
    return client === undefined ? withstood : succeeded(`the secret of ${client} was told a second time`);
  },
);

/** In the order of the documentation. */
export const registrationAttacks: readonly Attack[] = [registeredURI, ofAnother, toldAgain, fetchInside];
