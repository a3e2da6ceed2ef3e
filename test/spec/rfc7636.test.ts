/** RFC 7636: Proof Key for Code Exchange; RFC 9700 §2.1.1, §4.8.2: and that it cannot be dropped. */
import assert from 'node:assert/strict';
import { type Authorization, exchange, grant, issuer, type PKCEOptions, pkce } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CHALLENGE,
  CLIENT,
  challengeOf,
  exchangeCode,
  ISSUER,
  issuing,
  OTHER,
  type Params,
  REQUEST,
  redirected,
  type Setup,
  tokenRequest,
  VERIFIER,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

type Plug = NonNullable<Setup['plug']>;

const FORMS = ['checked', 'positional'] as const;
type Form = (typeof FORMS)[number];

function plugging(form: Form, options?: PKCEOptions<App>): Plug {
  return (server) => {
    const { codes, take, put } = issuing();
    const redeem = take(codes);
    server.grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }));
    if (form === 'checked') server.exchange(exchange.code({ redeem, issue: () => ({ access_token: 'token' }) }));
    else {
      server.exchange(
        exchange.code(async (_client, code, _uri, _body, _info, check) => {
          const authorization = redeem(code);
          if (!authorization) return false;
          await check(authorization);
          return 'token';
        }),
      );
    }
    server.extend(pkce(options)).extend(issuer(ISSUER));
  };
}

/** 43 and 128 characters are the ends of what a verifier may have. */
const ALL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
const SHORTEST = ALL.slice(-43);
const LONGEST = `${ALL}${ALL}`.slice(0, 128);
const plain = { code_challenge_method: 'plain' };
const mayMiss: PKCEOptions<App> = { allowMissing: ({ client_id }) => client_id === 'client' };

interface Refusal {
  readonly clause: string;
  readonly title: string;
  readonly params: Params;
  readonly options?: PKCEOptions<App>;
  readonly description: RegExp;
}

const missing = /Missing required parameter: code_challenge/;
const unsupported = /Unsupported code_challenge_method/;
const malformed = /Malformed code_challenge/;

const REFUSALS: readonly Refusal[] = [
  {
    clause: '§4.4.1',
    title: 'no code_challenge',
    params: { code_challenge: undefined, code_challenge_method: undefined },
    description: missing,
  },
  {
    clause: '§4.4.1',
    title: 'no code_challenge, but a method',
    params: { code_challenge: undefined },
    description: missing,
  },
  { clause: '§4.4.1', title: 'an empty code_challenge', params: { code_challenge: '' }, description: missing },
  {
    clause: '§4.4.1',
    title: 'no code_challenge of a client that may not go without',
    params: { client_id: 'other', redirect_uri: OTHER.redirect_uris[0], code_challenge: undefined },
    options: mayMiss,
    description: missing,
  },
  {
    clause: '§7.2',
    title: 'the method plain',
    params: { code_challenge: SHORTEST, ...plain },
    description: unsupported,
  },
  {
    clause: '§4.3',
    title: 'no method, which means plain',
    params: { code_challenge_method: undefined },
    description: unsupported,
  },
  {
    clause: '§4.3',
    title: 'an empty method, which means plain',
    params: { code_challenge_method: '' },
    description: unsupported,
  },
  {
    clause: '§7.2',
    title: 'the method plain of a client that may go without',
    params: { code_challenge: SHORTEST, ...plain },
    options: mayMiss,
    description: unsupported,
  },
  ...['s256', 'S256 ', 'S512', 'sha256', 'PLAIN', 'none', '__proto__', 'constructor', 'toString'].map(
    (method): Refusal => ({
      clause: '§4.4.1',
      title: `the method ${JSON.stringify(method)}`,
      params: { code_challenge_method: method },
      options: { allowPlain: true },
      description: unsupported,
    }),
  ),
  ...[
    CHALLENGE.slice(1),
    `${CHALLENGE}A`,
    `${CHALLENGE}=`,
    `${CHALLENGE.slice(1)}=`,
    `${CHALLENGE.slice(1)}+`,
    `${CHALLENGE.slice(1)}/`,
    `${CHALLENGE.slice(1)}.`,
    `${CHALLENGE.slice(1)}~`,
    `${CHALLENGE.slice(1)} `,
    `${CHALLENGE.slice(1)}\n`,
    `${CHALLENGE}\n`,
    `\n${CHALLENGE}`,
    `${CHALLENGE.slice(1)}\u00e9`,
    'x',
    'x'.repeat(128),
  ].map(
    (challenge): Refusal => ({
      clause: '§4.2',
      title: `the S256 challenge ${JSON.stringify(challenge)}`,
      params: { code_challenge: challenge },
      description: malformed,
    }),
  ),
  ...[
    SHORTEST.slice(1),
    `${LONGEST}A`,
    `${SHORTEST.slice(1)} `,
    `${SHORTEST}\n`,
    `${SHORTEST.slice(1)}+`,
    `${SHORTEST.slice(1)}\u00e9`,
  ].map(
    (challenge): Refusal => ({
      clause: '§4.2',
      title: `the plain challenge ${JSON.stringify(challenge)}`,
      params: { code_challenge: challenge, ...plain },
      options: { allowPlain: true },
      description: malformed,
    }),
  ),
];

describe('RFC 7636 authorization request', () => {
  for (const { clause, title, params, options, description } of REFUSALS) {
    it(`${clause} ${title} is invalid_request, redirected with state and iss`, async () => {
      const { app } = authorizationServer({ plug: plugging('checked', options) });
      const response = await browser(app).authorize(params);
      assert.equal(response.status, 302, response.text);
      const { error_description, ...rest } = redirected(response);
      assert.deepEqual(rest, { error: 'invalid_request', state: REQUEST.state, iss: ISSUER });
      assert.match(error_description ?? '', description);
    });
  }

  it('§4.4 a challenge is required of combinations with code, and not of other response types', async () => {
    const { app } = authorizationServer({
      plug: (server) => {
        plugging('checked')(server);
        server.grant(grant.token(() => 'token')).grant('code token');
      },
    });
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    for (const type of ['code token', 'token code']) {
      const { error } = redirected(await browser(app).authorize({ ...without, response_type: type }));
      assert.equal(error, 'invalid_request', type);
    }
    assert.equal((await browser(app).authorize({ ...without, response_type: 'token' })).status, 200);
  });

  it('§4.4 the challenge is stored with the authorization', async () => {
    const kept: Authorization[] = [];
    const { app } = authorizationServer({
      plug: (server) => {
        server.grant(grant.code({ issue: (_txn, authorization) => `code ${kept.push(authorization)}` })).extend(pkce());
      },
    });
    await browser(app).allow();
    assert.equal(kept[0]?.request.codeChallenge, CHALLENGE);
    assert.equal(kept[0]?.request.codeChallengeMethod, 'S256');
  });
});

interface Exchange {
  readonly clause: string;
  readonly title: string;
  readonly request?: Params;
  readonly options?: PKCEOptions<App>;
  readonly verifier: string | readonly string[] | undefined;
  readonly error?: string;
}

const none = { code_challenge: undefined, code_challenge_method: undefined };
const grantError = 'invalid_grant';
const EXCHANGES: readonly Exchange[] = [
  { clause: 'appendix B', title: 'the verifier of the challenge', verifier: VERIFIER },
  ...[SHORTEST, LONGEST, '~'.repeat(43), '.'.repeat(128)].map(
    (verifier): Exchange => ({
      clause: '§4.1',
      title: `a verifier of ${verifier.length} characters like ${verifier.slice(0, 3)}`,
      request: { code_challenge: challengeOf(verifier) },
      verifier,
    }),
  ),
  { clause: '§4.6', title: 'no verifier', verifier: undefined, error: grantError },
  { clause: '§4.6', title: 'an empty verifier', verifier: '', error: grantError },
  { clause: '§4.6', title: 'another verifier', verifier: 'x'.repeat(43), error: grantError },
  { clause: '§4.6', title: 'the challenge itself', verifier: CHALLENGE, error: grantError },
  { clause: '§4.6', title: 'the verifier in other case', verifier: VERIFIER.toLowerCase(), error: grantError },
  { clause: '§4.6', title: 'the verifier without its end', verifier: VERIFIER.slice(0, -1), error: grantError },
  { clause: '§4.6', title: 'the verifier and more', verifier: `${VERIFIER}A`, error: grantError },
  { clause: '§4.6', title: 'the verifier and a space', verifier: `${VERIFIER} `, error: grantError },
  { clause: '§4.6', title: 'the verifier and a line break', verifier: `${VERIFIER}\n`, error: grantError },
  { clause: '§4.6', title: 'the verifier twice', verifier: [VERIFIER, VERIFIER], error: 'invalid_request' },
  ...[
    'short',
    'x'.repeat(42),
    'x'.repeat(129),
    'x'.repeat(1000),
    `${'x'.repeat(41)}+`,
    `${'x'.repeat(128)}=`,
    `${'x'.repeat(42)}\u00e9`,
    `${'x'.repeat(42)}\u0169`,
  ].map(
    (verifier): Exchange => ({
      clause: '§4.1',
      title: `a malformed verifier of ${verifier.length}, even if it hashes to the challenge: ${verifier.slice(-2)}`,
      request: { code_challenge: challengeOf(verifier) },
      verifier,
      error: grantError,
    }),
  ),
  // RFC 7636 §4.1 binds the client; what the server compares is the hash (§4.6)
  ...['+', '/', '=', '+/='.repeat(20)].map(
    (end): Exchange => ({
      clause: '§4.6',
      title: `a verifier with ${end.slice(0, 3)} whose SHA-256 is the challenge`,
      request: { code_challenge: challengeOf('x'.repeat(42) + end) },
      verifier: 'x'.repeat(42) + end,
    }),
  ),
  {
    clause: '§4.1',
    title: 'allowPlain: a verifier with + of another plain challenge',
    request: { code_challenge: SHORTEST, ...plain },
    options: { allowPlain: true },
    verifier: `${'x'.repeat(42)}+`,
    error: grantError,
  },
  {
    clause: '§4.1',
    title: 'a verifier whose low bytes alone are right',
    request: { code_challenge: challengeOf('i'.repeat(43)) },
    verifier: '\u0169'.repeat(43),
    error: grantError,
  },

  {
    clause: '§4.6',
    title: 'allowPlain: the verifier of a plain challenge',
    request: { code_challenge: SHORTEST, ...plain },
    options: { allowPlain: true },
    verifier: SHORTEST,
  },
  {
    clause: '§4.3',
    title: 'allowPlain: the verifier of a challenge without a method',
    request: { code_challenge: LONGEST, code_challenge_method: undefined },
    options: { allowPlain: true },
    verifier: LONGEST,
  },
  {
    clause: '§4.6',
    title: 'allowPlain: another verifier',
    request: { code_challenge: SHORTEST, ...plain },
    options: { allowPlain: true },
    verifier: 'x'.repeat(43),
    error: grantError,
  },
  {
    clause: '§4.6',
    title: 'allowPlain: no verifier',
    request: { code_challenge: SHORTEST, ...plain },
    options: { allowPlain: true },
    verifier: undefined,
    error: grantError,
  },
  {
    clause: '§4.6',
    title: 'allowPlain: the hash of a plain challenge is not its verifier',
    request: { code_challenge: challengeOf(SHORTEST), ...plain },
    options: { allowPlain: true },
    verifier: SHORTEST,
    error: grantError,
  },
  { clause: '§4.6', title: 'allowPlain: S256 goes on as ever', options: { allowPlain: true }, verifier: VERIFIER },
  {
    clause: '§7.2',
    title: 'allowPlain: an S256 challenge is not its own verifier',
    options: { allowPlain: true },
    verifier: CHALLENGE,
    error: grantError,
  },

  {
    clause: '§5',
    title: 'allowMissing: neither challenge nor verifier',
    request: none,
    options: mayMiss,
    verifier: undefined,
  },
  {
    clause: 'RFC 9700 §4.8.2',
    title: 'allowMissing: a verifier, but no challenge',
    request: none,
    options: mayMiss,
    verifier: VERIFIER,
    error: grantError,
  },
  {
    clause: 'RFC 9700 §4.8.2',
    title: 'allowMissing: a verifier, but an empty challenge',
    request: { code_challenge: '' },
    options: mayMiss,
    verifier: VERIFIER,
    error: grantError,
  },
  {
    clause: '§4.6',
    title: 'allowMissing: a challenge, but no verifier',
    options: mayMiss,
    verifier: undefined,
    error: grantError,
  },
  {
    clause: '§4.6',
    title: 'allowMissing: a challenge and another verifier',
    options: mayMiss,
    verifier: 'x'.repeat(43),
    error: grantError,
  },
  { clause: '§4.6', title: 'allowMissing: a challenge and its verifier', options: mayMiss, verifier: VERIFIER },
];

for (const form of FORMS) {
  describe(`RFC 7636 token request, ${form} form`, () => {
    for (const { clause, title, request = {}, options, verifier, error } of EXCHANGES) {
      it(`${clause} ${title} ${error ? `is ${error}` : 'is taken'}`, async () => {
        const { app } = authorizationServer({ plug: plugging(form, options) });
        const { code } = await browser(app).allow(request);
        assert.ok(code);
        const response = await exchangeCode(app, code, { code_verifier: verifier });
        if (error) assertErrorHere(response, 400, error);
        else assert.equal(response.status, 200, response.text);
      });
    }

    for (const [verifier, told] of [
      ['x'.repeat(43), 'code_verifier does not match the code_challenge'],
      [`${'x'.repeat(42)}+`, 'Malformed code_verifier'],
      ['x'.repeat(42), 'Malformed code_verifier'],
      ['x'.repeat(129), 'Malformed code_verifier'],
      [`${VERIFIER} `, 'Malformed code_verifier'],
    ] as const) {
      it(`§4.1 of a wrong verifier of ${verifier.length} that ends in "${verifier.slice(-1)}" the client is told: ${told}`, async () => {
        const { app } = authorizationServer({ plug: plugging(form) });
        const { code } = await browser(app).allow();
        const response = await exchangeCode(app, code ?? '', { code_verifier: verifier });
        assertErrorHere(response, 400, 'invalid_grant');
        assert.equal(response.body.error_description, told);
      });
    }

    it('§4.6 the verifier of one code does not fit another', async () => {
      const { app } = authorizationServer({ plug: plugging(form) });
      const verifier = 'y'.repeat(43);
      const { code } = await browser(app).allow({ code_challenge: challengeOf(verifier) });
      await browser(app).allow();
      assertErrorHere(await exchangeCode(app, code), 400, 'invalid_grant');
    });

    it('RFC 9700 §2.1.1 §4.8.2 a code from before PKCE was plugged in is not taken, with a verifier or without', async () => {
      const before: Authorization = {
        clientID: CLIENT.client_id,
        redirectURI: CLIENT.redirect_uris[0] ?? '',
        scope: [],
        request: { type: 'code', clientID: CLIENT.client_id },
      };
      const { app } = authorizationServer({
        plug: (server) => {
          if (form === 'checked') {
            server.exchange(exchange.code({ redeem: () => before, issue: () => ({ access_token: 'token' }) }));
          } else {
            server.exchange(
              exchange.code(async (_client, _code, _uri, _body, _info, check) => {
                await check(before);
                return 'token';
              }),
            );
          }
          server.extend(pkce());
        },
      });
      for (const verifier of [undefined, VERIFIER]) {
        assertErrorHere(await exchangeCode(app, 'code', { code_verifier: verifier }), 400, 'invalid_grant');
      }
    });
  });
}

describe('RFC 7636 elsewhere', () => {
  it('a verifier has no meaning for other grant types', async () => {
    const { app } = authorizationServer();
    const params = { grant_type: 'client_credentials', code_verifier: 'short' };
    assert.equal((await tokenRequest(app, params)).status, 200);
  });

  for (const [options, methods] of [
    [{}, ['S256']],
    [{ allowPlain: true }, ['S256', 'plain']],
  ] as const) {
    it(`§6.2 RFC 8414 §2 the metadata names ${methods.join(' and ')}`, () => {
      assert.deepEqual(pkce(options).metadata?.(), { code_challenge_methods_supported: methods });
    });
  }
});

describe('RFC 7636 §4.6 a stored challenge whose method is not allowed now', () => {
  const challenge = CHALLENGE;
  const stored: readonly [codeChallengeMethod: unknown, options: PKCEOptions][] = [
    [undefined, {}],
    [null, {}],
    ['plain', {}],
    ['s256', {}],
    ['', {}],
    [['S256'], {}],
    [undefined, { allowPlain: true }],
    ['PLAIN', { allowPlain: true }],
    ['plain', { allowPlain: 'false' as never }],
  ];
  for (const [codeChallengeMethod, options] of stored)
    it(`${JSON.stringify(codeChallengeMethod)}, with ${JSON.stringify(options)}: the challenge itself is no verifier`, async () => {
      const request = { type: 'code', clientID: 'client', redirectURI: CALLBACK, codeChallenge: challenge };
      const { app } = authorizationServer({
        plug: (server) =>
          server
            .exchange(
              exchange.code({
                redeem: () => ({ ...request, scope: [], request: { ...request, codeChallengeMethod } as never }),
                issue: () => ({ access_token: 'a token' }),
              }),
            )
            .extend(pkce(options as PKCEOptions<App>)),
      });
      const { status, body } = await exchangeCode(app, 'c', { code_verifier: challenge });
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
      assert.equal((await exchangeCode(app, 'c', { code_verifier: VERIFIER })).status, 400);
    });
});
