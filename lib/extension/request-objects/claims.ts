/** What a request object must say, and the parameters that it stands for. @see RFC 9101 §4, §6.3 */
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { CLOCK_SKEW } from '../../clock.js';
import type { KnownParameters } from '../../core.js';
import { ParamMap } from '../../syntax/param-map.js';
import type { Params } from '../../types.js';

/** What objects are compared with. */
export interface ObjectRules {
  readonly clientID: string;
  readonly issuer: string;
  readonly maxLifetime: number | undefined;
  readonly requireTyp: boolean;
  /** Epoch seconds. */
  readonly now: number;
}

/** RFC 9101 §10.8, RFC 8725 §3.11: JWTs of other kinds are signed with the same keys, and say so. */
const OWN_TYPE = /^(?:application\/)?oauth-authz-req\+jwt$/i;
const ANY_JWT = /^(?:application\/)?jwt$/i;

/** In characters. */
const MAX_JTI = 512;

/** Claims about the object, and not of the request. @see RFC 7519 §4.1 */
const ABOUT_IT: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** What is wrong with its type, if anything is. */
function wrongType(typ: unknown, requireTyp: boolean): string | undefined {
  if (typ === undefined) return requireTyp ? 'typ is missing' : undefined;
  if (typeof typ === 'string' && (OWN_TYPE.test(typ) || (!requireTyp && ANY_JWT.test(typ)))) return undefined;
  return 'typ is of another kind of JWT';
}

/** What is wrong with its times, if anything is. RFC 7519 §4.1.4, §4.1.5 */
function untimely({ exp, nbf, iat }: JWTPayload, { now, maxLifetime }: ObjectRules): string | undefined {
  if (![exp, nbf, iat].every((time) => time === undefined || Number.isFinite(time)))
    return 'exp, nbf or iat is no time';
  if (exp !== undefined && exp + CLOCK_SKEW <= now) return 'exp has passed';
  if (nbf !== undefined && nbf > now + CLOCK_SKEW) return 'nbf is to come';
  if (iat !== undefined && iat > now + CLOCK_SKEW) return 'iat is to come';
  if (maxLifetime === undefined) return undefined;
  // FAPI 2.0 Message Signing §5.3.1: both are required, at most 60 minutes apart. As exp has not passed, nbf is at most 60 minutes ago, too
  if (exp === undefined || nbf === undefined) return 'exp or nbf is missing';
  return exp - nbf > maxLifetime ? 'exp is too long after nbf' : undefined;
}

function isForUs(aud: unknown, issuer: string): boolean {
  return [aud].flat().includes(issuer);
}

/** What is wrong with an object whose signature is good, if anything is. */
export function faultOf(
  { typ }: ProtectedHeaderParameters,
  claims: JWTPayload,
  rules: ObjectRules,
): string | undefined {
  const type = wrongType(typ, rules.requireTyp);
  if (type !== undefined) return type;
  // §4: request and request_uri MUST NOT be included
  if ('request' in claims || 'request_uri' in claims) return 'request or request_uri is in it';
  if (claims['client_id'] !== rules.clientID) return 'client_id is not that of the request'; // §6.3: MUST be identical
  if (claims.iss !== rules.clientID) return 'iss is not the client';
  if (!isForUs(claims.aud, rules.issuer)) return 'aud is not this issuer'; // §4; another server could send it on to this one
  const { jti } = claims;
  const isNamed = jti === undefined || (typeof jti === 'string' && jti !== '' && jti.length <= MAX_JTI);
  return isNamed ? untimely(claims, rules) : 'jti is no text, or too long';
}

/** §4: numbers and JSON are what they would be as text in a query. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The parameters in an object. A list of texts is a parameter that comes several times, where it may. */
export function paramsIn(claims: JWTPayload, known: KnownParameters): Params {
  const params = new ParamMap();
  for (const [name, value] of Object.entries(claims)) {
    if (ABOUT_IT.has(name) || value === '' || value === null) continue; // RFC 6749 §3.1: without a value it is omitted
    const isSeveral = Array.isArray(value) && known.isRepeatable(name) && value.every((one) => typeof one === 'string');
    if (isSeveral) params.setAll(name, value.filter(Boolean));
    else params.set(name, toText(value));
  }
  return params;
}
