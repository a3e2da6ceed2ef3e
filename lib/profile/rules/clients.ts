/** Clients that profiles forbid, and how clients must not authenticate. */
import { authMethodOf, isPublicClient } from '../../clients/registration.js';
import type { Rule } from '../rule.js';

/** FAPI 2.0 §5.3.2.1 no. 6, RFC 8705 §2. */
const STRONG: readonly string[] = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];

export const publicClient: Rule = {
  name: 'public client',
  forbids: 'a client that does not authenticate',
  why: 'Anybody can use its identifier, its codes and its refresh tokens',
  remedy:
    'token_endpoint_auth_method private_key_jwt, tls_client_auth or self_signed_tls_client_auth in its registration',
  message: 'This client must authenticate',
  errors: { authorization: 'unauthorized_client', token: 'invalid_client' },
  client: ({ client, method }) =>
    isPublicClient({ client, authMethod: method }) ? { method: method ?? authMethodOf(client) } : undefined,
  request: ({ client }) => (isPublicClient({ client }) ? { method: authMethodOf(client) } : undefined),
};

export const weakAuthentication: Rule = {
  name: 'client secret',
  forbids: 'client authentication by a secret, or by any method but private_key_jwt and mutual TLS',
  why: 'The server, and whoever reads what it stores or what it is sent, knows the secret and can pass for the client',
  remedy:
    'clientAuthentication({ server, methods: [privateKeyJwt()] }), or tlsClientAuth() or selfSignedTlsClientAuth(); an authentication of your own must name its method: setAuthenticatedClient(ctx, client, method)',
  message: 'This client must authenticate by private_key_jwt or mutual TLS',
  errors: { token: 'invalid_client' },
  configuration(core) {
    const methods = core.extensions.flatMap(({ metadata }) => metadata?.().token_endpoint_auth_methods_supported ?? []);
    const weak = methods.filter((method) => !STRONG.includes(method));
    return weak.length > 0 ? { token_endpoint_auth_methods_supported: weak } : undefined;
  },
  client: ({ method = 'unknown' }) => (STRONG.includes(method) ? undefined : { came: method, allowed: STRONG }),
};

export const wideAudience: Rule = {
  name: 'audience of an assertion',
  forbids: 'a client assertion whose `aud` is anything but the issuer as a string',
  why: 'Another server that the assertion names in aud can send it here and impersonate the client',
  remedy:
    'A client that sets aud to the issuer of the metadata, as a string and not in an array, and no allowAudiences for it',
  message: 'The aud of the client_assertion must be the issuer, as a string',
  errors: { token: 'invalid_client' },
  // judged here, because the method may allow further audiences for other clients
  assertion: ({ claims: { aud } }, { issuer }) => (aud === issuer ? undefined : { came: aud, issuer }),
};
