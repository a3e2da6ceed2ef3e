/** The rules by which dpop refuses, for the operator. @see RFC 9449 */
import type { RefusalRule } from '../../refusal-rule.js';

export const DPOP_RULES: readonly RefusalRule[] = [
  {
    rule: 'dpop-nonce-needed',
    error: 'use_dpop_nonce',
    section: 'RFC 9449 §8, §9',
    remedy: 'Nothing, if it happens once: the client sends a new proof with the nonce of the DPoP-Nonce header.',
  },
  {
    rule: 'dpop-proof-invalid',
    error: 'invalid_dpop_proof',
    section: 'RFC 9449 §4.3, §5',
    remedy:
      'Have the client send a new proof for this very request: htm, htu, iat and jti, signed by its key; the reason says what is wrong. Where it says that htu differs, compare its URL with baseURL of dpopProof(), or the issuer.',
  },
  {
    rule: 'dpop-key-wrong',
    error: 'invalid_grant',
    says: /^Bound to another DPoP key$/,
    section: 'RFC 9449 §5, §10',
    remedy:
      'Have the client send proofs by the key that it began with. If it does, somebody has tried a stolen code or refresh token.',
  },
  {
    rule: 'dpop-jkt-wrong',
    error: 'invalid_request',
    says: /^dpop_jkt /,
    section: 'RFC 9449 §10, §10.1',
    remedy:
      'Have the client send the SHA-256 thumbprint of the key of its DPoP proofs in base64url, or leave dpop_jkt out.',
  },
  {
    rule: 'dpop-binding-impossible',
    error: 'unauthorized_client',
    says: /^Tokens of this client are bound to a key$/,
    section: 'RFC 9449 §5.2',
    remedy: 'Have the client use response_type=code: a token from the authorization endpoint cannot be bound to a key.',
  },
];
