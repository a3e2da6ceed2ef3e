/** OpenID Connect Registration §2, and what the logouts add: every member of a client's registration, with what judges it. */
import assert from 'node:assert/strict';
import { type ClientMetadata, createServer, logout, openid, requestObjects } from 'koauthorize';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import { ISSUER } from '../../support/authorization-server.js';

/** Judged by the endpoint that registers clients, or by the methods by which they authenticate: of RFC 7591. */
const OF_RFC7591 = [
  ...['redirect_uris', 'response_types', 'grant_types', 'application_type', 'contacts', 'client_name', 'logo_uri'],
  ...['client_uri', 'policy_uri', 'tos_uri', 'jwks_uri', 'jwks', 'token_endpoint_auth_method'],
  'token_endpoint_auth_signing_alg',
] as const satisfies readonly (keyof ClientMetadata)[];

const HERE = { redirect_uris: ['https://client.example/callback', 'app:/callback'] };

type Rows = readonly [taken: readonly unknown[], refused: readonly unknown[]];

const URI = [
  'http://client.example/x',
  '/x',
  '',
  5,
  ['https://client.example/x'],
  'https://client.example/x#y',
] as const;
const SWITCH: Rows = [
  [true, false],
  ['true', 1, 'yes', null],
];
const NONE: Rows = [[], ['RSA-OAEP', 'A128GCM', 5]];

const ROWS = {
  sector_identifier_uri: [[], ['http://client.example/sector.json', 'sector.json', 5]],
  subject_type: [
    ['public', 'pairwise'],
    ['private', 5, ['public']],
  ],
  id_token_signed_response_alg: [
    ['RS256', 'ES256'],
    ['none', 'HS256', 'PS256', 5],
  ],
  id_token_encrypted_response_alg: NONE,
  id_token_encrypted_response_enc: NONE,
  userinfo_signed_response_alg: [
    ['RS256', 'ES256'],
    ['none', 'HS256', 'PS256', 5],
  ],
  userinfo_encrypted_response_alg: NONE,
  userinfo_encrypted_response_enc: NONE,
  request_object_signing_alg: [
    ['ES256', 'EdDSA'],
    ['none', 'HS256', 'RS256', 5],
  ],
  request_object_encryption_alg: NONE,
  request_object_encryption_enc: NONE,
  request_uris: [
    [[], ['https://client.example/request.jwt', 'https://client.example/request.jwt#hash']],
    [
      'https://client.example/request.jwt',
      [5],
      ...['http://client.example/request.jwt', '/request.jwt', 'https://user@client.example/request.jwt'].map((url) => [
        url,
      ]),
      [`https://client.example/${'x'.repeat(512)}`],
    ],
  ],
  require_signed_request_object: SWITCH,
  default_max_age: [
    [0, 60],
    [-1, 1.5, '60', null],
  ],
  require_auth_time: SWITCH,
  default_acr_values: [
    [[], ['mfa', 'pwd']],
    ['mfa', [1], null],
  ],
  initiate_login_uri: [['https://client.example/login', 'https://client.example/login?a=b'], URI.slice(0, 5)],
  post_logout_redirect_uris: [
    [[], ['https://client.example/after', 'app:/after']],
    ['https://client.example/after', [5], ['/after'], ['javascript:alert(1)'], ['https://client.example/after#x']],
  ],
  backchannel_logout_uri: [['https://elsewhere.example/logout', 'https://client.example/logout?a=b'], URI],
  backchannel_logout_session_required: SWITCH,
  frontchannel_logout_uri: [
    ['https://client.example/logout', 'https://client.example/logout?a=b'],
    [...URI, 'https://elsewhere.example/logout', 'https://client.example:444/logout', 'app:/logout', 'javascript:1'],
  ],
  frontchannel_logout_session_required: SWITCH,
} as const satisfies Partial<Record<keyof ClientMetadata, Rows>>;

describe('OpenID Connect Registration §2, Back-Channel Logout §2.2, Front-Channel Logout §2, RP-Initiated Logout §3.1', () => {
  let keys: KeySet;
  before(async () => {
    keys = await keySet({ signing: [await generateSigningKey('RS256'), await generateSigningKey('ES256')] });
  });

  /** What all extensions make of a registration, each of what the one before it gave. */
  async function registered(metadata: object, more: object = { authenticationEvent: () => undefined }) {
    const server = createServer({ issuer: ISSUER, keys, ...more })
      .extend(openid({ pairwise: 'x'.repeat(32) }))
      .extend(requestObjects({ algorithms: ['ES256', 'EdDSA'] }))
      .extend(logout({ end: () => {} }));
    let judged = metadata as ClientMetadata;
    for (const { register } of server.core.extensions) judged = (await register?.(judged)) ?? judged;
    return judged;
  }

  const refusal = { code: 'invalid_client_metadata', status: 400 };

  for (const [name, [taken, refused]] of Object.entries<Rows>(ROWS))
    it(`${name}: what it may be is taken as it is, and anything else is refused`, async () => {
      for (const value of taken) {
        const redirect_uris = name === 'subject_type' ? HERE.redirect_uris.slice(0, 1) : HERE.redirect_uris; // one sector
        const metadata = { redirect_uris, [name]: value };
        assert.deepEqual(await registered(metadata), metadata, JSON.stringify(value));
      }
      for (const value of refused)
        await assert.rejects(registered({ ...HERE, [name]: value }), refusal, JSON.stringify(value));
    });

  it('what the client needs and the server cannot do is refused: sid, where nothing tells sessions apart', async () => {
    for (const name of ['backchannel_logout_session_required', 'frontchannel_logout_session_required']) {
      await assert.rejects(registered({ ...HERE, [name]: true }, {}), refusal, name);
      await registered({ ...HERE, [name]: false }, {});
    }
  });

  it('RP-Initiated Logout §3.1: http after a logout is for confidential clients only, and for loopback hosts', async () => {
    const at = (uri: string, method: string) =>
      registered({ ...HERE, token_endpoint_auth_method: method, post_logout_redirect_uris: [uri] });
    await assert.rejects(at('http://client.example/after', 'none'), refusal);
    await at('http://client.example/after', 'client_secret_basic');
    for (const uri of [
      'https://client.example/after',
      'http://127.0.0.1:8080/after',
      'http://localhost/after',
      'app:/x',
    ])
      await at(uri, 'none');
  });

  it('§2 the rest are members of RFC 7591, and no extension of OpenID changes them', async () => {
    const metadata = Object.fromEntries(OF_RFC7591.map((name) => [name, 'as it is']));
    assert.deepEqual(await registered(metadata), metadata);
  });
});
