/** The endpoint at which clients register. @see RFC 7591 §3 */
import type { Context, Middleware } from 'koa';
import { judgeClient } from '../../clients/judge-client.js';
import type { Core } from '../../core.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { noStore } from '../../http/headers.js';
import { answerRegistration } from './answer.js';
import { readObject } from './body.js';
import { newAccessToken, secretFor } from './credentials.js';
import { newClientID } from './find.js';
import { type Admit, type Admitted, admitter } from './initial-access.js';
import type { Judge } from './judge.js';
import type { ClientRegistrationOptions } from './options.js';
import type { RegisteredClient } from './registered.js';

const DAY = 24 * 60 * 60;

function unavailable(message: string, why: string): OAuth2Error {
  return reasoned(new OAuth2Error(message, 'temporarily_unavailable', undefined, 503), why);
}

/** Registers the client of a request. @throws OAuth2Error with a code of RFC 7591 §3.2.2; 503 if there are too many clients */
async function register<C, U>(
  core: Core<C, U>,
  options: ClientRegistrationOptions,
  judge: Judge,
  { ctx, ...admitted }: Admitted,
): Promise<void> {
  const metadata = await judge(await readObject(ctx), { ctx, ...admitted });
  const now = Math.floor(core.now());
  const { management = true, unusedLifetime = DAY } = options;
  const secret = secretFor(metadata, undefined, options, now);
  const access = management ? newAccessToken() : undefined;
  const client: RegisteredClient = {
    redirect_uris: [],
    ...metadata,
    client_id: newClientID(),
    client_id_issued_at: now,
    ...secret.kept,
    ...access?.kept,
    registration_version: 0,
    ...(unusedLifetime > 0 && { registration_unused_until: now + unusedLifetime }),
  };
  judgeClient(core, client as C);
  if ((await options.clients.create(client)) !== true)
    throw unavailable(
      'No more clients can be registered now',
      'clientRegistration({ clients }) did not keep another one',
    );
  ctx.status = 201; // RFC 7591 §3.2.1
  answerRegistration(ctx, core, client, { ...secret.told, ...access?.told });
}

export function registrationEndpoint<C, U>(
  core: Core<C, U>,
  options: ClientRegistrationOptions,
  judge: Judge,
): Middleware {
  const admit: Admit = admitter(core, options);
  return async function registration(ctx: Context) {
    noStore(ctx);
    if (options.isOpen && (await options.isOpen()) !== true)
      throw unavailable('Clients cannot be registered now', 'clientRegistration({ isOpen }) did not return true');
    await admit(ctx, (admitted) => register(core, options, judge, admitted));
  };
}
