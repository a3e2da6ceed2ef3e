/** Attacks with ID tokens of another request, another response or another client. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { leftHalfHash } from '../../../id-token/hash.js';
import { type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { random } from '../request.js';
import type { Visitor } from '../visitor.js';
import { openidAttack, type Provider } from './provider.js';

/** The response types with an ID token from the authorization endpoint that the client may use. */
async function frontChannel({ ask }: Provider, context: AttackContext, visitor: Visitor): Promise<readonly string[]> {
  const { response_types_supported: types = [] } = await context.metadata();
  const usable: string[] = [];
  for (const response_type of [types].flat().map(String)) {
    if (!response_type.split(' ').includes('id_token')) continue;
    const { params } = await ask(visitor, context.target.client, { response_type, nonce: random() });
    if (params.has('id_token')) usable.push(response_type);
  }
  return usable;
}

/** What is wrong with the nonces of ID tokens from the token endpoint. */
async function nonceFault({ ask, redeem, logIn }: Provider, { target: { client } }: AttackContext, visitor: Visitor) {
  const [one, two] = [random(), random()];
  const first = (await ask(visitor, client, { nonce: one })).obtained;
  const second = (await ask(visitor, client, { nonce: two })).obtained;
  if (!first || !second) throw new Error('An honest request with a nonce gives no code');
  for (const [obtained, nonce] of [
    [first, one],
    [second, two],
  ] as const) {
    const { claims } = await redeem(client, obtained);
    if (claims['nonce'] !== nonce) return `the ID token of the nonce ${nonce} says ${claims['nonce']}`;
  }
  const { claims } = await logIn(visitor, client);
  return claims['nonce'] === undefined ? undefined : `the ID token of a request without nonce says ${claims['nonce']}`;
}

async function nonceFaultInBrowser(provider: Provider, context: AttackContext, visitor: Visitor) {
  const { client } = context.target;
  for (const response_type of await frontChannel(provider, context, visitor)) {
    const nonce = random();
    const { params } = await provider.ask(visitor, client, { response_type, nonce });
    const said = decodeJwt(params.get('id_token') ?? '')['nonce'];
    if (said !== nonce) return `by ${response_type}, the ID token of the nonce ${nonce} says ${said}`;
    const without = await provider.ask(visitor, client, { response_type });
    if (without.params.has('id_token')) return `by ${response_type}, an ID token is given without a nonce`;
  }
  return undefined;
}

export const idTokenNonce = openidAttack(
  {
    name: 'id-token-nonce',
    title: 'the ID token of one request is injected into another, and its nonce does not show it',
    clause: 'OpenID Connect Core §3.1.3.7, §3.2.2.1',
  },
  async (provider, context) => {
    const visitor = await context.visitor();
    const fault =
      (await nonceFault(provider, context, visitor)) ?? (await nonceFaultInBrowser(provider, context, visitor));
    return fault === undefined ? withstood : succeeded(fault);
  },
);

/** Which hash in the ID token is missing or wrong. @param needed the hashes that must be there */
function hashFault(
  idToken: string,
  beside: { readonly code?: string | null; readonly token?: string | null },
  needed: 'all' | 'none',
): string | undefined {
  const { alg = '' } = decodeProtectedHeader(idToken);
  const claims = decodeJwt(idToken);
  for (const [name, value] of [
    ['c_hash', beside.code],
    ['at_hash', beside.token],
  ] as const) {
    if (typeof value !== 'string') continue;
    const said = claims[name];
    if (said === undefined && needed === 'none') continue;
    if (said !== leftHalfHash(value, alg)) return `${name} is ${said}, not the hash of what comes beside it`;
  }
  return undefined;
}

async function hashFaultInBrowser(
  provider: Provider,
  context: AttackContext,
  visitor: Visitor,
  types: readonly string[],
) {
  for (const response_type of types) {
    const { params } = await provider.ask(visitor, context.target.client, { response_type, nonce: random() });
    const beside = { code: params.get('code'), token: params.get('access_token') };
    const fault = hashFault(params.get('id_token') ?? '', beside, 'all');
    if (fault !== undefined) return `by ${response_type}, ${fault}`;
  }
  return undefined;
}

export const idTokenHash = openidAttack(
  {
    name: 'id-token-hash',
    title: 'the code or the access token that comes with an ID token is replaced by that of another response',
    clause: 'OpenID Connect Core §3.1.3.6, §3.3.2.11',
  },
  async (provider, context): Promise<AttackOutcome> => {
    const visitor = await context.visitor();
    const types = await frontChannel(provider, context, visitor);
    const { idToken, accessToken: token, claims } = await provider.logIn(visitor, context.target.client);
    if (types.length === 0 && claims['at_hash'] === undefined)
      return skipped('no ID token comes by way of the browser, and that of the token endpoint has no at_hash');
    const fault =
      hashFault(idToken, { token }, 'none') ?? (await hashFaultInBrowser(provider, context, visitor, types));
    return fault === undefined ? withstood : succeeded(fault);
  },
);

export const idTokenOfAnotherClient = openidAttack(
  {
    name: 'id-token-of-another-client',
    title: 'the ID token of one client is accepted by another',
    clause: 'OpenID Connect Core §2, §3.1.3.7',
  },
  async ({ logIn }, context) => {
    const { client, otherClient, publicClient } = context.target;
    const clients = [client, otherClient, publicClient].filter((one) => one !== undefined);
    if (clients.length === 1) return skipped('there is no other client');
    const visitor = await context.visitor();
    const names = clients.map(({ client_id }) => client_id);
    for (const one of clients) {
      const { claims } = await logIn(visitor, one);
      const audience = [claims.aud].flat();
      const others = names.filter((name) => name !== one.client_id && audience.includes(name));
      if (!audience.includes(one.client_id) || others.length > 0)
        return succeeded(`the ID token of ${one.client_id} is for ${audience.join(' and ')}`);
    }
    return withstood;
  },
);
