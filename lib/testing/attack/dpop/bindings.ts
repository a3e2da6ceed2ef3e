/** Attacks that use a code or token that is bound to a key with another key, or without a key. */
import { BEARER } from '../../../syntax/token-type.js';
import { type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { send } from '../http.js';
import { open, push, urlOf } from '../pushed/push.js';
import { refresh, tokenIn } from '../token/answer.js';
import { boundToken, dpopAttack, good, type Prover } from './prover.js';

const NO_API = skipped('there is no resource');

export const dpopDowngrade = dpopAttack(
  {
    name: 'dpop-downgrade',
    title: 'a token that is bound to a key is used without the key',
    clause: 'RFC 9449 §7.1, §7.2',
  },
  async (prover, context) => {
    const bound = await boundToken(prover, context);
    if (!bound) return NO_API;
    const { resource, token } = bound;
    const thief = await prover.another();
    const asBearer = { authorization: `${BEARER} ${token}` };
    const tries: readonly (readonly [what: string, headers: Readonly<Record<string, string>>])[] = [
      ['as a bearer token', asBearer],
      [
        'as a bearer token, with a proof of another key',
        { ...asBearer, DPoP: await thief.proof('GET', resource, good, token) },
      ],
      ['without a proof', { authorization: `DPoP ${token}` }],
    ];
    for (const [what, headers] of tries)
      if ((await send(resource, { headers })).status === 200) return succeeded(`it was taken ${what}`);
    return withstood;
  },
);

export const dpopTokenOfAnotherKey = dpopAttack(
  {
    name: 'dpop-token-of-another-key',
    title: 'a thief uses a bound token with a key of their own',
    clause: 'RFC 9449 §4.3, §6',
  },
  async (prover, context) => {
    const bound = await boundToken(prover, context);
    if (!bound) return NO_API;
    const thief = await prover.another();
    return (await thief.ask(bound.resource, bound.token)).status === 200
      ? succeeded('the API took a proof of another key')
      : withstood;
  },
);

/** Tries to exchange a code that is bound to the key of `prover` with another key, and without a key. */
async function codeWithout(context: AttackContext, prover: Prover): Promise<AttackOutcome> {
  const { target, obtainCode, exchange } = context;
  const changes = { dpop_jkt: await prover.thumbprint() };
  const thief = await prover.another();
  if (tokenIn(await prover.exchange(target.client, await obtainCode(target.client, changes))) === undefined)
    throw new Error('An honest exchange of a code that is bound by dpop_jkt gives no token');
  if (tokenIn(await thief.exchange(target.client, await obtainCode(target.client, changes))) !== undefined)
    return succeeded('a code that is bound by dpop_jkt was exchanged with another key');
  if (tokenIn(await exchange(target.client, await obtainCode(target.client, changes))) !== undefined)
    return succeeded('a code that is bound by dpop_jkt was exchanged without a proof');
  return withstood;
}

/** RFC 9449 §10.1: a pushed request whose proof binds the code. */
async function pushedCodeWithout(context: AttackContext, prover: Prover): Promise<AttackOutcome> {
  const { endpoints, target } = context;
  const { client } = target;
  const place = endpoints.pushed_authorization_request;
  if (place === undefined) return withstood;
  const pushed = await push(context, client, { DPoP: await prover.proof('POST', place) }).catch(() => undefined);
  if (!pushed) return withstood; // the server requires another nonce there, or accepts no proofs
  const answer = await open(context, await context.visitor(), urlOf(context, client, pushed));
  const obtained = { ...pushed, code: answer.get('code') ?? '', location: '' };
  const thief = await prover.another();
  return tokenIn(await thief.exchange(client, obtained)) === undefined
    ? withstood
    : succeeded('a code that is bound by the proof of a pushed request was exchanged with another key');
}

export const dpopCodeOfAnotherKey = dpopAttack(
  {
    name: 'dpop-code-of-another-key',
    title: 'an attacker who has intercepted a code that is bound to a key exchanges it with another key, or with none',
    clause: 'RFC 9449 §10',
  },
  async (prover, context) => {
    const outcome = await codeWithout(context, prover);
    return outcome.outcome === 'withstood' ? pushedCodeWithout(context, prover) : outcome;
  },
);

export const dpopRefreshOfAnotherKey = dpopAttack(
  {
    name: 'dpop-refresh-of-another-key',
    title: 'a thief uses the refresh token of a public client with another key, or with none',
    clause: 'RFC 9449 §5',
  },
  async (prover, context) => {
    const { publicClient } = context.target;
    if (!publicClient) return skipped('there is no publicClient');
    const bound = async (): Promise<string | undefined> => {
      const { refresh_token } = await prover.obtainTokens(publicClient);
      return typeof refresh_token === 'string' ? refresh_token : undefined;
    };
    const first = await bound();
    if (first === undefined) return skipped('the public client is given no refresh token');
    if (tokenIn(await prover.refresh(publicClient, first)) === undefined)
      throw new Error('An honest refresh with a proof gives no token');
    const thief = await prover.another();
    if (tokenIn(await thief.refresh(publicClient, (await bound()) ?? '')) !== undefined)
      return succeeded('it was refreshed with another key');
    return tokenIn(await refresh(context, publicClient, (await bound()) ?? '')) === undefined
      ? withstood
      : succeeded('it was refreshed without a proof');
  },
);
