/** The claims about a signed request itself, and the parameters in it. @see RFC 9101 §4, CIBA §7.1.1 */
import type { JWTPayload } from 'jose';
import { CLOCK_SKEW } from '../clock.js';
import type { KnownParameters } from '../core.js';
import { ParamMap } from '../syntax/param-map.js';
import type { Params } from '../types.js';

/** The `typ` of a signed request. RFC 9101 §10.8, RFC 8725 §3.11: the same keys sign JWTs of other kinds, which have another type. */
const OWN_TYPE = /^(?:application\/)?oauth-authz-req\+jwt$/i;
const ANY_JWT = /^(?:application\/)?jwt$/i;

/** In characters. */
const MAX_JTI = 512;

/** Claims about the JWT, which are not parameters of the request. @see RFC 7519 §4.1 */
const ABOUT_IT: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** What times are compared with. */
export interface TimeRules {
  /** The most seconds from `nbf` to `exp`. If it is set, both claims are required. */
  readonly maxLifetime: number | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

/** What is wrong with the type; undefined if nothing is wrong. */
export function wrongType(typ: unknown, requireTyp: boolean): string | undefined {
  if (typ === undefined) return requireTyp ? 'typ is missing' : undefined;
  if (typeof typ === 'string' && (OWN_TYPE.test(typ) || (!requireTyp && ANY_JWT.test(typ)))) return undefined;
  return 'typ is of another kind of JWT';
}

/** What is wrong with the times; undefined if nothing is wrong. RFC 7519 §4.1.4, §4.1.5 */
export function untimely({ exp, nbf, iat }: JWTPayload, { now, maxLifetime }: TimeRules): string | undefined {
  if (![exp, nbf, iat].every((time) => time === undefined || Number.isFinite(time)))
    return 'exp, nbf or iat is not a number';
  if (exp !== undefined && exp + CLOCK_SKEW <= now) return 'exp has passed';
  if (nbf !== undefined && nbf > now + CLOCK_SKEW) return 'nbf is in the future';
  if (iat !== undefined && iat > now + CLOCK_SKEW) return 'iat is in the future';
  if (maxLifetime === undefined) return undefined;
  // FAPI 2.0 Message Signing §5.3.1: both are required, at most 60 minutes apart. As exp has not passed, nbf is at most 60 minutes ago, too
  if (exp === undefined || nbf === undefined) return 'exp or nbf is missing';
  return exp - nbf > maxLifetime ? 'exp is too long after nbf' : undefined;
}

/** Whether `aud` names this server. Otherwise another server, which received the request, could send it to this one. */
export function isForUs(aud: unknown, issuer: string): boolean {
  return [aud].flat().includes(issuer);
}

/** Whether `jti` can identify the request. */
export function isNamed(jti: unknown): jti is string {
  return typeof jti === 'string' && jti !== '' && jti.length <= MAX_JTI;
}

/** RFC 9101 §4: numbers and JSON become the text that they would have in a query. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The parameters in a signed request. For a repeatable parameter, a list of texts counts as several values. */
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
