/** oidc-provider, with its pages for development, and registration; the MCP server beside it is the toolkit's. */
import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import Provider from 'oidc-provider';
import { documentPlace } from '../support/mcp/document-place.js';
import { listen } from './listen.mjs';
import { mcpAPI } from './mcp-api.mjs';

const SCOPE = 'mcp:tools';

function configuration(resource, key, documents) {
  return {
    async fetch(url) {
      const { status = 200, headers = {}, body } = documents.read(String(url));
      return new Response(body, { status, headers });
    },
    cookies: { keys: ['a key for tests'] },
    jwks: { keys: [key] },
    scopes: ['openid', 'offline_access', SCOPE],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    features: {
      registration: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, asked) => {
          if (asked !== resource)
            throw Object.assign(new Error('invalid_target'), {
              error: 'invalid_target',
              status: 400,
              statusCode: 400,
              expose: true,
            });
          return {
            scope: SCOPE,
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 600,
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
    },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, AuthorizationCode: 60, RefreshToken: 3600, IdToken: 600 },
  };
}

const field = (text, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1];
const actionOf = (text) => /<form[^>]* action="([^"]*)"/.exec(text)?.[1];

/** Its dialog has a link to deny, and no button. */
function consent({ text, url }, decision) {
  if (field(text, 'prompt') !== 'consent' || decision === 'deny') return undefined;
  return { action: new URL(actionOf(text) ?? url, url).href, fields: [['prompt', 'consent']] };
}

async function registered(url) {
  const body = {
    redirect_uris: ['http://127.0.0.1:1/x'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
  };
  const answer = await fetch(`${url}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()).client_id;
}

/** Its login is a part of an authorization request. */
const logInAs = (url, login) => async (visitor) => {
  const query = new URLSearchParams({
    client_id: await registered(url),
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:1/x',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  await visitor.submit(await visitor.get(`${url}/auth?${query}`), { login, password: 'x' });
};

export async function startOIDCProvider() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  const { kty, crv, x, y } = key;
  const keys = createLocalJWKSet({ keys: [{ kty, crv, x, y, kid: 'one', alg: 'ES256' }] });
  const documents = documentPlace();
  const { url, stop } = await listen((issuer) => {
    const verify = async (token) => {
      try {
        const { payload } = await jwtVerify(token, keys, { issuer, typ: 'at+jwt' });
        return {
          scope: String(payload.scope ?? '').split(' '),
          audience: [payload.aud].flat(),
          clientID: payload.client_id,
        };
      } catch {
        return undefined;
      }
    };
    const api = mcpAPI(issuer, { verify, scope: SCOPE });
    const provider = new Provider(issuer, configuration(api.resource, key, documents));
    provider.silent = true;
    const answer = provider.callback();
    return (request, response) => (api.isFor(request) ? api.answer : answer)(request, response);
  });
  return {
    target: {
      resource: `${url}/mcp`,
      documents,
      consent,
      login: logInAs(url, 'alice'),
      loginOther: logInAs(url, 'mallory'),
    },
    stop,
  };
}
