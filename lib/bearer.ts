/** The API's side of RFC 6750: OAuth 2.0 Bearer Token Usage, and of the specifications whose proofs it takes. */
import createDebug from 'debug';
import type { Context, Middleware } from 'koa';
import type { AccessToken, Proof } from './access-token.js';
import { epoch } from './clock.js';
import { OAuth2Error } from './errors/oauth2-error.js';
import { certificateProof } from './extension/certificate-bound-tokens/api.js';
import { type OptionNames, requireKnown } from './options.js';
import { type Admission, admit } from './resource-server/admission.js';
import { type ChallengeSettings, challenge, invalidToken, schemesOf } from './resource-server/challenge.js';
import { knownProofs, proofFault, unboundFault } from './resource-server/proof.js';
import { refusesScope, requireWords } from './resource-server/scope.js';
import {
  PRESENTATION_OPTIONS,
  type PresentationOptions,
  schemeOf,
  type TokenInRequest,
  tokenInForm,
  tokenInRequest,
} from './resource-server/token-in-request.js';
import { formatScope } from './syntax/scope.js';
import type { Awaitable, Scope } from './types.js';

const debug = createDebug('koauthorize:bearer');

/** Says what a token stands for; nothing when it is not valid. What it throws goes on to the application: nobody is let in, and nobody refused. */
export type Verify<T extends AccessToken = AccessToken> = (
  token: string,
  ctx: Context,
) => Awaitable<T | false | null | undefined>;

/**
 * The shape of `ctx.state` after `bearer`, for a typed router.
 *
 * @example new Router<BearerState>()
 */
export interface BearerState<T extends AccessToken = AccessToken> {
  token: T;
}

export interface BearerOptions<T extends AccessToken = AccessToken> extends PresentationOptions {
  /** Says what a token stands for: `tokens.verify` in process, `introspectionVerifier()`, `jwtVerifier()`, or your own. */
  readonly verify: Verify<T>;
  /** The name of this API that clients are told. Default `API`. */
  readonly realm?: string;
  /** What authorization servers call this API: a token must be for it, or for one of several. Default: not compared. @see RFC 9700 §2.3 */
  readonly audience?: string | readonly string[];
  /** The scope that every token must have; told in every challenge. Routes that need more say `requireScope`. */
  readonly scope?: Scope;
  /** What `protectedResource` made: every challenge leads to its metadata. */
  readonly resource?: { readonly metadataURL: string };
  /**
   * The proofs of possession that this API can check. A token that is bound to a key in any other way is refused. Default:
   * `[certificateProof()]`, which takes the certificate of the connection.
   */
  readonly proofs?: readonly Proof[];
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

const KNOWN: OptionNames<BearerOptions> = {
  ...PRESENTATION_OPTIONS,
  verify: true,
  realm: true,
  audience: true,
  scope: true,
  resource: true,
  proofs: true,
  now: true,
};

/** What `bearer` compares a token with. */
interface Requirements {
  readonly audiences: readonly string[];
  now(): number;
}

/** @throws TypeError for what is not an access token, such as an answer of introspection as it was received: it would have no expiry and no binding */
function requireToken({ scope, audience = [], subject, clientID }: AccessToken): void {
  if (!Array.isArray(scope) || !Array.isArray(audience))
    throw new TypeError('verify gives an access token, whose scope and audience are arrays, or nothing');
  // all who have no name would be the same user
  if (subject === '' || clientID === '') throw new TypeError('verify leaves out a subject or a clientID that is empty');
}

/** Why a token itself is not let in, for the operator: whoever presents it is not told. */
function faultOf(token: AccessToken | undefined, { audiences, now }: Requirements): string | undefined {
  if (!token) return 'verify says that it is not valid';
  requireToken(token);
  const { expiresAt, audience } = token;
  // compared here too: a verifier may have kept its answer for a while, or go by another clock
  if (expiresAt !== undefined && !(now() < expiresAt)) return `it expired at ${expiresAt}`;
  if (audiences.length > 0 && !audiences.some((one) => audience?.includes(one)))
    return `it is for ${audience?.join(' ') || 'no API that it names'}, not for ${audiences.join(' or ')}`;
  return undefined;
}

/** An error as the refusal that it is. @throws any other error, which goes on to the application */
function toRefusal(error: unknown): OAuth2Error {
  if (error instanceof OAuth2Error && error.expose) return error;
  throw error;
}

function audiencesOf(audience: string | readonly string[] | undefined): readonly string[] {
  if (audience === undefined) return [];
  const audiences = [audience].flat();
  if (audiences.length === 0 || audiences.includes('')) throw new TypeError('bearer({ audience }) is empty');
  return audiences;
}

/**
 * Lets only requests through that bring a valid access token, which is then `ctx.state.token`. All others it answers itself: 401 with a
 * challenge where there is no token, 401 `invalid_token` where it is malformed or not valid, 400 where there are several. What `verify` throws
 * goes on to the application.
 *
 * A token that is bound to keys is let in only where the request proves to have each of them: by one of `proofs` for every member of its `cnf`,
 * under the scheme of that proof. A token that is not bound is let in under the scheme `Bearer` alone.
 *
 * Clients in browsers can read the challenge only when the application says so: `cors({ exposeHeaders: 'WWW-Authenticate' })` of
 * `@koa/cors`, before this.
 *
 * @throws TypeError for a malformed scope, an empty audience, and two proofs for one member of `cnf`
 * @example
 * const router = new Router<BearerState>();
 * router.use(bearer({ verify: tokens.verify, audience: 'https://api.example' }));
 * router.get('/notes', requireScope('read'), (ctx) => { ctx.body = notesOf(ctx.state.token.subject); });
 * @example bearer({ verify, proofs: [certificateProof({ certificate: headerCertificate({ name: 'X-Client-Cert' }) })] })
 * @see RFC 6750 §2, §3, RFC 8705 §3
 */
export function bearer<T extends AccessToken>(options: BearerOptions<T>): Middleware<BearerState<T>> {
  requireKnown<BearerOptions<T>>(options, KNOWN, 'bearer');
  const { verify, realm = 'API', scope = [], audience, resource, proofs = [certificateProof()], now = epoch } = options;
  requireWords(scope, 'bearer({ scope })');
  const requirements: Requirements = { audiences: audiencesOf(audience), now };
  const known = knownProofs(proofs);
  const params = { realm, scope: formatScope(scope), resource_metadata: resource?.metadataURL };
  const settings: ChallengeSettings = { schemes: schemesOf(proofs), params };
  const schemes = settings.schemes.map(({ name }) => name);
  return async function bearer(ctx, next) {
    const refuse = (error?: OAuth2Error, params = {}): void =>
      challenge(ctx, settings, { error, params, scheme: schemeOf(ctx, schemes) });
    let sent: TokenInRequest | undefined;
    try {
      const form = options.allowTokenInForm ? await tokenInForm(ctx) : undefined;
      sent = tokenInRequest(ctx, schemes, form, options);
    } catch (error) {
      return refuse(toRefusal(error));
    }
    if (sent === undefined) return refuse(); // RFC 6750 §3.1: without a token, no error is told
    const token = (await verify(sent.token, ctx)) || undefined;
    const key = token?.confirmation;
    const fault =
      faultOf(token, requirements) ??
      (key === undefined ? unboundFault(sent.scheme) : await proofFault(ctx, sent, key, known).catch(toRefusal));
    if (!token || fault !== undefined) {
      debug('token refused: %s', fault);
      return refuse(fault instanceof OAuth2Error ? fault : invalidToken());
    }
    const admission: Admission = { token, scope, now, refuse };
    if (refusesScope(admission, scope)) return;
    admit(ctx, admission);
    ctx.state.token = token;
    if (sent.isInURL) ctx.set('Cache-Control', 'private'); // RFC 6750 §2.3
    await next();
  };
}
