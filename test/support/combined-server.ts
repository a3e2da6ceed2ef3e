/** An authorization server with everything that a request can have plugged in, and two APIs beside it, over a store of choice; its user is alice. */
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import {
  authorizationDetails,
  createServer,
  dpop,
  exchange,
  grant,
  issuer,
  jwks,
  jwtResponses,
  metadata,
  pkce,
  pushedRequests,
  requestObjects,
  resourceIndicators,
} from 'koauthorize';
import { clientAuthentication, privateKeyJwt } from 'koauthorize/client-auth';
import { type BearerState, bearer, dpopProof } from 'koauthorize/resource-server';
import { generateSigningKey, keySet, type TokenStore, tokenService } from 'koauthorize/tokens';
import type { User } from './authorization-server.js';
import type { Registered } from './client-auth.js';
import { serve } from './interop-server.js';

const alice: Middleware = (ctx, next) => {
  ctx.state['user'] = { id: 'alice', name: 'Alice' };
  return next();
};

/** The API of a path: it takes only tokens that are for itself, or, without an audience, all. */
export const FILES = 'https://files.example/';
export const MAIL = 'https://mail.example/';

/** What the user of the first test may do with files. */
export interface Detail {
  readonly type: 'file';
  readonly actions: readonly string[];
}

/** Everything is allowed, and asked for, by the request alone: it may be pushed, signed, bound and answered in a JWT, or none of these. */
export async function combinedServer(store: TokenStore, app: Registered): Promise<string> {
  const keys = await keySet({ signing: await generateSigningKey('ES256') });
  const clients = { find: (id: string) => (id === app.client_id ? app : undefined) };
  return serve((url) => {
    const tokens = tokenService<Registered, User>({ store });
    const server = createServer<Registered, User>({ issuer: url, clients, tokens, keys })
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.refreshToken(tokens.refreshToken))
      .extend(pkce())
      .extend(issuer(url))
      .extend(dpop())
      .extend(requestObjects({ maxLifetime: 3600 }))
      .extend(jwtResponses())
      .extend(resourceIndicators({ resources: { [FILES]: {}, [MAIL]: {} } }))
      .extend(
        authorizationDetails({
          types: { file: { required: ['actions'], validate: () => true } },
          allowImmediate: true,
        }),
      );
    const methods = [privateKeyJwt<Registered>({ issuer: url, useOnce: tokens.useOnce })];
    const authenticate = clientAuthentication<Registered>({ ...clients, methods });
    server.extend(authenticate);
    const router = new Router<BearerState>();
    router.all('/authorize', alice, server.authorization({ immediate: () => true }) as Middleware);
    router.post('/token', authenticate, server.token());
    router.post('/par', authenticate, server.endpoint(pushedRequests()));
    router.get('/jwks', server.endpoint(jwks()));
    router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
    const proofs = [dpopProof({ baseURL: url, useOnce: tokens.useOnce })];
    const apis: Record<string, string[]> = { '/any': [], '/files': [FILES], '/mail': [MAIL] };
    for (const [path, audience] of Object.entries(apis)) {
      router.get(path, bearer({ verify: tokens.verify, proofs, ...(audience.length > 0 && { audience }) }), (ctx) => {
        ctx.body = ctx.state.token;
      });
    }
    const koa = new Koa();
    koa.keys = ['a key for tests'];
    koa.on('error', () => {});
    return koa.use(session(koa)).use(server.errorHandler()).use(router.routes());
  });
}
