/** Software statements: metadata of a client that a third party vouches for. @see RFC 7591 §2.3 */
import type { KeyObject } from 'node:crypto';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { readAssertion, type UnverifiedAssertion } from '../../assertion/read.js';
import { CLOCK_SKEW } from '../../clock.js';
import type { Core } from '../../core.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { ASYMMETRIC } from '../../keys/asymmetric.js';
import { fetchForClients } from '../../keys/client-keys.js';
import { isSignedBy } from '../../keys/jws.js';
import { type FindKey, localKeys } from '../../keys/local-keys.js';
import { wrongTimeIn } from '../../keys/numeric-date.js';
import { KeysUnavailableError, remoteKeys } from '../../keys/remote-keys.js';
import { jwtType } from '../../syntax/jwt-type.js';
import type { Claims } from '../../types.js';
import { registrationURL } from './places.js';
import type { SoftwareStatements, StatementIssuer } from './statement-options.js';

/** A statement with the valid signature of a trusted issuer. */
export interface VerifiedStatement {
  readonly issuer: string;
  /** The metadata of the client in it. */
  readonly metadata: Claims;
}

/** Claims that are about the statement, not about the client. @see RFC 7519 §4.1 */
const OF_JWT: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

function invalid(why: string, values?: ReasonValues): OAuth2Error {
  const error = new OAuth2Error('The software statement is not valid', 'invalid_software_statement', undefined, 400);
  return reasoned(error, `software statement: ${why}`, values);
}

function unapproved(why: string, values: ReasonValues): OAuth2Error {
  const message = 'The software statement is not approved here';
  const error = new OAuth2Error(message, 'unapproved_software_statement', undefined, 400);
  return reasoned(error, `software statement: ${why}`, values);
}

function read(text: unknown): UnverifiedAssertion {
  if (typeof text !== 'string') throw invalid('it is no text');
  try {
    return readAssertion(text);
  } catch (cause) {
    throw invalid(`it is malformed: ${cause}`);
  }
}

/** What is wrong with a statement whose signature is valid. Times and audience are optional in it, but are checked if they are there. @see RFC 7519 §4.1 */
function faultOf({ header, claims }: UnverifiedAssertion, audiences: readonly string[], now: number) {
  const { typ = 'JWT' } = header;
  const wrongTime = wrongTimeIn(claims);
  if (wrongTime !== undefined) return `${wrongTime} is no time`;
  const { exp = Number.POSITIVE_INFINITY, nbf = 0, iat = 0, aud }: JWTPayload = claims;
  // RFC 8725 §3.11: the issuer may sign other kinds of JWT with the same key
  if (typeof typ !== 'string' || jwtType(typ) !== 'jwt') return 'typ is of another kind of JWT';
  if (!(exp + CLOCK_SKEW > now)) return 'exp has passed';
  if (!(nbf <= now + CLOCK_SKEW && iat <= now + CLOCK_SKEW)) return 'nbf or iat is to come';
  const isForUs = aud === undefined || [aud].flat().some((one) => audiences.includes(one));
  return isForUs ? undefined : 'aud is somebody else'; // RFC 7519 §4.1.3
}

async function keyFor({ header }: UnverifiedAssertion, find: FindKey): Promise<KeyObject> {
  try {
    return await find(header);
  } catch (cause) {
    if (!(cause instanceof KeysUnavailableError)) throw invalid('its issuer has no key for it', { kid: header.kid });
    throw new OAuth2Error('Try again later', 'temporarily_unavailable', undefined, 503, { cause });
  }
}

/**
 * A registration with a software statement must stay a registration of the same software, since users have authorized that software. Only the issuer can tell
 * which software it is, by `software_id` (RFC 7591 §2). Without a `software_id`, only the same statement is accepted.
 *
 * @param earlier the statement of the registration that is changed
 * @throws OAuth2Error `unapproved_software_statement`
 */
export function requireSameSoftware(earlier: unknown, text: unknown): void {
  if (text === earlier) return;
  const [one, other] = [read(earlier).claims, read(text).claims];
  const { software_id: id } = one;
  if (one.iss === other.iss && typeof id === 'string' && id === other['software_id']) return;
  const values = { iss: [one.iss, other.iss], software_id: [id, other['software_id']] };
  throw unapproved('the registration was vouched for by another issuer, or as other software', values);
}

/** @returns a function that throws OAuth2Error `invalid_software_statement`, or `unapproved_software_statement`. @see RFC 7591 §3.2.2 */
export function statementVerifier<C, U>(
  core: Core<C, U>,
  statements: SoftwareStatements,
): (text: unknown) => Promise<VerifiedStatement> {
  const issuers = new Map<string, StatementIssuer>(Object.entries(statements.issuers));
  const keysAt = remoteKeys({ ...statements, fetch: fetchForClients(statements), now: () => core.now() });
  const finders = new Map<string, FindKey>();
  for (const [issuer, { jwksURI, jwks }] of issuers)
    finders.set(issuer, jwksURI === undefined ? localKeys(jwks as JSONWebKeySet) : keysAt(jwksURI).find);
  return async (text) => {
    const statement = read(text);
    const { iss = '', ...rest } = statement.claims;
    const [trusted, find] = [issuers.get(iss), finders.get(iss)];
    if (!trusted || !find) throw unapproved('its issuer is not trusted', { iss }); // §2.3: MUST contain iss
    const { alg } = statement.header;
    const algorithms: readonly string[] = trusted.algorithms ?? ASYMMETRIC;
    if (!algorithms.includes(alg)) throw invalid('its algorithm is not allowed', { iss, alg, algorithms });
    const key = await keyFor(statement, find);
    if (!(await isSignedBy(statement.jws, key, alg))) throw invalid('its signature is wrong', { iss, alg });
    const fault = faultOf(statement, [core.issuer ?? '', registrationURL(core)], core.now());
    if (fault !== undefined) throw invalid(fault, { iss, aud: rest.aud, exp: rest.exp });
    const isApproved = !statements.approve || (await statements.approve({ issuer: iss, claims: statement.claims }));
    if (isApproved !== true) throw unapproved('approve() did not return true', { iss });
    const metadata = Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_JWT.has(name)));
    return { issuer: iss, metadata };
  };
}
