/** Attacks by clients that register themselves. @see RFC 7591 §5, RFC 7592 §2 */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page } from '../http.js';
import { describePage } from '../request.js';
import { caching } from './caching.js';
import { after, HONEST, manage, type Registered, register, registerHonestly, registrationAttack } from './client.js';
import { fetchInside } from './inside.js';

const URIS = [
  ...['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd'],
  ...['http://registered.example/callback', 'https://registered.example/callback#x', '/callback'],
];

/** Redirect URIs that must not be registered, for each type of application. */
const MALFORMED = URIS.flatMap((uri) => (['web', 'native'] as const).map((type) => ({ uri, type })));

const withURI = (uri: string, application_type: string) => ({ ...HONEST, application_type, redirect_uris: [uri] });

/** Whether an answer says that this redirect URI is registered. */
function isKept(page: Page, uri: string): boolean {
  const { redirect_uris: kept } = membersOf(page);
  return page.status < 300 && Array.isArray(kept) && kept.includes(uri);
}

/** Changes a registration to each malformed redirect URI. @returns the finding if the server accepts one. @see RFC 7592 §2.2 */
async function changedURI(first: Registered): Promise<string | undefined> {
  if (first.uri === undefined) return undefined;
  let client = first;
  for (const { uri, type } of MALFORMED) {
    const page = await manage(client, 'PUT', client.token, { ...withURI(uri, type), client_id: client.client_id });
    if (isKept(page, uri)) return `a client of the type ${type} changed its redirect URI to ${uri}`;
    client = after(client, page);
  }
  return undefined;
}

const registeredURI = registrationAttack(
  {
    name: 'registration-redirect-uri',
    title: 'a client registers a redirect URI that runs a script, has a fragment, or is reached without TLS',
    clause: 'RFC 7591 §2, RFC 7592 §2.2, RFC 6749 §3.1.2',
  },
  async (context) => {
    const client = await registerHonestly(context);
    for (const { uri, type } of MALFORMED)
      if (isKept(await register(context, withURI(uri, type)), uri))
        return succeeded(`a client of the type ${type} registered ${uri}`);
    const changed = await changedURI(client);
    return changed === undefined ? withstood : succeeded(changed);
  },
);

const OF_THIEF = 'https://thief.example/callback';

/**
 * The thief sends requests with its own token that have the `client_id` of the victim in the body. The server must find the registration by the URL and the
 * token only.
 */
async function isChangedByName(context: AttackContext, victim: Registered, thief: Registered) {
  const change = { ...HONEST, client_id: victim.client_id, redirect_uris: [OF_THIEF] };
  const requests: readonly (readonly [what: string, send: () => Promise<Page>])[] = [
    ['a PUT at the URL of another client', () => manage(thief, 'PUT', thief.token, change)],
    ['a registration', () => register(context, change)],
  ];
  let owner = victim;
  for (const [what, send] of requests) {
    await send();
    const page = await manage(owner, 'GET', owner.token);
    if (page.status !== 200 || page.text.includes(OF_THIEF))
      return `${what} with its client_id changed a registration: ${describePage(page)}`;
    owner = after(owner, page);
  }
  return undefined;
}

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
    const change = { ...HONEST, client_id: victim.client_id, redirect_uris: [OF_THIEF] };
    for (const token of [undefined, thief.token, victim.client_secret, victim.client_id])
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const { status } = await manage(victim, method, token, method === 'PUT' ? change : undefined);
        if (status < 300) return succeeded(`${method} was answered with ${status}`);
      }
    const changed = await isChangedByName(context, after(victim, read), thief);
    return changed === undefined ? withstood : succeeded(changed);
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
export const registrationAttacks: readonly Attack[] = [registeredURI, ofAnother, toldAgain, caching, fetchInside];
