/** RFC 7591 §2, OpenID Connect Registration §2: every member of a registration, what it may be, and what is refused. Over HTTP. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair } from 'jose';
import {
  authorizationDetails,
  type ClientMetadata,
  certificateBoundTokens,
  dpop,
  grant,
  introspection,
  jwks,
  jwtResponses,
  logout,
  openid,
  type Plug,
  pushedRequests,
  type RegisteredClient,
  requestObjects,
  scopes,
  sessionManagement,
} from 'koauthorize';
import {
  clientSecretBasic,
  none,
  privateKeyJwt,
  selfSignedTlsClientAuth,
  tlsClientAuth,
} from 'koauthorize/client-auth';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import { CALLBACK, ISSUER, type User } from '../support/authorization-server.js';
import { registrationServer, WEB } from '../support/registration-server.js';

type Rows = readonly [taken: readonly unknown[], refused: readonly unknown[]];
type TestPlug = Plug<RegisteredClient, User>;

const METADATA = 'invalid_client_metadata';
const URI = 'invalid_redirect_uri';

const NOT_TEXT = [5, true, {}, ['x']];
const LINK: Rows = [
  ['https://client.example/', 'https://elsewhere.example/page?a=b'],
  [
    'http://client.example/',
    '/page',
    'javascript:alert(1)',
    'https://client.example/#x',
    'https://u@client.example/',
    '',
    ...NOT_TEXT,
  ],
];
/** Soft hyphen, joiners, an Arabic mark of direction, fillers, an empty Braille pattern, a tag, a character for private use. */
const INVISIBLE = [
  '\u00ad',
  '\u034f',
  '\u061c',
  '\u115f',
  '\u17b4',
  '\u180e',
  '\u2800',
  '\u3164',
  '\u{e0061}',
  '\ue000',
  '\ufe0f',
  '\u180b',
  '\u{e0100}',
  '\u{1d159}',
  '\u2065',
].map((each) => `Ba${each}nk`);
/** Other spaces than the usual one, and those that a page does not show: in `Bank ` and between two words. */
const SPACED: readonly string[] = [
  ...['\u00a0', '\u1680', '\u2003', '\u2009', '\u202f', '\u205f', '\u3000'].map((space) => `Good${space}Bank`),
  ...[' Bank', 'Bank ', 'Bank\u00a0', '\u3000Bank', 'Good  Bank'],
];
const NAME: Rows = [
  ['Notes', 'Nötes 日本 🎉', 'Good Bank', 'x'.repeat(200)],
  ['', '  ', 'x'.repeat(201), 'a\nb', 'a\u202eb', 'a\u200bb', ...INVISIBLE, ...SPACED, ...NOT_TEXT],
];
const SWITCH: Rows = [
  [true, false],
  ['true', 1, 'yes', {}],
];
const SIGNED: Rows = [
  ['RS256', 'ES256'],
  ['none', 'HS256', 'PS256', 5, ['RS256']],
];
const NEVER: Rows = [[], ['RSA-OAEP', 5]];

describe('RFC 7591 §2 each member', () => {
  let keys: KeySet;
  let jwk: object;
  let secretJWK: object;
  before(async () => {
    keys = await keySet({ signing: [await generateSigningKey('RS256'), await generateSigningKey('ES256')] });
    const pair = await generateKeyPair('ES256', { extractable: true });
    jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one' };
    secretJWK = { ...(await exportJWK(pair.privateKey)), kid: 'one' };
  });

  const details = { types: { payment: { validate: () => true } } };
  const all = (): readonly TestPlug[] => [
    openid({ pairwise: 'x'.repeat(32) }),
    requestObjects({ algorithms: ['ES256'] }),
    logout({ end: () => {} }),
    jwks(keys),
    jwtResponses(),
    introspection(() => undefined, { jwtResponses: true }),
    certificateBoundTokens(),
    pushedRequests(),
    dpop(),
    authorizationDetails(details),
    scopes(['openid', 'notes', 'mail']),
  ];
  const whole = () =>
    registrationServer({
      plugs: all(),
      options: { keys, authenticationEvent: () => undefined },
      methods: [clientSecretBasic(), none(), privateKeyJwt(), tlsClientAuth(), selfSignedTlsClientAuth()],
    });

  const ROWS = (): Readonly<Record<string, Rows>> => ({
    client_name: NAME,
    'client_name#de': NAME,
    'client_name#ja-Jpan-JP': NAME,
    client_uri: LINK,
    'client_uri#fr': LINK,
    logo_uri: LINK,
    tos_uri: LINK,
    policy_uri: LINK,
    contacts: [
      [[], ['admin@client.example', 'https://client.example/contact']],
      ['admin@client.example', 'a@b.c', [5], ['a\nb'], Array.from({ length: 11 }, () => 'x@y.example'), { 0: 'x' }],
    ],
    software_id: NAME,
    software_version: NAME,
    scope: [
      ['notes', 'openid notes mail'],
      ['notes  mail', ' notes', 'no"tes', 'no\\tes', 'x y', '', ['notes'], 5, 'notes '.repeat(400).trim()],
    ],
    jwks: [
      [{ keys: [jwk] }, { keys: [] }],
      [
        { keys: [secretJWK] },
        { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] },
        { keys: [jwk, { kty: 'RSA', n: 'x', e: 'y', p: 'z' }] },
        { keys: [{ kty: 'oct' }] },
        { keys: ['x'] },
        { keys: [{}] },
        { keys: [null] },
        { keys: {} },
        {},
        [],
        'x',
        { keys: Array.from({ length: 21 }, () => jwk) },
      ],
    ],
    jwks_uri: [
      ['https://client.example/jwks'],
      [
        'http://client.example/jwks',
        'http://127.0.0.1/jwks',
        'file:///etc/passwd',
        `https://client.example/${'x'.repeat(2000)}`,
        '/jwks',
        5,
        ['https://client.example/jwks'],
      ],
    ],
    application_type: [['web'], ['desktop', '', 5, ['web']]],
    token_endpoint_auth_signing_alg: [
      ['ES256', 'RS256'],
      ['none', 'HS256', 5, ['ES256']],
    ],
    id_token_signed_response_alg: SIGNED,
    id_token_encrypted_response_alg: NEVER,
    userinfo_signed_response_alg: SIGNED,
    subject_type: [
      ['public', 'pairwise'],
      ['private', 5],
    ],
    sector_identifier_uri: [[], ['http://127.0.0.1/sector.json', 'sector.json', 5]],
    default_max_age: [
      [0, 60],
      [-1, 1.5, '60'],
    ],
    require_auth_time: SWITCH,
    default_acr_values: [[['mfa']], ['mfa', [5]]],
    initiate_login_uri: [
      ['https://client.example/login'],
      ['http://client.example/login', 'http://localhost:3000/login', 5],
    ],
    request_object_signing_alg: [['ES256'], ['none', 'RS256', 5]],
    request_object_encryption_alg: NEVER,
    request_uris: [
      [['https://client.example/r.jwt']],
      ['https://client.example/r.jwt', ['http://client.example/r.jwt'], [5]],
    ],
    require_signed_request_object: SWITCH,
    post_logout_redirect_uris: [
      [['https://client.example/after', 'https://client.example/after?a=b']],
      [['javascript:alert(1)'], 'https://client.example/after', ['https://client.example/after?state=1']],
    ],
    backchannel_logout_uri: [['https://client.example/out'], ['http://client.example/out', 5]],
    backchannel_logout_session_required: SWITCH,
    frontchannel_logout_uri: [
      ['https://client.example/out', 'https://client.example/out?a=b'],
      ['https://elsewhere.example/out', 5, 'https://client.example/out?sid=1', 'https://client.example/out?iss=1'],
    ],
    frontchannel_logout_session_required: SWITCH,
    authorization_signed_response_alg: SIGNED,
    authorization_encrypted_response_alg: NEVER,
    authorization_encrypted_response_enc: NEVER,
    introspection_signed_response_alg: SIGNED,
    introspection_encrypted_response_alg: NEVER,
    introspection_encrypted_response_enc: NEVER,
    tls_client_certificate_bound_access_tokens: SWITCH,
    require_pushed_authorization_requests: SWITCH,
    dpop_bound_access_tokens: SWITCH,
    authorization_details_types: [
      [['payment'], []],
      [['loan'], 'payment', [5]],
    ],
  });

  it('valid values of each member are registered and returned as sent, and other values are refused', async () => {
    const { register } = whole();
    for (const [name, [taken, refused]] of Object.entries(ROWS())) {
      for (const value of taken) {
        const { status, body } = await register({ ...WEB, [name]: value });
        assert.deepEqual(
          [status, body[name]],
          [201, value],
          `${name} ${JSON.stringify(value)} ${body.error_description}`,
        );
      }
      for (const value of refused) {
        const { status, body } = await register({ ...WEB, [name]: value });
        assert.deepEqual([status, body.error], [400, METADATA], `${name} ${JSON.stringify(value)}`);
      }
    }
  });

  it('no member that an extension reads is without a row: each is in registers, too', () => {
    const { server } = whole();
    const registered = new Set(server.core.extensions.flatMap(({ registers = [] }) => registers));
    const rows = Object.keys(ROWS());
    const left = [...registered].filter((name) => !rows.includes(name));
    assert.deepEqual(left.sort(), [
      // the second of two that are refused alike
      'id_token_encrypted_response_enc',
      'request_object_encryption_enc',
      'userinfo_encrypted_response_alg',
      'userinfo_encrypted_response_enc',
    ]);
    const ofToolkit = /^(client|logo|tos|policy|contacts|software|scope|jwks|application|token_endpoint)/;
    assert.deepEqual(
      rows.filter((name) => !registered.has(name) && !ofToolkit.test(name)),
      [],
    );
  });

  it('each member of a registration that an extension declares is in its registers: else it would be forgotten', () => {
    const extensions = fileURLToPath(new URL('../../lib/extension/', import.meta.url));
    let found = 0;
    for (const folder of readdirSync(extensions)) {
      const files = readdirSync(join(extensions, folder)).map((file) =>
        readFileSync(join(extensions, folder, file), 'utf8'),
      );
      const source = files.join('\n');
      const declared = [...source.matchAll(/interface ClientMetadata \{([\s\S]*?)\n {2}\}/g)].map(
        ([, body = '']) => body,
      );
      for (const [, name = ''] of declared.join('\n').matchAll(/^ *readonly (\w+)\?:/gm)) {
        found += 1;
        assert.ok(/\bregisters\b/.test(source) && source.includes(`'${name}'`), `${folder}: ${name}`);
      }
    }
    assert.ok(found > 30, `${found}`);
  });

  it('RFC 7592 §2.2 null is as good as absent', async () => {
    const { register } = whole();
    for (const name of Object.keys(ROWS())) {
      const { status, body } = await register({ ...WEB, [name]: null });
      assert.deepEqual([status, Object.hasOwn(body, name)], [201, false], name);
    }
  });

  it('a member of an extension that is not plugged in is ignored, unless it restricts the client: then it is refused', async () => {
    const { registered, register } = registrationServer();
    const told = await registered({ ...WEB, subject_type: 'pairwise', id_token_signed_response_alg: 'ES256' });
    assert.deepEqual([told['subject_type'], told['id_token_signed_response_alg']], [undefined, undefined]);
    for (const name of [
      'dpop_bound_access_tokens',
      'tls_client_certificate_bound_access_tokens',
      'require_pushed_authorization_requests',
      'require_signed_request_object',
    ]) {
      assert.equal((await register({ ...WEB, [name]: true }).expect(400)).body.error, METADATA, name);
      await register({ ...WEB, [name]: false }).expect(201);
    }
  });

  it('§2 jwks and jwks_uri cannot both be there', async () => {
    const { register } = whole();
    const { body } = await register({ ...WEB, jwks: { keys: [jwk] }, jwks_uri: 'https://client.example/jwks' }).expect(
      400,
    );
    assert.equal(body.error, METADATA);
  });

  it('§2 the authentication method is one that the server has, and the client has what it needs', async () => {
    const { register } = whole();
    const KEYED = { jwks: { keys: [jwk] } };
    const rows: readonly [ClientMetadata & object, number][] = [
      [{ token_endpoint_auth_method: 'client_secret_basic' }, 201],
      [{ token_endpoint_auth_method: 'none' }, 201],
      [{ token_endpoint_auth_method: 'client_secret_post' }, 400], // it is not announced
      [{ token_endpoint_auth_method: 'magic' }, 400],
      [{ token_endpoint_auth_method: '' }, 400],
      [{ token_endpoint_auth_method: ['none'] as never }, 400],
      [{ token_endpoint_auth_method: 'private_key_jwt' }, 400],
      [{ token_endpoint_auth_method: 'private_key_jwt', ...KEYED }, 201],
      [{ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://client.example/jwks' }, 201],
      [{ token_endpoint_auth_method: 'self_signed_tls_client_auth' }, 400], // RFC 8705 §2.2.2
      [{ token_endpoint_auth_method: 'self_signed_tls_client_auth', ...KEYED }, 201],
    ];
    for (const [more, status] of rows)
      assert.equal((await register({ ...WEB, ...more })).status, status, JSON.stringify(more));
  });

  it('RFC 8705 §2.1.2 tls_client_auth needs exactly one name', async () => {
    const { register } = whole();
    const token_endpoint_auth_method = 'tls_client_auth';
    const one = { tls_client_auth_san_dns: 'client.example' };
    await register({ ...WEB, token_endpoint_auth_method }).expect(400);
    await register({ ...WEB, token_endpoint_auth_method, ...one, tls_client_auth_subject_dn: 'CN=x' }).expect(400);
    for (const value of ['', 5, ['x'], 'x'.repeat(501)])
      await register({ ...WEB, token_endpoint_auth_method, tls_client_auth_san_dns: value }).expect(400);
    const { body } = await register({ ...WEB, token_endpoint_auth_method, ...one }).expect(201);
    assert.equal(body.tls_client_auth_san_dns, 'client.example');
  });

  it('RFC 8705 §2.1.2 a name that cannot be read is refused: no certificate would have it', async () => {
    const { register } = whole();
    const rows: readonly [member: string, bad: string, good: string][] = [
      ['tls_client_auth_subject_dn', '/CN=a', 'CN=a,O=b'],
      ['tls_client_auth_san_ip', '127.0.0', '127.0.0.1'],
      ['tls_client_auth_san_dns', 'bücher.example', 'xn--bcher-kva.example'],
      ['tls_client_auth_san_uri', 'urn:a b', 'urn:a'],
      ['tls_client_auth_san_email', 'a@bücher.example', 'a@b.example'],
    ];
    for (const [member, bad, good] of rows) {
      const of = (value: string) => ({ ...WEB, token_endpoint_auth_method: 'tls_client_auth', [member]: value });
      const { body } = await register(of(bad)).expect(400);
      assert.deepEqual([body.error, body.error_description], ['invalid_client_metadata', `${member} cannot be read`]);
      await register(of(good)).expect(201);
    }
  });

  it('§2 the default method is client_secret_basic, or else one that the server has', async () => {
    assert.equal((await whole().registered())['token_endpoint_auth_method'], 'client_secret_basic');
    const { registered } = registrationServer({ methods: [none()] });
    assert.equal((await registered())['token_endpoint_auth_method'], 'none');
  });

  it('§2 words of a scope that the server does not have are left out, and the answer says so', async () => {
    assert.equal((await whole().registered({ ...WEB, scope: 'notes everything mail' }))['scope'], 'notes mail');
  });

  it('§2.2 a member that has no language cannot be tagged with one', async () => {
    const told = await whole().registered({
      ...WEB,
      'scope#de': 'x',
      'client_name#': 'x',
      'client_name#de#en': 'x',
      '#de': 'x',
    });
    assert.deepEqual(
      Object.keys(told).filter((name) => name.includes('#')),
      [],
    );
  });

  it('§2.2 not more than 50 members have a tag', async () => {
    const tags = Array.from({ length: 51 }, (_, index) => [
      `client_name#x${'abcdefghij'[Math.floor(index / 10)]}${'abcdefghij'[index % 10]}`,
      'x',
    ]);
    await whole()
      .register({ ...WEB, ...Object.fromEntries(tags) })
      .expect(400);
    await whole()
      .register({ ...WEB, ...Object.fromEntries(tags.slice(1)) })
      .expect(201);
  });

  it('§5 with sameHost, pages and logos must be at the host of a redirect URI', async () => {
    const { register } = registrationServer({ registration: { sameHost: true } });
    for (const name of ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'logo_uri#de']) {
      await register({ ...WEB, [name]: 'https://client.example/page' }).expect(201);
      const { body } = await register({ ...WEB, [name]: 'https://bank.example/logo.png' }).expect(400);
      assert.equal(body.error, METADATA);
    }
  });
});

describe('RFC 7591 §2.1 grant types and response types', () => {
  const token: TestPlug = { name: 'token', grants: [grant.token(() => 'a token') as never] };
  const code = { grant_types: ['authorization_code'], response_types: ['code'] };

  const ROWS: readonly [sent: object, told: object | undefined][] = [
    [{}, code],
    [{ grant_types: ['authorization_code'] }, code],
    [{ response_types: ['code'] }, code],
    [{ response_types: ['code', 'code'] }, code],
    [
      { grant_types: ['authorization_code', 'refresh_token'] },
      { ...code, grant_types: ['authorization_code', 'refresh_token'] },
    ],
    [{ response_types: ['token'] }, { grant_types: ['implicit'], response_types: ['token'] }],
    [
      { response_types: ['token'], grant_types: ['implicit'] },
      { grant_types: ['implicit'], response_types: ['token'] },
    ],
    [
      { response_types: ['code', 'token'], grant_types: ['authorization_code', 'implicit'] },
      { response_types: ['code', 'token'], grant_types: ['authorization_code', 'implicit'] },
    ],
    // §2.1: contradictions
    [{ response_types: ['token'], grant_types: ['authorization_code'] }, undefined],
    [{ response_types: ['code'], grant_types: ['implicit'] }, undefined],
    [{ response_types: ['code'], grant_types: ['authorization_code', 'implicit'] }, undefined],
    [{ grant_types: ['implicit'] }, undefined],
    [{ response_types: [], grant_types: ['authorization_code'] }, undefined],
    [{ response_types: ['code'], grant_types: [] }, undefined],
    // what the server does not have is left out, and refused alone
    [{ response_types: ['code', 'id_token'] }, code],
    [{ response_types: ['id_token'] }, undefined],
    [{ grant_types: ['authorization_code', 'urn:example:magic'] }, code],
    [{ grant_types: ['urn:example:magic'] }, undefined],
    [{ grant_types: ['refresh_token'] }, { grant_types: ['refresh_token'], response_types: [] }],
    // what is no list of texts
    [{ grant_types: 'authorization_code' }, undefined],
    [{ grant_types: [5] }, undefined],
    [{ response_types: 'code' }, undefined],
    [{ response_types: [['code']] }, undefined],
    [{ grant_types: Array.from({ length: 31 }, () => 'authorization_code') }, undefined],
  ];

  for (const [sent, told] of ROWS)
    it(`${JSON.stringify(sent).slice(0, 120)} ${told ? 'is registered as it fits together' : 'is refused'}`, async () => {
      const { register } = registrationServer({ plugs: [token] });
      const { status, body } = await register({ ...WEB, ...sent });
      if (!told) return assert.deepEqual([status, body.error], [400, METADATA], JSON.stringify(body));
      const { grant_types, response_types } = body;
      assert.deepEqual([status, { grant_types, response_types }], [201, told], body.error_description);
    });

  it('at a server without the implicit grant, code and token are narrowed to code', async () => {
    const { registered } = registrationServer();
    const sent = { ...WEB, response_types: ['code', 'token'], grant_types: ['authorization_code', 'implicit'] };
    const { grant_types, response_types } = await registered(sent);
    assert.deepEqual({ grant_types, response_types }, code);
  });
});

describe('RFC 7591 §2, OpenID Connect Registration §2: redirect URIs', () => {
  const NATIVE = { application_type: 'native', token_endpoint_auth_method: 'none' };
  const WEB_TYPE = { application_type: 'web' };

  const TAKEN: readonly [string, object][] = [
    ['https://client.example/callback', {}],
    ['https://client.example', {}],
    ['https://client.example/callback?a=b', WEB_TYPE],
    ['https://client.example/callback?dummy1=lorem&decode=state', {}],
    ['http://127.0.0.1/callback', {}],
    ['http://127.0.0.1:8080/callback', NATIVE],
    ['http://[::1]/callback', NATIVE],
    ['http://localhost:3000/callback', NATIVE],
    ['http://localhost:3000/callback', WEB_TYPE], // OpenID Connect Registration §2 forbids it to implicit clients only
    ['https://client.example/callback', NATIVE], // RFC 8252 §7.2
    ['com.example.app:/callback', NATIVE],
    ['com.example.app://callback', NATIVE],
  ];
  for (const [uri, more] of TAKEN)
    it(`${uri} ${JSON.stringify(more)} is registered`, async () => {
      const { register } = registrationServer();
      assert.deepEqual((await register({ redirect_uris: [uri], ...more }).expect(201)).body.redirect_uris, [uri]);
    });

  /** RFC 6749 §4.1.2, §4.1.2.1, §4.2.2, RFC 9207 §2, JARM §2.3 */
  const OF_ANSWER = [
    ...['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'access_token', 'token_type'],
    ...['expires_in', 'scope', 'response'],
  ];

  const REFUSED: readonly [unknown, object, string][] = [
    ...OF_ANSWER.map((name): [string, object, string] => [
      `https://client.example/callback?a=b&${name}=1`,
      {},
      'a parameter of the answer',
    ]),
    ['https://client.example/callback?%63ode=1', {}, 'a response parameter, percent-encoded'],
    ['https://client.example/callback?error', {}, 'a parameter of the answer without a value'],
    ['http://127.0.0.1/callback?state=1', NATIVE, 'a parameter of the answer on a loopback host'],
    ['com.example.app:/callback?state=1', NATIVE, 'a parameter of the answer for a program'],
    ['http://client.example/callback', {}, 'http elsewhere'],
    ['http://127.0.0.1.client.example/callback', NATIVE, 'a host that only begins like a loopback address'],
    ['http://192.168.0.1/callback', NATIVE, 'http in a private network'],
    ['https://client.example/callback#', {}, 'a fragment'],
    ['https://client.example/callback#a', {}, 'a fragment'],
    ['https://user@client.example/callback', {}, 'a user name'],
    ['https://user:pass@client.example/', {}, 'a password'],
    ['https://:pass@client.example/', {}, 'a password without a user name'],
    ['https://*.client.example/callback', {}, 'a wildcard'],
    ['https://CLIENT.example/callback', {}, 'upper case'],
    ['https://client.example:443/callback', {}, 'the default port'],
    ['https://client.example/a/../callback', {}, 'dot segments'],
    ['https:client.example/callback', {}, 'no slashes'],
    ['https:\\\\client.example\\callback', {}, 'backslashes'],
    [' https://client.example/callback', {}, 'a space before it'],
    ['https://client.example/call back', {}, 'a space in it'],
    ['https://client.example/\u00fc', {}, 'a character that is not ASCII'],
    ['https://client.example/\ncallback', {}, 'a line feed'],
    ['/callback', {}, 'a path'],
    ['callback', {}, 'a relative path'],
    ['', {}, 'nothing'],
    [5, {}, 'a number'],
    [null, {}, 'null'],
    [['https://client.example/'], {}, 'a list'],
    ['javascript:alert(1)', NATIVE, 'a script'],
    ['JAVASCRIPT:alert(1)', NATIVE, 'a script in upper case'],
    ['javascript.example:alert(1)', {}, 'a scheme of its own without application_type'],
    ['data:text/html,x', NATIVE, 'data'],
    ['vbscript:x', NATIVE, 'a script'],
    ['file:///etc/passwd', NATIVE, 'a file'],
    ['blob:https://client.example/x', NATIVE, 'a blob'],
    ['about:blank', NATIVE, 'about'],
    ['view-source:https://client.example/', NATIVE, 'the source of a page'],
    ['com.example.app:/callback', {}, 'a scheme of its own without application_type'],
    ['com.example.app:/callback', WEB_TYPE, 'a scheme of its own for a web client'],
    ['cursor://callback', NATIVE, 'a scheme without a dot'],
    [`${ISSUER}/callback`, {}, 'an address of the server itself'],
    [`https://client.example/${'x'.repeat(2000)}`, {}, 'more than 2,000 characters'],
  ];
  for (const [uri, more, why] of REFUSED)
    it(`${JSON.stringify(uri).slice(0, 80)} ${JSON.stringify(more)} is refused: ${why}`, async () => {
      const { register } = registrationServer();
      const { body } = await register({ redirect_uris: [CALLBACK, uri], ...more }).expect(400);
      assert.equal(body.error, URI);
    });

  it('a parameter that only answers of OpenID Connect have is refused where there are such answers', async () => {
    const keys = await keySet({ signing: [await generateSigningKey('RS256')] });
    const sessions = sessionManagement<RegisteredClient, User>({ secret: 'x'.repeat(32), user: () => undefined });
    const { register } = registrationServer({
      plugs: [openid(), sessions, jwks(keys)],
      options: { keys, authenticationEvent: () => undefined },
    });
    for (const name of ['id_token', 'session_state']) {
      const redirect_uris = [CALLBACK, `https://client.example/callback?${name}=1`];
      const { body } = await register({ redirect_uris }).expect(400);
      assert.deepEqual([body.error, body.error_description.includes(`redirect_uris[1] has ${name}`)], [URI, true]);
      await registrationServer().register({ redirect_uris }).expect(201);
    }
  });

  it('a grant type with redirection needs a redirect URI; there are 20 at most, without duplicates', async () => {
    const { register } = registrationServer();
    const many = Array.from({ length: 21 }, (_, index) => `https://client.example/${index}`);
    for (const sent of [{}, { redirect_uris: [] }, { redirect_uris: CALLBACK }, { redirect_uris: { 0: CALLBACK } }])
      assert.equal((await register(sent).expect(400)).body.error, URI, JSON.stringify(sent));
    for (const redirect_uris of [[CALLBACK, CALLBACK], many])
      assert.equal((await register({ redirect_uris }).expect(400)).body.error, URI);
    await register({ redirect_uris: many.slice(1) }).expect(201);
  });

  it('schemes that are named by the operator may be used, without application_type too, and by no web client', async () => {
    const { register } = registrationServer({ registration: { schemes: ['cursor'] } });
    const redirect_uris = ['cursor://anysphere.cursor-retrieval/oauth/callback'];
    await register({ redirect_uris }).expect(201);
    await register({ redirect_uris, ...NATIVE }).expect(201);
    await register({ redirect_uris, ...WEB_TYPE }).expect(400);
    await register({ redirect_uris: ['vscode://x/y'], ...NATIVE }).expect(400);
  });

  it('OpenID Connect Registration §2 with the implicit grant a client without application_type is a web client, and with code alone it is not', async () => {
    const keys = await keySet({ signing: [await generateSigningKey('RS256')] });
    const token: TestPlug = { name: 'token', grants: [grant.token(() => 'a token') as never] };
    const provider = openid<RegisteredClient, User>({ responseTypes: ['id_token', 'code id_token'] });
    const { register } = registrationServer({
      plugs: [token, provider, jwks(keys)],
      options: { keys, authenticationEvent: () => undefined },
      registration: { schemes: ['cursor'] },
    });
    for (const type of ['token', 'id_token', 'code id_token'])
      for (const uri of ['http://localhost/cb', 'http://127.0.0.1/cb', 'https://localhost/cb', 'cursor://x/cb']) {
        const sent = { redirect_uris: [uri], response_types: [type] };
        assert.equal((await register(sent).expect(400)).body.error, URI, `${type} ${uri}`);
        await register({ ...sent, application_type: 'native' }).expect(201);
        await register({ ...sent, response_types: ['code'] }).expect(201);
        await register({ ...sent, redirect_uris: [CALLBACK] }).expect(201);
      }
  });

  it('OpenID Connect Registration §2 a web client with the implicit grant has no loopback address', async () => {
    const token: TestPlug = { name: 'token', grants: [grant.token(() => 'a token') as never] };
    const { register } = registrationServer({ plugs: [token] });
    const sent = { ...WEB_TYPE, response_types: ['token'] };
    for (const uri of ['http://localhost/callback', 'https://localhost/callback', 'http://127.0.0.1/callback'])
      assert.equal((await register({ ...sent, redirect_uris: [uri] }).expect(400)).body.error, URI, uri);
    await register({ ...sent, redirect_uris: [CALLBACK] }).expect(201);
  });
});
