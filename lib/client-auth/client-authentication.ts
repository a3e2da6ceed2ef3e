import type { Context, Middleware } from 'koa';
import type { KnownParameters } from '../core.js';
import type { Finding } from '../findings.js';
import { answersPreflight, originsOf } from '../http/cors.js';
import { named } from '../http/named.js';
import { postedParams } from '../http/params.js';
import { rememberClient } from '../token/authenticated-client.js';
import type { Client, ClientMetadata, ServerMetadata } from '../types.js';
import { type AuthenticatedClient, authenticate } from './authenticate.js';
import { judgedBy, metadataOf } from './metadata.js';
import {
  type ClientAuthenticationOptions,
  clientAuthenticationSettings,
  type Identifying,
  type Settings,
} from './options.js';

/**
 * The shape of `ctx.state` behind client authentication, for a typed router.
 *
 * @example new Router<ClientState<App>>()
 */
export interface ClientState<C = Client> {
  oauth2: AuthenticatedClient<C>;
  authInfo: { readonly method: string };
}

/** The parameters that client authentication reads. The endpoint after it judges all others. @see RFC 6749 §2.3.1, RFC 7521 §4.2 */
const NAMES: ReadonlySet<string> = new Set(['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']);
const PARAMETERS: KnownParameters = { has: (name) => NAMES.has(name), isRepeatable: () => false };

/**
 * Authenticates the client of a request, and stores the client in the request's context, where the endpoints find it.
 *
 * @param registry the `clientRegistry` of the server that finds the client: endpoints of servers with another one refuse it
 * @throws OAuth2Error
 */
export async function authenticateRequest<C>(
  settings: Settings<C>,
  ctx: Context,
  registry?: object,
): Promise<AuthenticatedClient<C>> {
  const authenticated = await authenticate(settings, ctx, await postedParams(ctx, PARAMETERS));
  rememberClient(ctx, authenticated.client, authenticated.method, registry);
  ctx.state['authInfo'] = { method: authenticated.method }; // callbacks get it as authInfo
  return authenticated;
}

/** The middleware. It is also an extension, which lists its methods in the server's metadata. */
export interface ClientAuthentication extends Middleware {
  readonly name: string;
  metadata(): Partial<ServerMetadata>;
  findings(): readonly Finding[];
  /** Lets its methods check the metadata that a client registers. @throws OAuth2Error `invalid_client_metadata` */
  register(metadata: ClientMetadata): ClientMetadata;
}

/**
 * Middleware that authenticates the client, for the routes of `server.token()`, introspection, revocation and the like. After it,
 * the client is in `ctx.state.oauth2.client`. A request that is not authenticated does not reach the next middleware.
 *
 * @throws OAuth2Error at the request, for `server.errorHandler()`: `invalid_client` for every failed authentication
 * @throws TypeError if nothing finds clients, if there are no methods, or if two methods have the same name
 * @example
 * const server = createServer<App, User>({ issuer: 'https://as.example', tokens, clients: { find: (id) => apps.get(id) } });
 * const authenticateClient = clientAuthentication<App>({ server, methods: [clientSecretBasic(), privateKeyJwt(), none()] });
 * router.post('/token', authenticateClient, server.token());
 * @see RFC 6749 §2.3, §3.2.1
 */
export function clientAuthentication<C = Client>(
  options: ClientAuthenticationOptions<C> & Identifying<C>,
): ClientAuthentication {
  const settings = clientAuthenticationSettings(options, 'clientAuthentication');
  const clientAuthentication: Middleware = named('clientAuthentication', async (ctx, next) => {
    if (answersPreflight(ctx, originsOf.of(ctx), 'POST')) return; // a preflight has no credentials, and the next middleware never sees it
    await authenticateRequest(settings, ctx, options.find ? undefined : options.server?.core.clientRegistry);
    await next();
  });
  const authentication = Object.assign(clientAuthentication, {
    metadata: () => metadataOf(settings.methods),
    findings: () => settings.methods.flatMap((method) => method.findings?.() ?? []),
    register: (metadata: ClientMetadata) => judgedBy(settings.methods, metadata),
  });
  options.server?.extend(authentication);
  return authentication;
}
