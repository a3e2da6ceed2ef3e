/** RFC 7636: Proof Key for Code Exchange. */
import { hash } from 'node:crypto';
import { AuthorizationError } from '../errors/authorization-error.js';
import { TokenError } from '../errors/token-error.js';
import { WrongKeyError } from '../errors/wrong-key-error.js';
import { equalInConstantTime } from '../http/constant-time.js';
import { responseTypeWords } from '../http/response-type.js';
import type { Extension } from '../plugs.js';
import type { AuthorizationRequest, Client, Params } from '../types.js';

export type CodeChallengeMethod = 'S256' | 'plain';

declare module '../types.js' {
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

export interface PKCEOptions<C = Client> {
  /** Takes `plain` challenges too: gives up protection from whoever can read the authorization request. */
  readonly allowPlain?: boolean;
  /** Clients that may go without: gives up protection of their codes from injection and interception. */
  readonly allowMissing?: (client: C) => boolean;
}

/** RFC 7636 §4.1, §4.2: 43 to 128 unreserved characters; of SHA-256 it is always 43 of base64url. */
const SYNTAX: Readonly<Record<CodeChallengeMethod, RegExp>> = { S256: /^[\w-]{43}$/, plain: /^[\w.~-]{43,128}$/ };

function readChallenge(params: Params, allowPlain: boolean): Partial<AuthorizationRequest> | undefined {
  const codeChallenge = params.get('code_challenge');
  if (codeChallenge === undefined) return undefined;
  const method = params.get('code_challenge_method') ?? 'plain'; // §4.3: defaults to plain if not present
  if (method !== 'S256' && !(method === 'plain' && allowPlain)) {
    throw new AuthorizationError(`Unsupported code_challenge_method: ${method}`, 'invalid_request'); // §4.4.1
  }
  if (!SYNTAX[method].test(codeChallenge)) throw new AuthorizationError('Malformed code_challenge', 'invalid_request');
  return { codeChallenge, codeChallengeMethod: method };
}

/** RFC 7636 §4.6. */
function matches(verifier: string, challenge: string, method: CodeChallengeMethod | undefined): boolean {
  const computed = method === 'S256' ? hash('sha256', verifier, 'base64url') : verifier;
  return SYNTAX.plain.test(verifier) && equalInConstantTime(computed, challenge);
}

/**
 * Binds every authorization code to the client instance that asked for it. Required of every client, with S256 only.
 *
 * @example server.extend(pkce())
 * @see RFC 7636, RFC 9700 §2.1.1
 */
export function pkce<C = Client, U = unknown>({
  allowPlain = false,
  allowMissing,
}: PKCEOptions<C> = {}): Extension<C, U> {
  const mayMiss = (client: C): boolean => allowMissing?.(client) ?? false;
  return {
    name: 'pkce',
    authorization: {
      parse(params, client, { type }) {
        if (!responseTypeWords(type).includes('code')) return undefined;
        const challenge = readChallenge(params, allowPlain);
        if (challenge || mayMiss(client)) return challenge;
        throw new AuthorizationError('Missing required parameter: code_challenge', 'invalid_request'); // §4.4.1
      },
    },
    token: {
      grantTypes: ['authorization_code'],
      parse(params) {
        const codeVerifier = params.get('code_verifier');
        return codeVerifier === undefined ? undefined : { codeVerifier };
      },
      check({ request: { codeChallenge, codeChallengeMethod } }, { codeVerifier, client }) {
        if (codeChallenge === undefined) {
          if (codeVerifier === undefined && mayMiss(client)) return;
          // RFC 9700 §2.1.1: a verifier is accepted only if there was a challenge, else an attacker could drop it
          throw new TokenError('The authorization request had no code_challenge', 'invalid_grant');
        }
        if (codeVerifier === undefined)
          throw new TokenError('Missing required parameter: code_verifier', 'invalid_grant');
        if (!matches(codeVerifier, codeChallenge, codeChallengeMethod)) {
          throw new WrongKeyError('code_verifier does not match the code_challenge'); // §4.6
        }
      },
    },
    metadata: () => ({ code_challenge_methods_supported: allowPlain ? ['S256', 'plain'] : ['S256'] }),
  };
}
