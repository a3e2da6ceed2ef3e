/** RFC 9068: JWT access tokens, the API's side. */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import type { AccessToken } from '../access-token.js';
import { CLOCK_SKEW, epoch } from '../clock.js';
import { Reason } from '../errors/reason.js';
import { carrying, type Relaxations, relaxationsOf } from '../findings.js';
import { tokenOrWhy } from '../http/why-invalid.js';
import { verifyJWT, wrongType } from '../keys/jwt.js';
import { KeysUnavailableError } from '../keys/remote-keys.js';
import { type OptionNames, requireKnown } from '../options.js';
import { jwtType } from '../syntax/jwt-type.js';
import { CLAIM_RELAXATIONS, type ClaimOptions, toAccessToken } from './claims.js';
import { FETCH_OPTION_RELAXATIONS, FETCH_OPTIONS, type FetchOptions } from './fetch-json.js';
import { issuerKeys, requireSignedBy, SIGNED_BY_OPTIONS, type SignedByOptions } from './issuer-keys.js';
import { VerifierUnavailableError } from './unavailable.js';

/** Options of `jwtVerifier()`: who issued the tokens, for which API, and by which keys. */
export interface JWTVerifierOptions extends FetchOptions, SignedByOptions, ClaimOptions {
  /** The identifiers of this API in `aud`: a token must have one of them. */
  readonly audience: string | readonly string[];
  /**
   * Values of `typ` that are accepted besides `at+jwt`, for a server without RFC 9068: `['JWT']`. Another JWT of the same server with the same audience, such
   * as an ID token, may then be accepted as an access token. @see RFC 8725 §3.11
   */
  readonly allowTypes?: readonly string[];
  /**
   * What a token may lack, for a server without RFC 9068. Without `typ`, another JWT of the server may be accepted, as with `allowTypes`; without `jti`, two
   * tokens cannot be distinguished.
   */
  readonly allowMissing?: readonly ('typ' | 'jti')[];
  /**
   * Reads the client from `azp` if a token has no `client_id`, for OpenID providers without RFC 9068. The token of a client that acts for itself is then
   * distinguished from the token of a user only if `sub` equals `azp`.
   */
  readonly allowAZP?: boolean;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

const KNOWN: OptionNames<JWTVerifierOptions> = {
  ...FETCH_OPTIONS,
  ...SIGNED_BY_OPTIONS,
  audience: true,
  allowTypes: true,
  allowAZP: true,
  allowMissing: true,
  allowScopeArray: true,
  now: true,
};

const RELAXATIONS: Relaxations<JWTVerifierOptions> = {
  ...CLAIM_RELAXATIONS,
  ...FETCH_OPTION_RELAXATIONS,
  allowTypes: {
    why: 'An ID token, or another JWT of the same server with the same audience, is accepted as an access token',
    section: 'RFC 8725 §3.11',
    remedy: 'Leave it out once the authorization server types its access tokens at+jwt',
  },
  allowMissing: {
    why: 'Without typ, another JWT of the server is accepted as an access token; without jti, two tokens cannot be distinguished',
    section: 'RFC 9068 §2',
    remedy: 'Leave it out once the authorization server follows RFC 9068',
  },
  allowAZP: {
    why: 'The token of a client that acts for itself is distinguished from the token of a user only if sub equals azp',
    section: 'RFC 9068 §5',
    remedy: 'Leave it out once the authorization server writes client_id',
  },
};

/** RFC 9068 §2.2. `client_id` is required too, and is judged later: with `allowAZP`, its claim may have another name. */
const REQUIRED = ['iss', 'exp', 'aud', 'sub', 'iat', 'jti'];

type Verify = (token: string, ctx?: unknown) => Promise<AccessToken | undefined>;

/** RFC 9068 §4 */
const TYPE = 'at+jwt';

const OPTIONAL: ReadonlySet<string> = new Set(['typ', 'jti']);

function requireList(what: string, values: readonly string[], isAllowed: (value: string) => boolean): void {
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string' && isAllowed(value)))
    throw new TypeError(`jwtVerifier({ ${what} }) cannot be ${JSON.stringify(values)}`);
}

/** @throws TypeError */
function requireSensible({ audience, allowTypes = [], allowMissing = [] }: JWTVerifierOptions): void {
  if (!audience?.length) throw new TypeError('jwtVerifier({ audience }) is needed: what this API is called');
  requireList('allowTypes', allowTypes, (type) => type !== '');
  requireList('allowMissing', allowMissing, (name) => OPTIONAL.has(name));
}

/** Requires an accepted type. RFC 8725 §3.11: otherwise an ID token could be used as an access token. */
function typeCheck({ allowTypes = [], allowMissing = [] }: JWTVerifierOptions) {
  const wanted = [TYPE, ...allowTypes];
  const taken = new Set(wanted.map(jwtType));
  return ({ typ }: ProtectedHeaderParameters): void => {
    const isTaken =
      typ === undefined ? allowMissing.includes('typ') : typeof typ === 'string' && taken.has(jwtType(typ));
    if (!isTaken) throw wrongType(typ, wanted);
  };
}

/** Requires every claim that a JWT must have. A claim of null counts as absent. */
function claimsCheck({ allowMissing = [] }: JWTVerifierOptions) {
  const required = REQUIRED.filter((name) => !(name === 'jti' && allowMissing.includes(name)));
  return (payload: JWTPayload): void => {
    const missing = required.filter((name) => (payload[name] ?? undefined) === undefined);
    if (missing.length > 0) throw new Reason('claims are missing', { missing });
  };
}

/** @throws Reason that says why the claims are not those of an access token */
function readClaims(claims: JWTPayload, options: JWTVerifierOptions): AccessToken {
  const found = toAccessToken(claims, options);
  if (!found) throw new Reason('a claim has an invalid value, or the claims are nested too deep');
  if (found.clientID === undefined) throw new Reason('it names no client');
  return found;
}

/**
 * The reason for refusing a token, from an error.
 *
 * @throws the error itself if the keys could not be fetched: it is then not known whether the token is valid
 */
function whyNone(error: unknown, token: string): Reason {
  if (error instanceof KeysUnavailableError || error instanceof VerifierUnavailableError) throw error;
  if (error instanceof Reason) return error;
  return new Reason('it is not a JWT', { parts: String(token).split('.', 4).length }); // the message of JSON.parse would repeat a part of the token
}

/**
 * A `verify` that judges the signature and the claims of a token. It fetches only the issuer's public keys, which it caches; so a revoked token is accepted
 * until it expires.
 *
 * @throws TypeError for invalid options
 * @throws VerifierUnavailableError, KeysUnavailableError at the request, if the issuer's keys cannot be fetched: 503
 * @example app.use(bearer({ verify: jwtVerifier({ issuer: 'https://as.example', audience: 'https://api.example' }) }))
 * @example jwtVerifier({ issuer: 'https://as.example', audience: 'https://api.example', allowTypes: ['JWT'], allowAZP: true, allowMissing: ['jti'] }) // a server without RFC 9068
 * @see RFC 9068 §4
 */
export function jwtVerifier(
  options: JWTVerifierOptions,
): (token: string, ctx?: unknown) => Promise<AccessToken | undefined> {
  requireKnown<JWTVerifierOptions>(options, KNOWN, 'jwtVerifier');
  const algorithms = requireSignedBy(options, options);
  requireSensible(options);
  const { issuer, audience, now = epoch } = options;
  const findKey = issuerKeys(options, options, now);
  const requireType = typeCheck(options);
  const requireClaims = claimsCheck(options);
  const expected = {
    issuer,
    audience: [audience].flat(),
    algorithms,
    skew: CLOCK_SKEW, // `bearer` itself refuses every token after its expiry: RFC 9068 §4
  };
  const verify: Verify = async (token, ctx) => {
    try {
      const { header, claims } = await verifyJWT(token, findKey, { ...expected, now: now() });
      requireType(header);
      requireClaims(claims);
      return readClaims(claims, options);
    } catch (error) {
      return tokenOrWhy<AccessToken>(whyNone(error, token), ctx);
    }
  };
  return carrying(verify, relaxationsOf('jwtVerifier', options, RELAXATIONS));
}
