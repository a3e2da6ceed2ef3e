/** The two documents, with what may be wrong in them. */
import { publicHalf } from '../weak/jwt.js';
import { type Endpoint, SCOPES, type State } from './nouns.js';

type Members = Record<string, unknown>;

/** Members that a flaw sets; undefined leaves one out. */
const RESOURCE_FLAWS: Readonly<Record<string, (state: State) => Members>> = {
  'resource-metadata-identifier': ({ issuer }) => ({ resource: issuer }),
  'challenge-identifier': ({ issuer }) => ({ resource: issuer }),
  'issuer-url': ({ issuer }) => ({ authorization_servers: [`${issuer}?tenant=1`] }),
  'resource-identifier': ({ resource }) => ({ resource: `${resource}#x` }),
  'resource-identifier-slash': ({ issuer }) => ({ resource: `${issuer}/` }),
  'authorization-servers': () => ({ authorization_servers: undefined }),
  'authorization-servers-are-issuers': ({ issuer }) => ({ authorization_servers: [issuer, 'http://as.example'] }),
  'authorization-server-listed': () => ({ authorization_servers: ['https://another.example'] }),
  'resource-metadata-no-empty-lists': () => ({ dpop_signing_alg_values_supported: [] }),
  'resource-metadata-no-query-tokens': () => ({ bearer_methods_supported: ['header', 'query'] }),
  'resource-metadata-header-tokens': () => ({ bearer_methods_supported: ['body'] }),
  'resource-metadata-algorithms': () => ({ resource_signing_alg_values_supported: ['none'] }),
  'resource-metadata-scopes': () => ({ scopes_supported: undefined }),
  'resource-metadata-without-offline-access': () => ({ scopes_supported: [...SCOPES, 'offline_access'] }),
};

const SERVER_FLAWS: Readonly<Record<string, (state: State) => Members>> = {
  'metadata-issuer': ({ issuer }) => ({ issuer: `${issuer}/` }),
  'metadata-authorization-endpoint': () => ({ authorization_endpoint: undefined }),
  'metadata-token-endpoint': () => ({ token_endpoint: undefined }),
  'endpoints-https': () => ({ revocation_endpoint: 'http://as.example/revoke' }),
  'endpoints-without-fragment': ({ issuer }) => ({ revocation_endpoint: `${issuer}/revoke#x` }),
  'metadata-no-empty-lists': () => ({ dpop_signing_alg_values_supported: [] }),
  'metadata-response-types': () => ({ response_types_supported: undefined }),
  'metadata-no-password': () => ({ grant_types_supported: ['authorization_code', 'password'] }),
  'metadata-no-implicit': () => ({ response_types_supported: ['code', 'token'] }),
  'metadata-pkce': () => ({ code_challenge_methods_supported: undefined }),
  'metadata-no-plain': () => ({ code_challenge_methods_supported: ['S256', 'plain'] }),
  'metadata-public-clients': () => ({ token_endpoint_auth_methods_supported: undefined }),
  'metadata-assertion-algorithms': () => ({ token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] }),
  'metadata-documents': () => ({ client_id_metadata_document_supported: undefined }),
  'metadata-scopes': () => ({ scopes_supported: undefined }),
  'iss-announced': () => ({ authorization_response_iss_parameter_supported: undefined }),
  'openid-metadata-issuer': () => ({}),
};

const OPENID_FLAWS: Readonly<Record<string, (state: State) => Members>> = {
  'openid-metadata-issuer': () => ({ issuer: 'https://another.example' }),
  'openid-metadata-pkce': () => ({ code_challenge_methods_supported: undefined }),
};

function flawed(members: Members, flaws: typeof RESOURCE_FLAWS, state: State): Members {
  const wrong = Object.keys(flaws).filter((name) => state.weak(name));
  return Object.assign({}, members, ...wrong.map((name) => flaws[name]?.(state)));
}

export const resourceMetadata: Endpoint = (ctx, state) => {
  const members = {
    resource: state.resource,
    authorization_servers: [state.issuer],
    scopes_supported: SCOPES,
    bearer_methods_supported: ['header'],
  };
  ctx.body = flawed(members, RESOURCE_FLAWS, state);
  if (state.weak('resource-metadata-json')) ctx.type = 'text';
};

function serverMembers(state: State): Members {
  const { issuer } = state;
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    registration_endpoint: `${issuer}/register`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    scopes_supported: SCOPES,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  };
}

export const serverMetadata: Endpoint = (ctx, state) => {
  ctx.body = flawed(serverMembers(state), SERVER_FLAWS, state);
  if (state.weak('metadata-json')) ctx.type = 'text';
};

export const openidMetadata: Endpoint = (ctx, state) => {
  ctx.body = flawed(serverMembers(state), OPENID_FLAWS, state);
};

export const keys: Endpoint = (ctx, { key, weak }) => {
  ctx.body = { keys: [{ ...(weak('keys-public') ? key : publicHalf(key)), kid: key.kid, alg: 'ES256' }] };
};
