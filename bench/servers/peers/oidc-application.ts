/**
 * oidc-provider, with its own session, its own form reader and its interactions, whose two routes are a Koa application as in its examples.
 * Records are in Maps, through its adapter interface: the store that it ships is for development, and holds 1000. Tokens are opaque. Refresh
 * tokens are rotated at each use, as everywhere here (its default for such a client is: after 70 % of its life). `/me` is its userinfo.
 */
import './quiet.js';
import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';
import { type App, alice, api, apps, ISSUER, LIFETIMES } from '../clients.js';
import { newToken } from './application.js';
import { MapAdapter } from './map-adapter.js';

function register({ client_id, client_secret, grant_types, redirect_uris, scope }: App): ClientMetadata {
  const asksUsers = grant_types.includes('authorization_code');
  return {
    client_id,
    client_secret,
    grant_types,
    redirect_uris,
    response_types: asksUsers ? ['code'] : [],
    scope: asksUsers ? `openid offline_access ${scope}` : scope,
    id_token_signed_response_alg: 'ES256',
  };
}

type Features = NonNullable<Configuration['features']>;

const FEATURES = {
  devInteractions: { enabled: false },
  clientCredentials: { enabled: true },
  introspection: {
    enabled: true,
    allowedPolicy: (_ctx, { clientId }, token) => clientId === api.client_id || clientId === token.clientId,
  },
  revocation: { enabled: true, allowedPolicy: (_ctx, { clientId }, token) => clientId === token.clientId },
} satisfies Features;

const configuration: Configuration = {
  adapter: MapAdapter,
  clients: [...apps.values()].map(register),
  scopes: ['openid', 'offline_access', 'read'],
  findAccount: (_ctx, id) => (id === alice.id ? { accountId: id, claims: async () => ({ sub: id }) } : undefined),
  cookies: { keys: [newToken()] },
  jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  routes: {
    authorization: '/authorize',
    token: '/token',
    userinfo: '/me',
    introspection: '/introspect',
    revocation: '/revoke',
    pushed_authorization_request: '/par',
  },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  renderError(ctx, error) {
    ctx.type = 'json';
    ctx.body = error;
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
};

function interactionRoutes(provider: Provider): Router {
  const router = new Router();
  router.get('/interaction/:uid', async (ctx) => {
    const { uid, prompt } = await provider.interactionDetails(ctx.req, ctx.res);
    ctx.body = { transaction_id: uid, prompt: prompt.name };
  });
  router.post('/interaction/:uid/login', async (ctx) => {
    await provider.interactionDetails(ctx.req, ctx.res);
    await provider.interactionFinished(
      ctx.req,
      ctx.res,
      { login: { accountId: alice.id } },
      { mergeWithLastSubmission: false },
    );
  });
  router.post('/interaction/:uid/confirm', async (ctx) => {
    const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
    if (prompt.name !== 'consent' || !session?.accountId) return ctx.throw(400);
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: String(params['client_id']) });
    const { missingOIDCScope } = prompt.details as { missingOIDCScope?: string[] };
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(ctx.req, ctx.res, { consent }, { mergeWithLastSubmission: true });
  });
  return router;
}

export interface OIDCOptions {
  /** Its features, made from those that every server here has. */
  readonly features?: (usual: typeof FEATURES) => Features;
  /** Whether it believes what a proxy says of the URL that clients see. */
  readonly proxy?: boolean;
}

export function oidcApplication({ features = (usual) => usual, proxy = false }: OIDCOptions = {}): RequestListener {
  const provider = new Provider(ISSUER, { ...configuration, features: features(FEATURES) });
  provider.silent = true; // no logs
  provider.proxy = proxy;

  const dialog = new Koa().use(interactionRoutes(provider).routes());
  dialog.silent = true;
  const [answerDialog, answer] = [dialog.callback(), provider.callback()];
  return (request, response) => {
    const listener = request.url?.startsWith('/interaction/') ? answerDialog : answer;
    void listener(request, response);
  };
}
