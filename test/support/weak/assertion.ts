/** ID-JAGs of trusted issuers, as grants. @see RFC 7523 §3 */
import { decodeJwt, decodeProtectedHeader, type JWK, type JWTPayload } from 'jose';
import type { Flaw, Weak } from './flaws.js';
import { isSigned, publicHalf } from './jwt.js';
import { Refusal } from './refusal.js';
import type { State } from './state.js';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const refused = (): Refusal => new Refusal('invalid_grant', 'Not valid');

/** The keys by which an issuer may sign. */
function keysOf(iss: string | undefined, { trusted }: State, weak: Weak): readonly JWK[] {
  if (!trusted.some(({ issuer }) => issuer === iss)) return [];
  const known = trusted.filter(({ issuer }) => issuer === iss || weak('assertion-grant-of-another-issuer'));
  return known.map(({ signing_key }) => publicHalf(signing_key));
}

/** What is wrong with the claims. */
function isConfused(assertion: string, { aud, exp }: JWTPayload, state: State, weak: Weak) {
  if (weak('assertion-grant-confusion')) return false;
  const isFor = weak('assertion-grant-confusion:several') ? [aud].flat().includes(state.issuer) : aud === state.issuer;
  const { typ } = decodeProtectedHeader(assertion);
  const isTyped = typ === 'oauth-id-jag+jwt' || (typ === undefined && weak('assertion-grant-confusion:missing-type'));
  const faults: readonly (readonly [Flaw, boolean])[] = [
    ['assertion-grant-confusion:audience', !isFor],
    ['assertion-grant-confusion:endless', exp === undefined],
    ['assertion-grant-confusion:expired', (exp ?? Number.POSITIVE_INFINITY) < Date.now() / 1000],
    ['assertion-grant-confusion:type', !isTyped],
  ];
  return faults.some(([flaw, isFault]) => isFault && !weak(flaw));
}

function isOfAnother({ client_id: named }: JWTPayload, clientID: string, weak: Weak): boolean {
  if (named === clientID || weak('assertion-grant-of-another-client')) return false;
  return named !== undefined || !weak('assertion-grant-of-another-client:unnamed');
}

/** The user that an assertion vouches for. @throws Refusal */
export async function userOf(assertion: string, clientID: string, state: State, weak: Weak): Promise<string> {
  try {
    const { iss, jti = '', sub = '', ...claims } = decodeJwt(assertion);
    const keys = { own: keysOf(iss, state, weak), server: [publicHalf(state.responseKey)] };
    const isGood = await isSigned(assertion, keys, 'assertion-grant-forgery', weak);
    if (!isGood || isConfused(assertion, claims, state, weak)) throw refused();
    if (isOfAnother(claims, clientID, weak)) throw refused();
    if (state.assertions.has(jti) && !weak('assertion-grant-replay')) throw refused();
    state.assertions.add(jti);
    return sub;
  } catch {
    throw refused(); // what is no JWT, too
  }
}
