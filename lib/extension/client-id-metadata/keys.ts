/** The keys in a document. */
import { invalid } from './fault.js';

/** RFC 7518 §6.2.2, §6.3.2, §6.4: parameters that only a private or a shared key has; `priv` is that of AKP keys. */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

function isPublicKey(key: unknown): boolean {
  return typeof key === 'object' && key !== null && 'kty' in key && !SECRET.some((name) => name in key);
}

function isPublicSet(jwks: unknown): boolean {
  const keys: unknown = Reflect.get(Object(jwks), 'keys');
  return Array.isArray(keys) && keys.length > 0 && keys.every(isPublicKey);
}

function isHTTPS(url: unknown): boolean {
  return typeof url === 'string' && url.startsWith('https://') && URL.canParse(url);
}

/** Methods that are verified by keys of the client. */
const BY_KEYS = ['private_key_jwt', 'self_signed_tls_client_auth'];

/** @throws OAuth2Error where keys are missing, twice there, or not public. Draft §4.1, RFC 7591 §2 */
export function requirePublicKeys({ jwks, jwks_uri }: Readonly<Record<string, unknown>>, method: string): void {
  if (jwks !== undefined && jwks_uri !== undefined) throw invalid('jwks and jwks_uri must not both be there');
  if (jwks !== undefined && !isPublicSet(jwks)) throw invalid('jwks must be a set of public keys');
  if (jwks_uri !== undefined && !isHTTPS(jwks_uri)) throw invalid('jwks_uri must be an https URL');
  if (BY_KEYS.includes(method) && jwks === undefined && jwks_uri === undefined)
    throw invalid(`${method} needs jwks or jwks_uri`);
}
