/** RFC 7636: Proof Key for Code Exchange. */

import { hash } from 'node:crypto';
import type { Extension } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { WrongKeyError } from '../../errors/wrong-key-error.js';
import { type Relaxations, relaxationsOf } from '../../findings.js';
import { requireKnown } from '../../options.js';
import { equalInConstantTime } from '../../secrets/constant-time.js';
import type { TokenSteps } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import type { AuthorizationRequest, Awaitable, Client, Params } from '../../types.js';
import { PKCE_RULES } from './refusals.js';

/** How the challenge is made from the verifier: its SHA-256, or the verifier itself (`plain`, which protects less). @see RFC 7636 §4.2 */
export type CodeChallengeMethod = 'S256' | 'plain';

declare module '../../types.js' {
  interface AuthorizationRequest {
    readonly codeChallenge?: string;
    readonly codeChallengeMethod?: CodeChallengeMethod;
  }
  interface TokenRequest<C> {
    readonly codeVerifier?: string;
  }
  interface ServerMetadata {
    readonly code_challenge_methods_supported?: readonly string[];
  }
}

/** Options of `pkce()`. */
export interface PKCEOptions<C = Client> {
  /**
   * Also accepts `code_challenge_method=plain`, where the challenge is the verifier itself. This gives up the protection against an attacker who can
   * read the authorization request. Default: false.
   */
  readonly allowPlain?: boolean;
  /**
   * Whether a client may leave out the challenge: exactly `true` if it may. This gives up the protection of its codes against injection and interception.
   * Default: every client must send one.
   */
  readonly allowMissing?: (client: C) => Awaitable<boolean>;
}

const RELAXATIONS: Relaxations<PKCEOptions> = {
  allowPlain: {
    why: 'Anybody who can read the authorization request knows the verifier, and can redeem a stolen code',
    section: 'RFC 9700 §2.1.1',
    remedy: 'Leave it out: every client can send code_challenge_method=S256',
  },
  allowMissing: {
    why: 'Codes of these clients can be injected into another session, and an attacker who intercepts one can redeem it',
    section: 'RFC 9700 §2.1.1',
    remedy: 'Name only clients that cannot send a code_challenge, and leave it out when there are none',
  },
};

/** RFC 7636 §4.1, §4.2: 43 to 128 unreserved characters; a SHA-256 always has 43 characters of base64url. */
const SYNTAX: Readonly<Record<CodeChallengeMethod, RegExp>> = { S256: /^[\w-]{43}$/, plain: /^[\w.~-]{43,128}$/ };

/** The allowed methods, by their names in requests. */
type Methods = ReadonlyMap<unknown, CodeChallengeMethod>;

function readChallenge(params: Params, methods: Methods): Partial<AuthorizationRequest> | undefined {
  const codeChallenge = params.get('code_challenge');
  if (codeChallenge === undefined) return undefined;
  const asked = params.get('code_challenge_method') ?? 'plain'; // §4.3: defaults to plain if not present
  const method = methods.get(asked);
  if (method === undefined)
    throw reasoned(
      new AuthorizationError(`Unsupported code_challenge_method: ${asked}`, 'invalid_request'), // §4.4.1
      'pkce() does not allow it; without code_challenge_method, the request means plain',
      { came: params.get('code_challenge_method'), allowed: [...methods.keys()] },
    );
  if (!SYNTAX[method].test(codeChallenge))
    throw reasoned(
      new AuthorizationError('Malformed code_challenge', 'invalid_request'),
      'A code_challenge of S256 has 43 characters of base64url',
      { method, length: codeChallenge.length },
    );
  return { codeChallenge, codeChallengeMethod: method };
}

/**
 * RFC 7636 §4.1 allows clients only unreserved characters; §4.6 lets the server hash ASCII and compare. Since some clients send verifiers with `+`, `/` and
 * `=`, the server checks only the length and that the text is ASCII, and leaves the rest to the comparison. A verifier that fails this check cannot match any
 * challenge, so it does not use up the code.
 */
const COMPARABLE = /^[\x20-\x7e]{43,128}$/;

/** @throws WrongKeyError */
function requireMatch(verifier: string, challenge: string, method: CodeChallengeMethod): void {
  const computed = method === 'S256' ? hash('sha256', verifier, 'base64url') : verifier;
  if (equalInConstantTime(computed, challenge)) return; // RFC 7636 §4.6
  const isWellFormed = SYNTAX.plain.test(verifier);
  throw new WrongKeyError(isWellFormed ? 'code_verifier does not match the code_challenge' : 'Malformed code_verifier');
}

/** The checks when a code is redeemed. */
function tokenSteps<C>(methods: Methods, mayMiss: (client: C) => Promise<boolean>): TokenSteps<C> {
  return {
    grantTypes: ['authorization_code'],
    parse(params) {
      const codeVerifier = params.get('code_verifier');
      if (codeVerifier === undefined) return undefined;
      if (!COMPARABLE.test(codeVerifier)) throw new TokenError('Malformed code_verifier', 'invalid_grant');
      return { codeVerifier };
    },
    async check({ request: { codeChallenge, codeChallengeMethod } }, { codeVerifier, client }) {
      if (codeChallenge === undefined) {
        if (codeVerifier === undefined && (await mayMiss(client))) return;
        // RFC 9700 §2.1.1: a verifier is accepted only if there was a challenge. Otherwise an attacker could remove the challenge from the request
        throw reasoned(
          new TokenError('The authorization request had no code_challenge', 'invalid_grant'),
          'A verifier is accepted only for a code with a challenge, and pkce({ allowMissing }) did not return true for this client',
          { code_verifier: codeVerifier === undefined ? 'absent' : 'present' },
        );
      }
      if (codeVerifier === undefined)
        throw new TokenError('Missing required parameter: code_verifier', 'invalid_grant');
      // a missing method must not count as plain: the challenge, which is public, would then be the verifier
      const method = methods.get(codeChallengeMethod);
      if (method === undefined)
        throw reasoned(
          new TokenError('The code_challenge is of no method that is allowed', 'invalid_grant'),
          'The authorization that redeem returned has another method, or has lost it',
          { stored: codeChallengeMethod, allowed: [...methods.keys()] },
        );
      requireMatch(codeVerifier, codeChallenge, method);
    },
  };
}

/**
 * Binds every authorization code to the client instance that requested it. Every client must use it, with S256.
 *
 * @example server.extend(pkce())
 * @see RFC 7636, RFC 9700 §2.1.1
 */
export function pkce<C = Client, U = unknown>(options: PKCEOptions<C> = {}): Extension<C, U> {
  requireKnown<PKCEOptions<C>>(options, { allowPlain: true, allowMissing: true }, 'pkce');
  const { allowPlain = false, allowMissing } = options;
  const names: readonly CodeChallengeMethod[] = allowPlain === true ? ['S256', 'plain'] : ['S256'];
  const methods: Methods = new Map(names.map((name) => [name, name]));
  const mayMiss = async (client: C): Promise<boolean> => (await allowMissing?.(client)) === true;
  return {
    name: 'pkce',
    spec: 'RFC 7636',
    refusals: PKCE_RULES,
    prevents: ['code injection'], // RFC 9700 §2.1.1
    parameters: ['code_challenge', 'code_challenge_method', 'code_verifier'],
    adds: ['codeChallenge', 'codeChallengeMethod', 'codeVerifier'],
    authorization: {
      async parse({ params, client, request: { type } }) {
        if (!responseTypeWords(type).includes('code')) return undefined;
        const challenge = readChallenge(params, methods);
        if (challenge || (await mayMiss(client))) return challenge;
        throw reasoned(
          new AuthorizationError('Missing required parameter: code_challenge', 'invalid_request'), // §4.4.1
          'pkce() requires it of every client for which allowMissing does not return true',
        );
      },
    },
    token: tokenSteps(methods, mayMiss),
    metadata: () => ({ code_challenge_methods_supported: names }),
    findings: () => relaxationsOf('pkce', options, RELAXATIONS),
  };
}
