/** oidc-provider with PKCE required. Its defaults, but that refresh tokens are for every client that may have some, and that consent is asked for each time. */
import '../../servers/peers/quiet.js';
import { generateKeyPairSync } from 'node:crypto';
import Router from '@koa/router';
import Koa from 'koa';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';
import { type App, api, LIFETIMES } from '../../servers/clients.js';
import { newToken } from '../../servers/peers/application.js';
import { listen } from './listen.js';
import { adapterOf, type SecondUse } from './oidc-adapter.js';
import { examined, userNamed, users } from './world.js';

function register({ client_id, client_secret, grant_types, redirect_uris, scope }: App): ClientMetadata {
  const asksUsers = grant_types.includes('authorization_code');
  return {
    client_id,
    client_secret,
    grant_types,
    redirect_uris,
    response_types: asksUsers ? ['code'] : [],
    scope: asksUsers ? `openid ${scope}` : scope,
    id_token_signed_response_alg: 'ES256',
  };
}

const configuration: Configuration = {
  clients: [...examined.values()].map(register),
  scopes: ['openid', 'read'],
  findAccount: (_ctx, id) => (users.has(id) ? { accountId: id, claims: async () => ({ sub: id }) } : undefined),
  cookies: { keys: [newToken()] },
  jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, { clientId }, token) => clientId === api.client_id || clientId === token.clientId,
    },
  },
  routes: { authorization: '/authorize', token: '/token', userinfo: '/me', introspection: '/introspect' },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: async () => false,
  /** Only the grant of this interaction: consent is asked for each time, as the other servers do. */
  async loadExistingGrant(ctx) {
    const grantId = ctx.oidc.result?.consent?.grantId;
    return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
  },
  ttl: {
    AccessToken: LIFETIMES.accessToken,
    AuthorizationCode: LIFETIMES.code,
    ClientCredentials: LIFETIMES.accessToken,
    RefreshToken: LIFETIMES.refreshToken,
    IdToken: LIFETIMES.accessToken,
    Grant: LIFETIMES.refreshToken,
    Session: LIFETIMES.refreshToken,
    Interaction: 600,
  },
  renderError(ctx, error) {
    ctx.type = 'json';
    ctx.body = error;
  },
};

function interactionRoutes(provider: Provider) {
  const router = new Router();
  router.get('/interaction/:uid', async (ctx) => {
    const { uid, prompt } = await provider.interactionDetails(ctx.req, ctx.res);
    ctx.body = { transaction_id: uid, prompt: prompt.name };
  });
  router.post('/interaction/:uid/login', async (ctx) => {
    const login = { accountId: userNamed(ctx.query['user']).id };
    await provider.interactionFinished(ctx.req, ctx.res, { login }, { mergeWithLastSubmission: false });
  });
  router.post('/interaction/:uid/cancel', async (ctx) => {
    const denied = { error: 'access_denied', error_description: 'The user has denied it' };
    await provider.interactionFinished(ctx.req, ctx.res, denied, { mergeWithLastSubmission: false });
  });
  router.post('/interaction/:uid/confirm', async (ctx) => {
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    if (prompt.name !== 'consent' || !session?.accountId) return ctx.throw(400);
    const grant = new provider.Grant({ accountId: session.accountId, clientId: String(params['client_id']) });
    const { missingOIDCScope } = prompt.details as { missingOIDCScope?: string[] };
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(ctx.req, ctx.res, { consent }, { mergeWithLastSubmission: true });
  });
  return router.routes();
}

export interface OIDCVariant extends SecondUse {
  /** `always`: at each use. `default`: near the end of its life, since the clients are confidential. */
  readonly rotation: 'always' | 'default';
}

export function serveOIDC({ rotation, ...secondUse }: OIDCVariant): void {
  listen((issuer) => {
    const rotating = rotation === 'always' ? { rotateRefreshToken: true } : {};
    const provider = new Provider(issuer, { ...configuration, ...rotating, adapter: adapterOf(secondUse) });
    provider.silent = true; // no logs
    const dialog = new Koa().use(interactionRoutes(provider));
    dialog.silent = true;
    const [answerDialog, answer] = [dialog.callback(), provider.callback()];
    return (request, response) => {
      void (request.url?.startsWith('/interaction/') ? answerDialog : answer)(request, response);
    };
  });
}
