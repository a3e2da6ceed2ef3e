/** Attacks with proofs that are not signed by this key, or not made for this request. */
import { type AttackOutcome, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { newKey, publicKeyAsSecrets, sign, signedByHMAC, unsigned, withClaims } from '../signed/jwt.js';
import { honest, tokenIn } from '../token/answer.js';
import { athOf, boundToken, changed, dpopAttack, good, type Make, type Prover, requireTaken } from './prover.js';

/** Tries each proof at the token endpoint, with a new code. */
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

export const dpopProofForgery = dpopAttack(
  {
    name: 'dpop-proof-forgery',
    title: 'a proof is accepted that its key has not signed',
    clause: 'RFC 9449 §4.3',
  },
  (prover, context) => atTokenEndpoint(context, prover, FORGERIES),
);

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

export const dpopProofOfAnotherRequest = dpopAttack(
  {
    name: 'dpop-proof-of-another-request',
    title: 'a proof for another method, URL, time or access token is accepted for this request',
    clause: 'RFC 9449 §4.3, §7',
  },
  async (prover, context) => {
    const outcome = await atTokenEndpoint(context, prover, others(context));
    const bound = outcome.outcome === 'withstood' ? await boundToken(prover, context) : undefined;
    if (!bound) return outcome;
    for (const [what, make] of [
      ['has the hash of another access token', changed({ ath: athOf('another') })],
      ['has no hash of the access token', changed({ ath: undefined })],
      ['is for another method', changed({ htm: 'POST' })],
      ['is for the token endpoint', changed({ htu: context.endpoints.token })],
    ] as const)
      if ((await prover.ask(bound.resource, bound.token, make)).status === 200)
        return succeeded(`the API took a proof that ${what}`);
    return withstood;
  },
);

export const dpopProofReplay = dpopAttack(
  {
    name: 'dpop-proof-replay',
    title: 'an intercepted proof is used again',
    clause: 'RFC 9449 §11.1',
  },
  async (prover, context) => {
    const { endpoints, target, obtainCode, exchange } = context;
    const proof = await prover.proof('POST', endpoints.token);
    const same = () => proof;
    honest(
      await prover.exchange(target.client, await obtainCode(target.client), same),
      'An honest exchange with a proof',
    );
    const again = await exchange(target.client, await obtainCode(target.client), {}, { DPoP: proof });
    if (tokenIn(again) !== undefined) return succeeded('the token endpoint took a proof twice');
    const bound = await boundToken(prover, context);
    if (!bound) return withstood;
    const { resource, token } = bound;
    const seen = await prover.proof('GET', resource, good, token);
    requireTaken((await prover.askWith(resource, token, seen)).status, resource);
    return (await prover.askWith(resource, token, seen)).status === 200
      ? succeeded('the API took a proof twice')
      : withstood;
  },
);
