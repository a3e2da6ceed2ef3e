/** Binds authorization requests, codes and refresh tokens to keys. */
import { isPublicClient } from '../../clients/registration.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import type { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { WrongKeyError } from '../../errors/wrong-key-error.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import type { Authorization, AuthorizationRequest, Params, TokenRequest } from '../../types.js';
import type { PresentedProof } from './presented.js';

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** The thumbprint of the key that the code is bound to. @see RFC 9449 §10 */
    readonly dpopJKT?: string | undefined;
  }
  interface TokenRequest<C> {
    /** The DPoP proof that came with the request. @see RFC 9449 §5 */
    readonly dpopProof?: PresentedProof | undefined;
  }
}

/** Response types without a code: their clients send no token request that could have a proof. */
const AT_ONCE: ReadonlySet<string> = new Set(['token', 'id_token', 'none']);

/** A SHA-256 in base64url. */
const THUMBPRINT = /^[\w-]{43}$/;

function readParameter(params: Params): string | undefined {
  const jkt = params.get('dpop_jkt');
  if (jkt === undefined || THUMBPRINT.test(jkt)) return jkt;
  throw new AuthorizationError('dpop_jkt is not a SHA-256 thumbprint in base64url', 'invalid_request');
}

/**
 * The key that a code is to be bound to: the key of the proof that came with a pushed request, or `dpop_jkt`.
 *
 * @throws AuthorizationError if both are there and differ. @see RFC 9449 §10, §10.1
 */
export function keyOfCode(
  params: Params,
  { type }: AuthorizationRequest,
  proof: PresentedProof | undefined,
): Partial<AuthorizationRequest> | undefined {
  if (responseTypeWords(type).every((word) => AT_ONCE.has(word))) return undefined;
  const asked = readParameter(params);
  const key = proof?.thumbprint ?? asked;
  if (key === undefined) return undefined;
  if (asked === undefined || asked === key) return { dpopJKT: key };
  throw reasoned(
    new AuthorizationError('dpop_jkt is not the key of the DPoP proof', 'invalid_request'),
    'A pushed request has a DPoP proof by another key than its dpop_jkt: RFC 9449 §10.1',
    { dpop_jkt: asked, proof: key },
  );
}

/**
 * Whether a request may use another key than the authorization request. That key binds the code, and the refresh tokens of a public client. A client that
 * authenticates may replace its key: otherwise a client that loses its key would lose the authorizations of all its users.
 *
 * @see RFC 9449 §5
 */
function mayReplaceKey<C>(request: TokenRequest<C>, grantType: string): boolean {
  return grantType === 'refresh_token' && !isPublicClient(request);
}

/**
 * Refuses a code, or a refresh token of a public client, without a proof by the key that it is bound to. A code that comes without a proof is not used up,
 * since the client can correct that; a code with a proof by another key is used up.
 *
 * @param grantType the name of the grant that handles the request, not the name that the client has sent
 * @throws OAuth2Error. @see RFC 9449 §5, §10
 */
export function requireKey<C>(
  { request: { dpopJKT }, confirmation }: Authorization,
  request: TokenRequest<C>,
  grantType: string,
  missing: () => OAuth2Error,
): void {
  const came = request.dpopProof?.thumbprint;
  const ofCode = mayReplaceKey(request, grantType) ? undefined : dpopJKT;
  for (const bound of [ofCode, confirmation?.jkt]) {
    if (bound === undefined || bound === came) continue;
    if (came === undefined) throw missing();
    throw reasoned(new WrongKeyError('Bound to another DPoP key'), 'The thumbprints differ', { came, bound });
  }
}
