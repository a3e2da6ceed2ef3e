import type { ClientMetadata, ServerMetadata } from '../types.js';
import type { ClientAuthMethod } from './method.js';

declare module '../types.js' {
  interface ServerMetadata {
    readonly introspection_endpoint_auth_methods_supported?: readonly string[];
    readonly introspection_endpoint_auth_signing_alg_values_supported?: readonly string[];
    readonly revocation_endpoint_auth_methods_supported?: readonly string[];
    readonly revocation_endpoint_auth_signing_alg_values_supported?: readonly string[];
  }
}

/** RFC 8414 §2: the methods and algorithms of the endpoints at which clients authenticate. */
export function metadataOf<C>(methods: readonly ClientAuthMethod<C>[]): Partial<ServerMetadata> {
  const names = methods.map(({ name }) => name);
  const algorithms = [...new Set(methods.flatMap((method) => method.algorithms ?? []))];
  return {
    token_endpoint_auth_methods_supported: names,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: names.filter((name) => name !== 'none'), // RFC 7662 §2.1
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: names,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
  };
}

/** Lets the methods check the metadata that a client registers. @throws OAuth2Error `invalid_client_metadata` */
export function judgedBy<C>(methods: readonly ClientAuthMethod<C>[], metadata: ClientMetadata): ClientMetadata {
  for (const { judge } of methods) judge?.(metadata);
  return metadata;
}
