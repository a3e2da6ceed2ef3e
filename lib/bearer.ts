/** The API's side of RFC 6750 (OAuth 2.0 Bearer Token Usage), and of the specifications that bind tokens to keys. */
import type { Middleware } from 'koa';
import type { AccessToken, Proof } from './access-token.js';
import { epoch } from './clock.js';
import type { AllowedOrigins } from './core.js';
import { certificateProof } from './extension/certificate-bound-tokens/api.js';
import { carrying, findingsOf, type Relaxations, relaxationsOf } from './findings.js';
import { answersPreflight, requireOrigins } from './http/cors.js';
import { named } from './http/named.js';
import { type OptionNames, requireKnown } from './options.js';
import { requireCallback } from './registry/shape.js';
import { guard, type Verify } from './resource-server/guard.js';
import { requireWords } from './resource-server/scope.js';
import {
  PRESENTATION_OPTIONS,
  PRESENTATION_RELAXATIONS,
  type PresentationOptions,
} from './resource-server/token-in-request.js';
import { formatScope } from './syntax/scope.js';
import type { Scope } from './types.js';

export type { Verify } from './resource-server/guard.js';

/**
 * The shape of `ctx.state` after `bearer`, for a typed router.
 *
 * @example new Router<BearerState>()
 */
export interface BearerState<T extends AccessToken = AccessToken> {
  token: T;
}

/** Options of `bearer()`. */
export interface BearerOptions<T extends AccessToken = AccessToken> extends PresentationOptions {
  /** Verifies a token, and gives its content: `tokens.verify` in the same process, `introspectionVerifier()`, `jwtVerifier()`, or your own function. */
  readonly verify: Verify<T>;
  /** The `realm` of the challenges: a name of this API. Default `API`. */
  readonly realm?: string;
  /**
   * The identifiers of this API in `aud`: a token must have one of them. Default: the identifier of `resource`, but then a token may also have no `aud`, like
   * the tokens of a server for a single API. Without a `resource`, `aud` is not compared. @see RFC 9700 §2.3
   */
  readonly audience?: string | readonly string[];
  /**
   * Whether `https://api.example` and `https://api.example/` are the same audience: many URL libraries add the slash. A token for one of two APIs that differ
   * only in the slash is then accepted at the other. Default `false`: the texts must be equal.
   */
  readonly ignoreTrailingSlash?: boolean;
  /** The scope that every token must have. Every challenge names it. For routes that need more, use `requireScope`. */
  readonly scope?: Scope;
  /**
   * Origins whose scripts may call this API, without cookies: `'*'`, or a list. Their preflights, which have no token, are answered here, and they can read the
   * challenge. Default: none.
   */
  readonly allowOrigins?: AllowedOrigins;
  /**
   * The result of `protectedResource`. Every challenge names the URL of its metadata. Unless `audience` is given, a token is refused if its audience
   * does not contain the `identifier`, and a token without an audience is accepted.
   */
  readonly resource?: { readonly metadataURL: string; readonly identifier?: string };
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
  ignoreTrailingSlash: true,
  scope: true,
  allowOrigins: true,
  resource: true,
  proofs: true,
  now: true,
};

const RELAXATIONS: Relaxations<BearerOptions<AccessToken>> = {
  ...PRESENTATION_RELAXATIONS,
  ignoreTrailingSlash: {
    why: 'A token for one of two APIs that differ only in the slash is accepted at the other',
    section: 'RFC 9700 §2.3',
    remedy: 'Leave it out once aud of the tokens is exactly the audience in this option',
  },
};

type Naming = Pick<BearerOptions, 'audience' | 'resource' | 'ignoreTrailingSlash'>;

/** Decides which tokens are for this API. */
interface Audience {
  /** The names of this API in the audience of a token. Empty if the audience is not compared. */
  readonly names: readonly string[];
  /** Whether a token without an audience is accepted. */
  readonly mayBeUnsaid: boolean;
}

/** RFC 9700 §2.3: a token for another API is refused. */
function audienceFault({ audience }: AccessToken, { names, mayBeUnsaid }: Audience): string | undefined {
  if (names.length === 0 || names.some((one) => audience?.includes(one))) return undefined;
  if (audience === undefined && mayBeUnsaid) return undefined;
  return `its audience is ${audience?.join(' ') || 'empty'}, not ${names.join(' or ')}`;
}

/** The same URL with the slash at its end, or without. */
function otherSpelling(audience: string): string {
  return audience.endsWith('/') ? audience.slice(0, -1) : `${audience}/`;
}

/** @throws TypeError if the audience is empty, or is there and undefined: a variable of the environment that is not set would open the API to all tokens */
function audienceOf(options: Naming): Audience {
  const { audience, resource, ignoreTrailingSlash } = options;
  if ('audience' in options && audience === undefined)
    throw new TypeError('bearer({ audience }) is undefined: leave it out if no audience is to be compared');
  // RFC 9728 §7.4, RFC 8707 §2: a client sends this identifier as `resource`, and the server makes it the audience of the token
  const names = [audience ?? resource?.identifier ?? []].flat();
  if (audience !== undefined && (names.length === 0 || names.includes('')))
    throw new TypeError('bearer({ audience }) is empty');
  return {
    names: ignoreTrailingSlash === true ? names.flatMap((one) => [one, otherSpelling(one)]) : names,
    mayBeUnsaid: audience === undefined,
  };
}

/** Methods of APIs. */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/**
 * Lets a request through only with a valid access token, which becomes `ctx.state.token`. It answers all other requests itself: 401 with a
 * challenge if there is no token, 401 `invalid_token` if the token is malformed or not valid, 400 if there are several tokens. An error that
 * `verify` throws goes on to the application.
 *
 * A token that is bound to keys is accepted only if the request proves possession of each key: every member of its `cnf` needs one of `proofs`, and
 * the token must be sent with the scheme of that proof. A token that is not bound is accepted only with the scheme `Bearer`.
 *
 * Clients in browsers can call the API and read the challenge only if `allowOrigins` names their origin, or if `@koa/cors` stands before this middleware:
 * `cors({ exposeHeaders: 'WWW-Authenticate' })`.
 *
 * @throws TypeError for a malformed scope, an empty audience, and two proofs for one member of `cnf`
 * @example
 * const router = new Router<BearerState>();
 * router.use(bearer({ verify: tokens.verify, audience: 'https://api.example' }));
 * router.get('/notes', requireScope('read'), (ctx) => { ctx.body = { user: ctx.state.token.subject }; });
 * @example bearer({ verify, proofs: [certificateProof({ certificate: headerCertificate({ name: 'X-Client-Cert' }) })] })
 * @see RFC 6750 §2, §3, RFC 8705 §3
 */
export function bearer<T extends AccessToken>(options: BearerOptions<T>): Middleware<BearerState<T>> {
  requireKnown<BearerOptions<T>>(options, KNOWN, 'bearer');
  const {
    verify,
    realm = 'API',
    scope = [],
    resource,
    proofs = [certificateProof()],
    now = epoch,
    allowOrigins,
  } = options;
  requireCallback('bearer', 'a function verify', verify);
  requireWords(scope, 'bearer({ scope })');
  requireOrigins(allowOrigins);
  const audience = audienceOf(options);
  const guarded = guard({
    verify,
    presentation: options,
    params: { realm, scope: formatScope(scope), resource_metadata: resource?.metadataURL },
    scope,
    proofs,
    now,
    audienceFault: (token) => audienceFault(token, audience),
  });
  const found = [...relaxationsOf('bearer', options, RELAXATIONS), ...findingsOf(verify)];
  if (allowOrigins === undefined) return carrying(guarded, found);
  const bearer: Middleware<BearerState<T>> = named('bearer', async (ctx, next) => {
    if (!answersPreflight(ctx, allowOrigins, METHODS)) await guarded(ctx, next);
  });
  return carrying(bearer, found);
}
