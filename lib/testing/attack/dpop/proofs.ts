/** Proofs that are no proofs of this key, or not for this request. */
import { type Attack, type AttackOutcome, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { newKey, publicKeyAsSecrets, sign, signedByHMAC, unsigned, withClaims } from '../signed/jwt.js';
import { honest, tokenIn } from '../token/answer.js';
import { athOf, changed, good, type Make, Prover, proverOf } from './prover.js';

/** Tries each at the token endpoint, with a code of its own. */
async function atTokenEndpoint(
  context: AttackContext,
  prover: Prover,
  tries: readonly (readonly [what: string, make: Make])[],
): Promise<AttackOutcome> {
  const { client } = context.target;
  for (const [what, make] of tries)
    if (tokenIn(await prover.exchange(client, await context.obtainCode(client), make)) !== undefined)
      return succeeded(`the token endpoint took a proof that ${what}`);
  return withstood;
}

const FORGERIES: readonly (readonly [what: string, make: Make])[] = [
  ['has no signature (alg none)', ({ header, claims }) => unsigned(header, claims)],
  [
    'is signed by HS256, with a secret that it brings',
    ({ header, claims }) =>
      signedByHMAC({ ...header, jwk: { kty: 'oct', k: 'YXR0YWNrZXI' } }, claims, Buffer.from('attacker')),
  ],
  [
    'is signed by HS256, with its public key as the secret',
    ({ header, claims, key }) => signedByHMAC(header, claims, publicKeyAsSecrets(key.publicJWK)[2] ?? ''),
  ],
  [
    'is signed by another key than that in its header',
    async ({ header, claims }) => sign(header, claims, await newKey()),
  ],
  [
    'has a private key in its header',
    ({ header, claims, key }) => sign({ ...header, jwk: key.privateJWK }, claims, key),
  ],
  ['was changed after it was signed', async (draft) => withClaims(await good(draft), { jti: 'attacker' })],
  ['is another kind of JWT', changed({}, { typ: 'JWT' })],
];

export const dpopProofForgery: Attack = {
  name: 'dpop-proof-forgery',
  title: 'a proof counts that its key has not signed',
  clause: 'RFC 9449 §4.3',
  async run(context) {
    const prover = await proverOf(context);
    return prover instanceof Prover ? atTokenEndpoint(context, prover, FORGERIES) : prover;
  },
};

const HOUR = 3600;

function others({ endpoints }: AttackContext): readonly (readonly [what: string, make: Make])[] {
  const now = Math.floor(Date.now() / 1000);
  return [
    ['is for another method', changed({ htm: 'GET' })],
    ['is for another server', changed({ htu: 'https://other-as.example/token' })],
    ['is for another endpoint', changed({ htu: endpoints.authorization })],
    ['was made an hour ago', changed({ iat: now - HOUR })],
    ['is from the future', changed({ iat: now + HOUR })],
    ['has no jti', changed({ jti: undefined })],
  ];
}

export const dpopProofOfAnotherRequest: Attack = {
  name: 'dpop-proof-of-another-request',
  title: 'a proof for another method, URL, time or access token counts for this request',
  clause: 'RFC 9449 §4.3, §7',
  async run(context) {
    const prover = await proverOf(context);
    if (!(prover instanceof Prover)) return prover;
    const outcome = await atTokenEndpoint(context, prover, others(context));
    const { resource } = context.endpoints;
    if (outcome.outcome !== 'withstood' || resource === undefined) return outcome;
    const { access_token } = await prover.obtainTokens(context.target.client);
    honestly((await prover.ask(resource, access_token)).status, resource);
    for (const [what, make] of [
      ['has the hash of another access token', changed({ ath: athOf('another') })],
      ['has no hash of the access token', changed({ ath: undefined })],
      ['is for another method', changed({ htm: 'POST' })],
      ['is for the token endpoint', changed({ htu: context.endpoints.token })],
    ] as const)
      if ((await prover.ask(resource, access_token, make)).status === 200)
        return succeeded(`the API took a proof that ${what}`);
    return withstood;
  },
};

/** @throws Error when an honest request to the API does not succeed */
export function honestly(status: number, resource: string): void {
  if (status !== 200) throw new Error(`${resource} answers ${status} to a bound token with its proof`);
}

export const dpopProofReplay: Attack = {
  name: 'dpop-proof-replay',
  title: 'a proof that was seen on the way is used again',
  clause: 'RFC 9449 §11.1',
  async run(context) {
    const prover = await proverOf(context);
    if (!(prover instanceof Prover)) return prover;
    const { endpoints, target, obtainCode, exchange } = context;
    const proof = await prover.proof('POST', endpoints.token);
    const same = () => proof;
    honest(
      await prover.exchange(target.client, await obtainCode(target.client), same),
      'An honest exchange with a proof',
    );
    const again = await exchange(target.client, await obtainCode(target.client), {}, { DPoP: proof });
    if (tokenIn(again) !== undefined) return succeeded('the token endpoint took a proof twice');
    const { resource } = endpoints;
    if (resource === undefined) return withstood;
    const { access_token } = await prover.obtainTokens(target.client);
    honestly((await prover.ask(resource, access_token)).status, resource);
    const seen = await prover.proof('GET', resource, good, access_token);
    honestly((await prover.askWith(resource, access_token, seen)).status, resource);
    return (await prover.askWith(resource, access_token, seen)).status === 200
      ? succeeded('the API took a proof twice')
      : withstood;
  },
};
