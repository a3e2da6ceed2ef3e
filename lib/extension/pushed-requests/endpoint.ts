/** The pushed authorization request endpoint. @see RFC 9126 §2 */
import type { Middleware } from 'koa';
import { judgeAuthorizationRequest } from '../../authorization/judge.js';
import { isOpenToStrangers } from '../../clients/stranger.js';
import type { Core } from '../../core.js';
import { forProgram } from '../../errors/for-program.js';
import { TokenError } from '../../errors/token-error.js';
import { noStore } from '../../http/headers.js';
import { answerJSON } from '../../http/json.js';
import { readPostedParams } from '../../http/params.js';
import { perRequest } from '../../http/per-request.js';
import { publicSlots } from '../../limits/slots.js';
import { toParams } from '../../syntax/param-map.js';
import { clientOf } from '../../token/client.js';
import type { AuthorizationRequest, Params } from '../../types.js';
import type { PushedRequests } from './kept.js';
import type { PushedRequestsOptions } from './options.js';

/** RFC 9126 §2.1: parameters of the client authentication are no part of the authorization request. */
const OF_CLIENT_AUTHENTICATION = ['client_secret', 'client_assertion', 'client_assertion_type'];

/** Marks requests to this endpoint, so that the rule "every request must be pushed" does not refuse them. */
export const isPush = perRequest<true>('pushed request');

/** The parameters of a pushed request that are checked. `client_id` is added from the client authentication if the request has none. */
function toJudge(params: Params, clientID: string | undefined): Params {
  const own = toParams(params);
  for (const name of OF_CLIENT_AUTHENTICATION) own.delete(name);
  if (clientID !== undefined && !own.has('client_id')) own.set('client_id', clientID);
  return own;
}

/** @param pushed the store of pushed requests */
export function pushEndpoint<C, U>(
  core: Core<C, U>,
  pushed: PushedRequests<C, U>,
  { lifetime = 60, publicPerMinute = 100, userProperty = 'user' }: PushedRequestsOptions,
): Middleware {
  const takeSlot = publicSlots(publicPerMinute, 'pushed request', 'pushedRequests({ publicPerMinute })');
  return async function pushedRequest(ctx) {
    noStore(ctx);
    isPush.set(ctx, true);
    const params = await readPostedParams(ctx, core.parameters); // §2.3: 405, 413
    const { client, method } = clientOf(core, ctx, params, userProperty); // §2: authenticates as at the token endpoint
    if (params.has('request_uri')) throw new TokenError('request_uri cannot be pushed', 'invalid_request'); // §2.1
    const clientID = core.clientID(client);
    let request: AuthorizationRequest;
    try {
      request = await judgeAuthorizationRequest(core, ctx, { client, params: toJudge(params, clientID) });
    } catch (error) {
      throw forProgram(error); // RFC 9126 §2.3
    }
    if (isOpenToStrangers(core, { client, authMethod: method }))
      await takeSlot(pushed.store, request.clientID, core.now());
    const request_uri = await pushed.push(request);
    ctx.status = 201; // §2.2
    answerJSON(ctx, { request_uri, expires_in: lifetime });
  };
}
