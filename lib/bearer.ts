/** The API's side of RFC 6750: OAuth 2.0 Bearer Token Usage, and of the specifications whose proofs it takes. */
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
  /** Says what a token stands for: `tokens.verify` in process, `introspectionVerifier()`, `jwtVerifier()`, or your own. */
  readonly verify: Verify<T>;
  /** The name of this API that clients are told. Default `API`. */
  readonly realm?: string;
  /**
   * What authorization servers call this API: a token must be for it, or for one of several, and must say so. Default: the identifier of `resource`, where a
   * token may name no API at all, as those of a server for one API do. Without a `resource`, nothing is compared. @see RFC 9700 §2.3
   */
  readonly audience?: string | readonly string[];
  /**
   * Whether `https://api.example` and `https://api.example/` are one audience. Many libraries of URLs add the slash. Gives up that two APIs may differ in it.
   * Default `false`: they are compared as texts.
   */
  readonly ignoreTrailingSlash?: boolean;
  /** The scope that every token must have; told in every challenge. Routes that need more say `requireScope`. */
  readonly scope?: Scope;
  /**
   * Origins whose scripts may call this API, without cookies: `'*'`, or a list. Their preflights, which have no token, are answered here, and they can read the
   * challenge. Default: none.
   */
  readonly allowOrigins?: AllowedOrigins;
  /** What `protectedResource` made: every challenge leads to its metadata, and a token that names other APIs than its identifier is refused. */
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
    why: 'Tokens for one of two APIs that differ in the slash are good at the other',
    section: 'RFC 9700 §2.3',
    remedy: 'Leave it out once the tokens name the API as it is written here',
  },
};

type Naming = Pick<BearerOptions, 'audience' | 'resource' | 'ignoreTrailingSlash'>;

/** Which tokens are for this API. */
interface Audience {
  /** What this API is called; empty where nothing is compared. */
  readonly names: readonly string[];
  /** Whether a token may name no API at all. */
  readonly mayBeUnsaid: boolean;
}

/** RFC 9700 §2.3: a token for another API is refused. */
function audienceFault({ audience }: AccessToken, { names, mayBeUnsaid }: Audience): string | undefined {
  if (names.length === 0 || names.some((one) => audience?.includes(one))) return undefined;
  if (audience === undefined && mayBeUnsaid) return undefined;
  return `it is for ${audience?.join(' ') || 'no API that it names'}, not for ${names.join(' or ')}`;
}

/** The same URL with the slash at its end, or without. */
function otherSpelling(audience: string): string {
  return audience.endsWith('/') ? audience.slice(0, -1) : `${audience}/`;
}

/** @throws TypeError */
function audienceOf({ audience, resource, ignoreTrailingSlash }: Naming): Audience {
  // RFC 9728 §7.4, RFC 8707 §2: clients name the API by its identifier, and servers by what clients named
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
 * Lets only requests through that bring a valid access token, which is then `ctx.state.token`. All others it answers itself: 401 with a
 * challenge where there is no token, 401 `invalid_token` where it is malformed or not valid, 400 where there are several. What `verify` throws
 * goes on to the application.
 *
 * A token that is bound to keys is let in only where the request proves to have each of them: by one of `proofs` for every member of its `cnf`,
 * under the scheme of that proof. A token that is not bound is let in under the scheme `Bearer` alone.
 *
 * Clients in browsers can call the API, and read the challenge, only where `allowOrigins` says so, or `cors({ exposeHeaders: 'WWW-Authenticate' })` of
 * `@koa/cors` before this.
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
