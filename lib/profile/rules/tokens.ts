/** Tokens and codes that profiles forbid. */
import { isPublicClient } from '../../clients/registration.js';
import type { Rule } from '../rule.js';

export const unboundToken: Rule = {
  name: 'bearer token',
  forbids: 'an access token that is bound to no key',
  why: 'Whoever steals it, from an API or a log, can use it',
  remedy: 'A client that sends DPoP proofs, or its certificate (mutual TLS), to the token endpoint',
  message: 'Tokens of this client are bound to a key: a DPoP proof or a client certificate is required',
  tokens({ request: { confirmation }, response }) {
    if (response.token_type === 'N_A') return undefined; // RFC 8693 §2.2.1: no access token
    return (confirmation?.jkt ?? confirmation?.['x5t#S256']) ? undefined : { cnf: 'absent' };
  },
};

export const keptPublicRefreshToken: Rule = {
  name: 'refresh token kept',
  forbids: 'a refresh token of a public client that is neither replaced at each use nor bound to a key',
  why: 'Whoever steals it can use it for as long as it lives, and nobody notices',
  remedy: 'exchange.refreshToken(tokens.refreshToken), which replaces it; or dpop()',
  message: 'The refresh token was not replaced',
  errors: { token: 'server_error' },
  tokens({ request, response, authorization, grantType }) {
    if (grantType !== 'refresh_token' || !isPublicClient(request)) return undefined;
    const isBound = Object.values(authorization?.confirmation ?? {}).some(Boolean);
    const { refresh_token: next } = response;
    const isReplaced = next !== undefined && next !== request.params.get('refresh_token');
    return isBound || isReplaced ? undefined : { refresh_token: next === undefined ? 'none came' : 'the same came' };
  },
};

export const rotation: Rule = {
  name: 'refresh token rotation',
  forbids: 'a new refresh token at each refresh',
  why: 'A client whose answer got lost has lost its access; for a client that authenticates, rotation protects nothing',
  remedy: 'createServer({ tokens }): the token service keeps the refresh tokens of these clients',
  message: 'The refresh token was replaced',
  errors: { token: 'server_error' },
  terms: { keepsRefreshTokens: true },
  tokens({ request, response, grantType }) {
    if (grantType !== 'refresh_token') return undefined;
    const { refresh_token: next } = response;
    return next === undefined || next === request.params.get('refresh_token')
      ? undefined
      : { refresh_token: 'another came' };
  },
};

/** In seconds. */
const CODE_LIFETIME = 60;

export const oldCode: Rule = {
  name: 'code lifetime',
  forbids: 'an authorization code that is good for more than 60 s',
  why: 'A code that leaks later, by a history or a log, can still be redeemed',
  remedy: 'createServer({ tokens }): the token service takes the codes of these clients for 60 s at most',
  terms: { codeLifetime: CODE_LIFETIME },
};
