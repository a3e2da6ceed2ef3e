/** Which key an authorization request, a code or a refresh token is bound to. */
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
    /** The DPoP proof that came with it. @see RFC 9449 §5 */
    readonly dpopProof?: PresentedProof | undefined;
  }
}

/** Response types that give no code: nothing of their requests is fetched later with a proof. */
const AT_ONCE: ReadonlySet<string> = new Set(['token', 'id_token', 'none']);

/** A SHA-256 in base64url. */
const THUMBPRINT = /^[\w-]{43}$/;

function readParameter(params: Params): string | undefined {
  const jkt = params.get('dpop_jkt');
  if (jkt === undefined || THUMBPRINT.test(jkt)) return jkt;
  throw new AuthorizationError('dpop_jkt is not a SHA-256 thumbprint in base64url', 'invalid_request');
}

/**
 * The key that a code is to be bound to: that of the proof which came with a pushed request, or of `dpop_jkt`.
 *
 * @throws AuthorizationError where they are two keys. @see RFC 9449 §10, §10.1
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
 * Whether the key of the authorization request no longer counts: it binds the code, and the refresh token of a public client. A client that authenticates
 * may replace its key, or it would lose all of its users with the key.
 *
 * @see RFC 9449 §5
 */
function mayReplaceKey<C>(request: TokenRequest<C>, grantType: string): boolean {
  return grantType === 'refresh_token' && !isPublicClient(request);
}

/**
 * A code, or a refresh token of a public client, is good only with the key that it is bound to. Without a proof it is not spent, for that can be
 * corrected; with a proof by another key a code is.
 *
 * @param grantType that of the exchange, whatever name the client has sent
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
