/** Judges how a client will authenticate. @see RFC 7591 §2, OpenID Connect Registration §2, RFC 8705 §2.1.2, §2.2.2 */
import type { Core } from '../core.js';
import type { ClientMetadata, ServerMetadata } from '../types.js';
import { invalidMetadata } from './invalid-metadata.js';
import { isText, memberOf } from './member.js';

/** RFC 8705 §2.1.2: a client registers exactly one of these names of its certificate. */
export const CERTIFICATE_NAMES = [
  ...(['tls_client_auth_subject_dn', 'tls_client_auth_san_dns', 'tls_client_auth_san_uri'] as const),
  ...(['tls_client_auth_san_ip', 'tls_client_auth_san_email'] as const),
] as const;

/** Methods by keys that the client registers. */
const BY_KEYS: ReadonlySet<string> = new Set(['private_key_jwt', 'self_signed_tls_client_auth']);

/** Methods by a secret that both sides know. */
const BY_SECRET: ReadonlySet<string> = new Set(['client_secret_basic', 'client_secret_post', 'client_secret_jwt']);

const MAX_NAME = 500;

export function isBySecret(method: string | undefined): boolean {
  return method !== undefined && BY_SECRET.has(method);
}

export function isByKeys(method: string | undefined): boolean {
  return method !== undefined && BY_KEYS.has(method);
}

/** A list in the server's metadata: the values of all extensions. */
function announced<C, U>({ extensions }: Core<C, U>, name: keyof ServerMetadata): readonly string[] {
  const lists = extensions.map(({ metadata }) => metadata?.()[name]).filter((list) => Array.isArray(list));
  return [...new Set(lists.flat())] as readonly string[];
}

/** The authentication methods of the token endpoint in the server's metadata. */
export function announcedMethods<C, U>(core: Core<C, U>): readonly string[] {
  return announced(core, 'token_endpoint_auth_methods_supported');
}

function requireCertificateName(metadata: ClientMetadata): void {
  const names = CERTIFICATE_NAMES.map((name) => memberOf(metadata, name)).filter((value) => value !== undefined);
  const [name] = names;
  if (names.length === 1 && isText(name) && name !== '' && name.length <= MAX_NAME) return;
  throw invalidMetadata(`tls_client_auth needs exactly one of ${CERTIFICATE_NAMES.join(', ')}`);
}

function requireAlgorithm<C, U>(core: Core<C, U>, alg: unknown): void {
  const algorithms = announced(core, 'token_endpoint_auth_signing_alg_values_supported');
  if (alg === undefined || algorithms.some((one) => one === alg)) return;
  throw invalidMetadata(`token_endpoint_auth_signing_alg is one of ${algorithms.join(', ')}`, { came: alg });
}

/**
 * The authentication method of a client.
 *
 * @param methods the methods that such a client may register, the default first
 * @throws OAuth2Error `invalid_client_metadata`
 */
export function judgeAuthentication<C, U>(
  core: Core<C, U>,
  metadata: ClientMetadata,
  methods: readonly string[],
): string {
  const { jwks, jwks_uri, token_endpoint_auth_signing_alg } = metadata;
  const usual = methods.includes('client_secret_basic') ? 'client_secret_basic' : methods[0]; // RFC 7591 §2: the default
  const method = metadata.token_endpoint_auth_method ?? usual;
  if (method === undefined || !methods.includes(method))
    throw invalidMetadata(`token_endpoint_auth_method is one of ${methods.join(', ')}`, { came: method });
  if (BY_KEYS.has(method) && jwks === undefined && jwks_uri === undefined)
    throw invalidMetadata(`${method} needs jwks or jwks_uri`);
  if (method === 'tls_client_auth') requireCertificateName(metadata);
  requireAlgorithm(core, token_endpoint_auth_signing_alg);
  return method;
}
