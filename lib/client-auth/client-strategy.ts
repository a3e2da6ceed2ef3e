import type { Context } from 'koa';
import { toError } from '../errors/to-oauth2-error.js';
import type { Client, ClientMetadata, ServerMetadata } from '../types.js';
import { authenticateRequest } from './client-authentication.js';
import { judgedBy, metadataOf } from './metadata.js';
import { type ClientAuthenticationOptions, clientAuthenticationSettings, type Identifying } from './options.js';

/** The methods that passport adds to a strategy for each request. */
interface Actions {
  success(user: object, info: object): void;
  error(error: Error): void;
}

/** The options of `passport.authenticate`. */
interface PassportOptions {
  readonly session?: unknown;
  readonly assignProperty?: unknown;
}

/**
 * The same client authentication as a passport strategy, for koa-passport: the client also becomes `ctx.state.user`. Every
 * failure is thrown, and `server.errorHandler()` answers it as JSON, with passport's `failWithError` or without.
 *
 * @example
 * passport.use(new ClientStrategy<App>({ find: (id) => apps.get(id), methods: [clientSecretBasic()] }));
 * router.post('/token', passport.authenticate('oauth2-client', { session: false }), server.token());
 * @see RFC 6749 §2.3
 */
export class ClientStrategy<C extends object = Client> {
  readonly name = 'oauth2-client';
  readonly metadata: () => Partial<ServerMetadata>;
  /** Lets its methods check the metadata that a client registers. @throws OAuth2Error `invalid_client_metadata` */
  readonly register: (metadata: ClientMetadata) => ClientMetadata;
  /** Called by passport, on an object whose prototype is this one. */
  readonly authenticate: (this: Actions, request: object, options?: PassportOptions) => void;

  /** @throws TypeError without `find` or methods, or with two methods of one name */
  constructor(options: ClientAuthenticationOptions<C> & Identifying<C>) {
    const settings = clientAuthenticationSettings(options, 'ClientStrategy');
    this.metadata = () => metadataOf(settings.methods);
    this.register = (metadata) => judgedBy(settings.methods, metadata);
    options.server?.extend(this);
    this.authenticate = function (request, { session, assignProperty } = {}) {
      const { ctx } = request as { readonly ctx?: Context }; // koa-passport adds it to the request
      if (!ctx) return this.error(new TypeError('ClientStrategy needs koa-passport'));
      if (session !== false && !assignProperty)
        return this.error(new TypeError('ClientStrategy needs { session: false }: a client is not to be logged in'));
      authenticateRequest(settings, ctx)
        .then(({ client, method }) => this.success(client, { method }))
        .catch((thrown) => this.error(toError(thrown)));
    };
  }
}
