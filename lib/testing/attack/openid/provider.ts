/** An honest client that gets ID tokens and verifies them. */
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext, Obtained } from '../context.js';
import { answerIn, membersOf } from '../http.js';
import { type Changes, describePage } from '../request.js';
import type { AttackClient } from '../target.js';
import type { Visitor } from '../visitor.js';

/** The tokens of a client after a user has logged in. */
export interface LoggedIn {
  readonly idToken: string;
  readonly claims: JWTPayload;
  readonly accessToken: string;
}

export interface Provider {
  /** The claims of a token with the issuer of this server, and the signature of one of its published keys; undefined for any other token. */
  verify(token: string): Promise<JWTPayload | undefined>;
  /** Asks for an ID token, and allows the request if a dialog is shown. @returns the answer */
  ask(visitor: Visitor, client: AttackClient, changes?: Changes): Promise<Answered>;
  /** Exchanges the code of an answer. @throws Error if there is no valid ID token */
  redeem(client: AttackClient, obtained: Obtained): Promise<LoggedIn>;
  /** `ask` and `redeem`. @throws Error if there is no code, or no valid ID token */
  logIn(visitor: Visitor, client: AttackClient, changes?: Changes): Promise<LoggedIn>;
  /** Whether a user is logged in, by a request with `prompt=none`. @throws Error if the answer does not tell */
  isLoggedIn(visitor: Visitor): Promise<boolean>;
}

export interface Answered {
  readonly params: URLSearchParams;
  /** Undefined if the answer has no code. */
  readonly obtained: Obtained | undefined;
}

/** The scope of a client, with `openid`. @see OpenID Connect Core §3.1.2.1 */
export const openidScope = ({ scope = '' }: AttackClient): string =>
  [...new Set(['openid', ...scope.split(' ').filter(Boolean)])].join(' ');

/** The errors of `prompt=none` that mean that a user is logged in. @see OpenID Connect Core §3.1.2.6 */
const SOMEBODY = ['consent_required', 'interaction_required', 'account_selection_required'];

function readLogin(params: URLSearchParams): boolean | undefined {
  const error = params.get('error');
  if (params.has('code') || SOMEBODY.includes(error ?? '')) return true;
  return error === 'login_required' ? false : undefined;
}

function asker(context: AttackContext): Provider['ask'] {
  return async (visitor, client, changes = {}) => {
    const { page, ...request } = await context.authorize(visitor, client, { scope: openidScope(client), ...changes });
    const answer = await context.allow(visitor, page);
    if (answer.status >= 500) throw new Error(`The server failed: ${describePage(answer)}`);
    const params = answerIn(answer);
    const code = params.get('code');
    return { params, obtained: code === null ? undefined : { ...request, code, location: answer.location ?? '' } };
  };
}

function redeemer({ exchange }: AttackContext, verify: Provider['verify']): Provider['redeem'] {
  return async (client, obtained) => {
    const page = await exchange(client, obtained);
    const { id_token, access_token } = membersOf(page);
    const claims = typeof id_token === 'string' ? await verify(id_token) : undefined;
    if (!claims) throw new Error(`An honest exchange gives no ID token that can be verified: ${describePage(page)}`);
    return { idToken: String(id_token), claims, accessToken: String(access_token) };
  };
}

function providerOf(context: AttackContext, keys: ReturnType<typeof createRemoteJWKSet>): Provider {
  const { issuer, client: own } = context.target;
  const verify: Provider['verify'] = async (token) => {
    const options = { issuer, currentDate: new Date(Date.now()) };
    return (await jwtVerify(token, keys, options).catch(() => undefined))?.payload;
  };
  const [ask, redeem] = [asker(context), redeemer(context, verify)];
  return {
    verify,
    ask,
    redeem,
    async logIn(visitor, client, changes) {
      const { obtained, params } = await ask(visitor, client, changes);
      if (obtained) return redeem(client, obtained);
      throw new Error(`An honest request of ${client.client_id} for an ID token gives no code: ${params}`);
    },
    async isLoggedIn(visitor) {
      const { page } = await context.authorize(visitor, own, { scope: openidScope(own), prompt: 'none' });
      const isThere = readLogin(answerIn(page));
      if (isThere === undefined) throw new Error(`prompt=none is answered by ${describePage(page)}`);
      return isThere;
    },
  };
}

type Attempt = (provider: Provider, context: AttackContext) => Promise<AttackOutcome>;

/** An attack on an OpenID Provider. */
export function openidAttack(about: Omit<Attack, 'run'>, attempt: Attempt): Attack {
  return {
    ...about,
    async run(context) {
      const { id_token_signing_alg_values_supported: algorithms, jwks_uri: uri } = await context.metadata();
      if (!Array.isArray(algorithms)) return skipped('the metadata has no id_token_signing_alg_values_supported');
      if (typeof uri !== 'string') return skipped('the metadata has no jwks_uri');
      return attempt(providerOf(context, createRemoteJWKSet(new URL(uri))), context);
    },
  };
}
