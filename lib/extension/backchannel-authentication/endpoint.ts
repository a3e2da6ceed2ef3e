/** The backchannel authentication endpoint: a client asks for the consent of a user who is elsewhere. @see CIBA §7 */
import type { Context, Middleware } from 'koa';
import { judgeRequestWithoutBrowser } from '../../authorization/judge.js';
import { requireGrantType } from '../../clients/permitted.js';
import type { Core } from '../../core.js';
import { forProgram } from '../../errors/for-program.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { noStore } from '../../http/headers.js';
import { answerJSON } from '../../http/json.js';
import { readPostedParams } from '../../http/params.js';
import { scopeOf } from '../../syntax/scope.js';
import { clientOf } from '../../token/client.js';
import type { AuthorizationRequest, Params } from '../../types.js';
import { deliveryModeOf } from './client.js';
import type { BackchannelRequests } from './kept.js';
import { CIBA, OPENID, TYPE } from './names.js';
import type { BackchannelAuthenticationOptions, BackchannelRequest } from './options.js';
import { readHint, readLifetime, readNotificationToken } from './parameters.js';
import { signedReader } from './signed.js';
import { guarding, userFor } from './user.js';

/** §13: `access_denied` is answered with 403, all other errors of the steps with 400. */
function refused(error: unknown): unknown {
  return error instanceof OAuth2Error && error.code === 'access_denied' ? error : forProgram(error);
}

/** What the client asks for, as the steps of extensions read it. @throws OAuth2Error */
async function judge<C, U>(core: Core<C, U>, ctx: Context, client: C, params: Params): Promise<AuthorizationRequest> {
  if (!params.has('scope')) throw new TokenError('Missing required parameter: scope', 'invalid_request');
  const request = await judgeRequestWithoutBrowser(core, ctx, { client, params }, { type: TYPE }).catch((error) => {
    throw refused(error);
  });
  if (scopeOf(request)?.includes(OPENID)) return request;
  throw new TokenError('The scope must contain openid', 'invalid_scope'); // §7.1: MUST
}

/** @throws TokenError `access_denied` */
async function requireMayAsk<C, U>(
  { mayAsk }: BackchannelAuthenticationOptions<C, U>,
  ctx: Context,
  request: Omit<BackchannelRequest<C, U>, 'id'>,
): Promise<void> {
  if (!mayAsk || (await mayAsk(ctx, request)) === true) return;
  const error = new TokenError('The request was denied', 'access_denied', undefined, 403); // §13
  throw reasoned(error, 'backchannelAuthentication({ mayAsk }) refused it');
}

export function authenticationEndpoint<C, U>(
  core: Core<C, U>,
  requests: BackchannelRequests<C, U>,
  options: BackchannelAuthenticationOptions<C, U>,
): Middleware {
  const { interval = 5, userProperty = 'user' } = options;
  const read = signedReader(core, requests, options);
  const guard = guarding(options);
  return async function backchannelAuthentication(ctx) {
    noStore(ctx);
    const sent = await readPostedParams(ctx, core.parameters);
    const { client, method } = clientOf(core, ctx, sent, userProperty); // §7.1: MUST authenticate
    const mode = deliveryModeOf({ client, authMethod: method });
    requireGrantType(client, CIBA);
    const { params, spend } = await read(ctx, client, sent);
    const hint = await readHint(core, client, params);
    const req = await judge(core, ctx, client, params);
    const lifetime = readLifetime(params, options);
    const token = mode === 'ping' ? readNotificationToken(client, params) : undefined;
    const { user, subject } = await userFor(core, options, client, hint);
    await guard(core, requests.store, { user, subject }, client, params);
    const at = core.now();
    const asked = { client, user, req, expiresAt: at + lifetime };
    await requireMayAsk(options, ctx, asked);
    await spend();
    const { authReqID, id } = await requests.begin({ request: req, subject, at, expiresAt: asked.expiresAt }, token);
    try {
      await options.ask(ctx, { id, ...asked });
    } catch (error) {
      // the user was not asked. If the removal fails, too, the record expires: nobody was given its auth_req_id
      await requests.takeBack(id).catch(() => undefined);
      throw error;
    }
    answerJSON(ctx, { auth_req_id: authReqID, expires_in: lifetime, interval }); // §7.3
  };
}
