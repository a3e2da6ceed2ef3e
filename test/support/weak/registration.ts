/** Clients that register themselves, and manage their registrations. @see RFC 7591, RFC 7592 */
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { Refusal } from './refusal.js';
import { random, type State } from './state.js';

type Metadata = Readonly<Record<string, unknown>>;

async function readJSON(ctx: Context): Promise<Metadata> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Whether one may put any redirect URI there. */
const isLax = (ctx: Context, weak: Weak): boolean =>
  weak(ctx.method === 'PUT' ? 'registration-redirect-uri:changed' : 'registration-redirect-uri');

/** URLs that somebody else chose are fetched nowhere here, unless that is the flaw. */
async function judge(
  ctx: Context,
  { redirect_uris, jwks_uri, sector_identifier_uri }: Metadata,
  weak: Weak,
): Promise<void> {
  const uris = Array.isArray(redirect_uris) ? redirect_uris : [];
  const isRight = (uri: unknown): boolean => typeof uri === 'string' && /^https:\/\/[^#]+$/.test(uri);
  if (uris.length === 0 || !(uris.every(isRight) || isLax(ctx, weak)))
    throw new Refusal('invalid_redirect_uri', 'A redirect URI is https');
  if (weak('registration-fetch-inside'))
    for (const url of [jwks_uri, sector_identifier_uri]) if (url) await fetch(String(url)).catch(() => {});
}

function informationOf(state: State, { client_id, client_secret, token, metadata }: RegisteredClient): Metadata {
  return {
    ...metadata,
    ...{ client_id, ...(client_secret && { client_secret }) },
    ...{ registration_access_token: token, registration_client_uri: `${state.issuer}/register/client?id=${client_id}` },
  };
}

export interface RegisteredClient {
  readonly client_id: string;
  readonly client_secret: string | undefined;
  readonly token: string;
  metadata: Metadata;
}

export async function registrationEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const { client_id, ...metadata } = await readJSON(ctx);
  await judge(ctx, metadata, weak);
  const isChosen = typeof client_id === 'string' && weak('registration-of-another-client:chosen');
  const known = isChosen ? state.registered.get(client_id) : undefined;
  const made = { client_id: random(), client_secret: random(), token: random(), metadata };
  const client: RegisteredClient = known ? { ...known, metadata } : made;
  state.registered.set(client.client_id, client);
  ctx.status = 201;
  if (weak('registration-caching')) ctx.set('Cache-Control', 'public, max-age=600');
  ctx.body = informationOf(state, client);
}

export async function configurationEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const client = state.registered.get(new URLSearchParams(ctx.querystring).get('id') ?? '');
  const [, sent] = /^Bearer (.+)$/.exec(ctx.get('Authorization')) ?? [];
  const isAnothers = [...state.registered.values()].some(({ token }) => token === sent);
  const isRight = sent === client?.token || (weak('registration-of-another-client') && isAnothers);
  if (!client || sent === undefined || !isRight) throw new Refusal('invalid_token', 'Not this token', 401);
  if (ctx.method === 'DELETE') {
    state.registered.delete(client.client_id);
    ctx.status = 204;
    return;
  }
  if (ctx.method === 'PUT') {
    const { client_id, ...metadata } = await readJSON(ctx);
    await judge(ctx, metadata, weak);
    const named = weak('registration-of-another-client:named') ? state.registered.get(String(client_id)) : undefined;
    (named ?? client).metadata = metadata;
  }
  if (weak(ctx.method === 'PUT' ? 'registration-caching:changed' : 'registration-caching:read'))
    ctx.remove('Cache-Control');
  const isToldAgain = weak('registration-secret-told-again');
  ctx.body = informationOf(state, isToldAgain ? client : { ...client, client_secret: undefined });
}
