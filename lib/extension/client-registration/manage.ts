/** The endpoint at which a client reads, changes and removes its registration. @see RFC 7592 §2 */
import type { Context, Middleware } from 'koa';
import { matchesClientSecret } from '../../client-auth/secret.js';
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { judgeClient } from '../../clients/judge-client.js';
import type { Core } from '../../core.js';
import { ForbiddenError } from '../../errors/forbidden-error.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { noStore } from '../../http/headers.js';
import { readQuery } from '../../http/params.js';
import { perRequest } from '../../http/per-request.js';
import { guard } from '../../resource-server/guard.js';
import { answerRegistration } from './answer.js';
import { readObject, type Sent } from './body.js';
import { isAccessTokenOf, newAccessToken, secretFor } from './credentials.js';
import type { FindRegistered } from './find.js';
import type { Judge } from './judge.js';
import type { ClientRegistrationOptions } from './options.js';
import type { RegisteredClient } from './registered.js';
import { removing } from './removal.js';

/** RFC 7592 §2.2: members that MUST NOT be in a request. */
const NOT_SENT = [
  ...['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at'],
];

/** A client that has authenticated for its registration, and the registration access token that it used. */
interface Manager {
  readonly client: RegisteredClient;
  readonly token: string;
}

const managers = perRequest<Manager>('manager of a registration');

/** @throws OAuth2Error `invalid_client_metadata`. @see RFC 7592 §2.2 */
function requireOwn(sent: Sent, client: RegisteredClient): void {
  const wrong = NOT_SENT.find((name) => Object.hasOwn(sent, name));
  if (wrong !== undefined) throw invalidMetadata(`${wrong} must not be sent`);
  const { client_id, client_secret: secret } = sent;
  if (client_id !== client.client_id) throw invalidMetadata('client_id must be that of the registration');
  // MUST match: a client MUST NOT choose its own secret
  const isRight = typeof secret === 'string' && matchesClientSecret(secret, client.client_secret_hash);
  if (secret !== undefined && !isRight) throw invalidMetadata('client_secret is not that of the registration');
}

function conflict(): OAuth2Error {
  const message = 'The registration was changed or removed at the same moment: read it again';
  return new OAuth2Error(message, 'invalid_request', undefined, 409);
}

/** The members that a change by the client does not touch: its identifier, when it was registered, and until when it must be used. */
function lastingOf({ client_id, client_id_issued_at, registration_unused_until: end }: RegisteredClient) {
  return { client_id, client_id_issued_at, ...(end !== undefined && { registration_unused_until: end }) };
}

/** The request replaces all that was registered: what it leaves out is removed. @see RFC 7592 §2.2 */
async function update<C, U>(
  ctx: Context,
  core: Core<C, U>,
  options: ClientRegistrationOptions,
  judge: Judge,
): Promise<void> {
  const { client: earlier, token } = managerOf(ctx);
  const sent = await readObject(ctx);
  requireOwn(sent, earlier);
  const metadata = await judge(sent, { ctx, earlier });
  const secret = secretFor(metadata, earlier, options, core.now());
  const access = options.rotateAccessToken === true ? newAccessToken() : undefined;
  const { registration_access_token_hash = '' } = earlier;
  const client: RegisteredClient = {
    redirect_uris: [],
    ...metadata,
    ...lastingOf(earlier),
    ...secret.kept,
    ...(access?.kept ?? { registration_access_token_hash }),
    registration_version: earlier.registration_version + 1,
  };
  judgeClient(core, client as C, { earlier: earlier as C });
  if ((await options.clients.update(client)) !== true) throw conflict();
  answerRegistration(ctx, core, client, { ...secret.told, registration_access_token: token, ...access?.told });
}

function managerOf(ctx: Context): Manager {
  const manager = managers.of(ctx);
  if (!manager) throw new Error('No valid registration access token was sent for this registration');
  return manager;
}

/** The client that the URL names, if the token is its own. RFC 7592 §2.1: an unknown client gets the same answer as a wrong token. */
async function authenticate(ctx: Context, find: FindRegistered, token: string): Promise<Manager | undefined> {
  const client = await find(readQuery(ctx).params.get('client_id') ?? '');
  return isAccessTokenOf(token, client) && client ? { client, token } : undefined;
}

export function configurationEndpoint<C, U>(
  core: Core<C, U>,
  options: ClientRegistrationOptions,
  { judge, find }: { readonly judge: Judge; readonly find: FindRegistered },
): Middleware {
  const remove = removing(core, options, find);
  const guarded = guard({
    async verify(token, ctx) {
      const manager = await authenticate(ctx, find, token);
      if (manager) managers.set(ctx, manager);
      return manager && { scope: [], clientID: manager.client.client_id };
    },
    presentation: {},
    params: { realm: 'registration' },
    scope: [],
    proofs: [],
    now: () => core.now(),
    audienceFault: () => undefined,
  });
  const answer = async (ctx: Context): Promise<void> => {
    const { client, token } = managerOf(ctx);
    // RFC 7592 §2.1: 403 for a client without the right to manage its registration
    if (options.mayManage && (await options.mayManage(client, ctx)) !== true)
      throw new ForbiddenError('This client cannot manage its registration');
    if (ctx.method === 'PUT') return update(ctx, core, options, judge);
    if (ctx.method === 'DELETE') {
      await remove(client);
      ctx.status = 204; // RFC 7592 §2.3
      return;
    }
    answerRegistration(ctx, core, client, { registration_access_token: token }); // RFC 7592 §3: REQUIRED
  };
  return async function clientConfiguration(ctx) {
    noStore(ctx);
    await guarded(ctx, () => answer(ctx));
  };
}
