/** Request objects. @see RFC 9101 */
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Flaw, Weak } from './flaws.js';
import type { Form } from './form.js';
import { isSigned, publicHalf } from './jwt.js';
import { Refusal } from './refusal.js';
import type { State, WeakClient } from './state.js';

const refused = (): Refusal => new Refusal('invalid_request_object');

/** The clients whose keys count. */
function signersOf(object: string, client: WeakClient, state: State, weak: Weak): readonly WeakClient[] {
  if (weak('request-object-of-another-client:key')) return [...state.clients.values()];
  const inside = state.clients.get(decodeJwt(object).iss ?? '');
  return inside && weak('request-object-of-another-client') ? [inside] : [client];
}

/** Whether one of these clients has signed it. */
function isSignedBy(object: string, clients: readonly WeakClient[], state: State, weak: Weak): Promise<boolean> {
  const own = clients.flatMap(({ signing_key }) => (signing_key ? [publicHalf(signing_key)] : []));
  return isSigned(object, { own, server: [publicHalf(state.responseKey)] }, 'request-object-forgery', weak);
}

/** What is wrong with the claims. */
function isConfused(object: string, claims: JWTPayload, clientID: string, { issuer }: State, weak: Weak): boolean {
  if (weak('request-object-confusion')) return false;
  const now = Date.now() / 1000;
  const isOfAnother = weak('request-object-of-another-client');
  const faults: readonly (readonly [Flaw, boolean])[] = [
    ['request-object-confusion:audience', claims.aud !== issuer],
    ['request-object-confusion:issuer', claims.iss !== clientID && !isOfAnother],
    ['request-object-confusion:expired', (claims.exp ?? 0) < now],
    ['request-object-confusion:client', claims['client_id'] !== clientID && !isOfAnother],
    ['request-object-confusion:nested', 'request' in claims || 'request_uri' in claims],
    ['request-object-confusion:type', decodeProtectedHeader(object).typ !== 'oauth-authz-req+jwt'],
  ];
  return faults.some(([flaw, isFault]) => isFault && !weak(flaw));
}

const ABOUT = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'request', 'request_uri'];

/** The parameters in an object. @throws Refusal */
export async function readObject(object: string, clientID: string, state: State, weak: Weak): Promise<Form> {
  const client = state.clients.get(clientID);
  if (!client) throw new Refusal('unauthorized_client');
  try {
    const claims = decodeJwt(object);
    const isGood = await isSignedBy(object, signersOf(object, client, state, weak), state, weak);
    if (!isGood || isConfused(object, claims, clientID, state, weak)) throw refused();
    const params = Object.entries(claims).filter(([name]) => !ABOUT.includes(name));
    const isOuter = !weak('request-object-of-another-client');
    return new Map([...params, ...(isOuter ? [['client_id', clientID]] : [])] as [string, string][]);
  } catch {
    throw refused(); // what is no JWT, too
  }
}
