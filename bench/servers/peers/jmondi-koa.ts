/** What both servers on @jmondi/oauth2-server need: its adapter for Koa, written like its own for Express, and entities in its words. */
import {
  type AuthorizationRequest,
  isOAuthError,
  type OAuthClient,
  OAuthException,
  type OAuthScopeRepository,
  type RequestInterface,
  type ResponseInterface,
} from '@jmondi/oauth2-server';
import type { Middleware, ParameterizedContext } from 'koa';
import { type App, api, SCOPE } from '../clients.js';

export function requestFromKoa({ headers, query, request }: ParameterizedContext): RequestInterface {
  return { headers, query, body: (request as { body?: Record<string, unknown> }).body ?? {} };
}

export function respond(ctx: ParameterizedContext, { status, headers, body }: ResponseInterface): void {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = status === 302 ? '' : body;
}

/** As its adapters for Express and Fastify do it. */
export const errors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.errorType, error_description: error.errorDescription ?? error.error };
  }
};

/** What of a validated request waits for the decision; the client by name, because its entity has its secret. */
export function waitingOf(request: AuthorizationRequest) {
  const { client, scopes, redirectUri, state, codeChallenge, codeChallengeMethod } = request;
  return { clientID: client.id, scopes, redirectUri, state, codeChallenge, codeChallengeMethod };
}
export type Waiting = ReturnType<typeof waitingOf>;

/** A client in its words. Who introspects must be allowed the client credentials there. */
export function entity(app: App): OAuthClient {
  return {
    id: app.client_id,
    name: app.client_id,
    secret: app.client_secret,
    redirectUris: app.redirect_uris,
    allowedGrants: (app === api ? ['client_credentials'] : app.grant_types) as OAuthClient['allowedGrants'],
    scopes: app.scope.split(' ').map((name) => ({ name })),
  };
}

export const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** What is there. @throws OAuthException */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw OAuthException.invalidGrant();
  return value;
}

const scopes = new Map([[SCOPE, { name: SCOPE }]]);

export const scopeRepository: OAuthScopeRepository = {
  async getAllByIdentifiers(names) {
    return names.flatMap((name) => scopes.get(name) ?? []);
  },
  async finalize(asked, _grantType, client) {
    if (asked.every(({ name }) => client.scopes.some((registered) => registered.name === name))) return asked;
    throw OAuthException.invalidScope();
  },
};
