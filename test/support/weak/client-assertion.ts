/** Clients that authenticate by an assertion. @see RFC 7523 §2.2, §3 */
import { decodeJwt, type JWTPayload } from 'jose';
import type { Flaw, Weak } from './flaws.js';
import { isSigned, publicHalf } from './jwt.js';
import { Refusal } from './refusal.js';
import type { State, WeakClient } from './state.js';

const refused = (): Refusal => new Refusal('invalid_client', 'Client authentication failed', 401);

function isConfused({ aud, exp, iss, sub }: JWTPayload, { issuer }: State, weak: Weak): boolean {
  if (weak('client-assertion-confusion')) return false;
  const faults: readonly (readonly [Flaw, boolean])[] = [
    ['client-assertion-confusion:audience', aud !== issuer],
    ['client-assertion-confusion:expired', (exp ?? Number.POSITIVE_INFINITY) < Date.now() / 1000],
    ['client-assertion-confusion:endless', exp === undefined],
    ['client-assertion-confusion:issuer', iss !== sub],
  ];
  return faults.some(([flaw, isFault]) => isFault && !weak(flaw));
}

function isSignedBy(assertion: string, client: WeakClient, state: State, weak: Weak): Promise<boolean> {
  const signers = weak('client-assertion-confusion:another') ? [...state.clients.values()] : [client];
  const own = signers.flatMap(({ signing_key }) => (signing_key ? [publicHalf(signing_key)] : []));
  return isSigned(assertion, { own, server: [publicHalf(state.responseKey)] }, 'client-assertion-forgery', weak);
}

/** @throws Refusal invalid_client */
export async function byAssertion(assertion: string, state: State, weak: Weak): Promise<WeakClient> {
  try {
    const { jti = '', ...claims } = decodeJwt(assertion);
    const client = state.clients.get(claims.sub ?? '');
    if (!client || !(await isSignedBy(assertion, client, state, weak)) || isConfused(claims, state, weak))
      throw refused();
    if (state.assertions.has(jti) && !weak('client-assertion-replay')) throw refused();
    state.assertions.add(jti);
    return client;
  } catch {
    throw refused(); // what is no JWT, too
  }
}
