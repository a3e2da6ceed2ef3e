/** RFC 6750: OAuth 2.0 Bearer Token Usage. */
import createDebug from 'debug';
import type { Context, Middleware } from 'koa';
import { type CertificateSource, socketCertificate } from '../certificate/certificate.js';
import { epoch } from '../clock.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { requireTarget } from '../http/target.js';
import { formatScope } from '../syntax/scope.js';
import type { Scope } from '../types.js';
import { accept } from './accepted.js';
import type { AccessToken, BearerState, Verify } from './access-token.js';
import { challenge, invalidToken } from './challenge.js';
import { isConfirmed } from './confirmation.js';
import { type PresentationOptions, type PresentedToken, presentedToken } from './presented.js';
import { refusesScope, requireWords } from './scope.js';

const debug = createDebug('koauthorize:bearer');

export interface BearerOptions<T extends AccessToken = AccessToken> extends PresentationOptions {
  /** Says what a token stands for: `tokens.verify` in process, `introspectionVerifier()`, `jwtVerifier()`, or your own. */
  readonly verify: Verify<T>;
  /** What clients are told that this is. Default `API`. */
  readonly realm?: string;
  /** Scopes without which no token gets in; told in every challenge. Routes that need more say `requireScope`. */
  readonly scope?: Scope;
  /** What `protectedResource` made: every challenge leads to its metadata. */
  readonly resource?: { readonly metadataURL: string };
  /** Where the client's certificate is, for tokens that are bound to one. Default: the connection. @see RFC 8705 §3 */
  readonly certificate?: CertificateSource;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** @throws TypeError for what is no token's description, such as an answer of introspection as it stands: that would be a pass */
function requireToken(found: AccessToken): void {
  const { scope, audience = [], subject, clientID } = found;
  if (!Array.isArray(scope) || !Array.isArray(audience))
    throw new TypeError('verify gives an access token, whose scope and audience are arrays, or nothing');
  // an empty text names nobody: it would count as a user, and as the same one each time
  if (subject === '' || clientID === '')
    throw new TypeError('verify gives a subject and a clientID that are not empty, or leaves them out');
}

/** Why a token is not let in, for the operator: who presents it is not told. */
function faultOf(
  token: AccessToken | undefined,
  ctx: Context,
  { certificate, now }: Required<Pick<BearerOptions, 'certificate' | 'now'>>,
): string | undefined {
  if (!token) return 'it does not count';
  requireToken(token);
  const { expiresAt } = token; // of whatever verifier, with whatever clock and cache
  if (expiresAt !== undefined && !(now() < expiresAt)) return 'it has expired';
  return isConfirmed(token, ctx, certificate)
    ? undefined
    : 'it is bound to a key that the request does not prove to have';
}

/**
 * Lets only requests through that bring an access token that counts, which is then `ctx.state.token`. All others it answers itself: 401
 * with a bare challenge where there is no token, 401 `invalid_token` where it is malformed or does not count, 400 where there are
 * several. What `verify` throws goes on to the application.
 *
 * A token that is bound to a key never passes as a mere bearer token: one that is bound to a certificate needs a connection with that
 * certificate, and one that is bound to anything else is refused.
 *
 * Clients in browsers can read the challenge only when the application says so: `cors({ exposeHeaders: 'WWW-Authenticate' })` of
 * `@koa/cors`, before this.
 *
 * @throws TypeError for a scope that cannot be
 * @example
 * const router = new Router<BearerState>();
 * router.use(bearer({ verify: tokens.verify }));
 * router.get('/notes', requireScope('read'), (ctx) => { ctx.body = notesOf(ctx.state.token.subject); });
 * @see RFC 6750 §2, §3
 */
export function bearer<T extends AccessToken>(options: BearerOptions<T>): Middleware<BearerState<T>> {
  const { verify, realm = 'API', scope = [], resource, certificate = socketCertificate, now = epoch } = options;
  requireWords(scope, 'bearer({ scope })');
  const params = { realm, scope: formatScope(scope), resource_metadata: resource?.metadataURL };
  return async function bearer(ctx, next) {
    let presented: PresentedToken | undefined;
    try {
      requireTarget(ctx);
      presented = await presentedToken(ctx, options);
    } catch (error) {
      if (error instanceof OAuth2Error) return challenge(ctx, params, error);
      throw error;
    }
    if (presented === undefined) return challenge(ctx, params); // RFC 6750 §3.1: and no error code
    const token = (await verify(presented.token, ctx)) || undefined;
    const fault = faultOf(token, ctx, { certificate, now });
    if (!token || fault !== undefined) {
      debug('token refused: %s', fault);
      return challenge(ctx, params, invalidToken());
    }
    const accepted = { token, params, scope, now };
    if (refusesScope(ctx, accepted, scope)) return;
    accept(ctx, accepted);
    ctx.state.token = token;
    if (presented.isInURL) ctx.set('Cache-Control', 'private'); // RFC 6750 §2.3
    await next();
  };
}
