/** Why requests are refused: the operator finds client, value and registration in the event, and whoever sent the request finds none of it. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import { createServer, exchange, grant, pkce, Reason, type Refusal, scopes } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';
import request from 'supertest';
import { run } from '../run.js';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  issuing,
  OTHER,
  type Params,
  plugAll,
  redirected,
  type Setup,
  tokenRequest,
  VERIFIER,
} from '../support/authorization-server.js';
import { encode } from '../support/form.js';

interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What the client is told, however it is told. */
const toldIn = ({ headers, text }: Refused): string => `${decodeURIComponent(headers['location'] ?? '')} ${text}`;

/** The operator's one reason, which has all of these in it; the answer has none of the secret ones. */
function assertReason(
  errors: readonly Error[],
  response: Refused,
  expected: readonly RegExp[],
  untold: readonly string[],
) {
  const reason = errors.at(-1)?.cause;
  assert.ok(reason instanceof Reason, `no reason: ${errors.at(-1)} ${response.text}`);
  for (const one of expected) assert.match(reason.message, one);
  for (const text of untold) assert.equal(toldIn(response).includes(text), false, `${text} in ${toldIn(response)}`);
}

const with_ = (more: object): App => ({ ...CLIENT, ...more });

describe('reasons of refusals at the authorization endpoint', () => {
  interface Row {
    readonly title: string;
    readonly setup?: Setup;
    readonly params: Params;
    readonly reason: readonly RegExp[];
    /** What the answer must not have in it. */
    readonly untold?: readonly string[];
  }
  const other = 'https://client.example/other';
  const known = /client: "client"/;
  const rows: readonly Row[] = [
    {
      title: 'a redirect URI that is not registered: which came, and which are registered',
      params: { redirect_uri: other },
      reason: [
        known,
        /came: "https:\/\/client.example\/other"/,
        /registered: \["https:\/\/client.example\/callback"\]/,
      ],
      untold: [CALLBACK],
    },
    {
      title: 'redirect_uris as one string: that it cannot be read, and what it must be',
      setup: { clients: [with_({ redirect_uris: CALLBACK })] },
      params: {},
      reason: [known, /must be an array or a Set of one or more strings/],
    },
    {
      title: 'redirect_uris as one string, and no redirect_uri',
      setup: { clients: [with_({ redirect_uris: CALLBACK })] },
      params: { redirect_uri: undefined },
      reason: [known, /must be an array or a Set of one or more strings/],
    },
    {
      title: 'several registered, and none named',
      setup: { clients: [with_({ redirect_uris: [CALLBACK, other] })] },
      params: { redirect_uri: undefined },
      reason: [
        known,
        /must name one/,
        /registered: \["https:\/\/client.example\/callback","https:\/\/client.example\/other"\]/,
      ],
      untold: [other],
    },
    {
      title: 'a client of another shape, and no options',
      setup: {
        options: {},
        authorization: (server) =>
          server.authorization((id, _uri) => [{ id, callbackURLs: [CALLBACK], secret: 'shh' } as never, undefined]),
      },
      params: {},
      reason: [
        /client: "client"/,
        /createServer\(\{ clientID, redirectURIs \}\)/,
        /members: \["id","callbackURLs","secret"\]/,
      ],
      untold: ['callbackURLs'],
    },
    {
      title: 'no such client: whom validate did not find',
      params: { client_id: 'nobody' },
      reason: [/validate gave no client/, /client: "nobody"/, /redirect_uri: "https:\/\/client.example\/callback"/],
      untold: ['validate'],
    },
    {
      title: 'no such client, of a server that finds them itself: where it looked',
      setup: { options: { clients: { find: () => undefined } }, authorization: (server) => server.authorization() },
      params: { client_id: 'nobody' },
      reason: [
        /^createServer\(\{ clients \}\) found no client, nor did an extension \(.*client: "nobody"/,
        /redirect_uri: "https:\/\/client.example\/callback"/,
      ],
      untold: ['createServer'],
    },
    {
      title: 'validate of one parameter, which looked up the whole request: what it was given',
      setup: {
        authorization: (server) =>
          server.authorization(((clientID: unknown) => [clientID === 'client' && CLIENT, CALLBACK]) as never),
      },
      params: {},
      reason: [/declares 1 parameters/, /areq\.clientID/, /\(clientID, redirectURI\)/, /client: "client"/],
      untold: ['areq'],
    },
    {
      title: 'a response type that was not registered',
      setup: {
        clients: [with_({ response_types: ['code'] })],
        plug: (server) => {
          plugAll(server);
          server.grant(grant.token(() => 'a token'));
        },
      },
      params: { response_type: 'token' },
      reason: [known, /came: "token"/, /response_types: \["code"\]/],
    },
    {
      title: 'a response type whose grant type was not registered',
      setup: { clients: [with_({ grant_types: ['client_credentials'] })] },
      params: {},
      reason: [known, /needed: "authorization_code"/, /grant_types: \["client_credentials"\]/],
      untold: ['client_credentials'],
    },
    {
      title: 'a response type that nothing answers',
      params: { response_type: 'id_token' },
      reason: [known, /answered: \["code"\]/, /response_type: "id_token"/],
    },
    {
      title: 'a response mode that there is not',
      params: { response_mode: 'smoke' },
      reason: [known, /came: "smoke"/, /modes: \["query","fragment","form_post"\]/],
    },
    {
      title: 'a scope that the client did not register',
      setup: { clients: [with_({ scope: 'read' })] },
      params: { scope: 'read admin' },
      reason: [known, /came: \["read","admin"\]/, /scope: \["read"\]/],
    },
    {
      title: 'a scope that scopes() does not know',
      setup: {
        plug: (server) => {
          plugAll(server);
          server.extend(scopes(['read', 'mail']));
        },
      },
      params: { scope: 'read write' },
      reason: [known, /supported: \["read","mail"\]/, /asked: \["read","write"\]/],
    },
    {
      title: 'a challenge method that is not allowed',
      params: { code_challenge_method: 'plain' },
      reason: [known, /came: "plain"/, /allowed: \["S256"\]/],
    },
    {
      title: 'no challenge',
      params: { code_challenge: undefined },
      reason: [known, /allowMissing/],
      untold: ['allowMissing'],
    },
    {
      title: 'what only its message explains',
      params: { scope: ['a', 'b'] },
      reason: [known, /Invalid parameter: scope/],
    },
  ];
  for (const { title, setup, params, reason, untold = [] } of rows) {
    it(title, async () => {
      const { app, errors } = authorizationServer(setup);
      const response = await browser(app).authorize(params);
      assert.ok(response.status >= 302 && response.status < 500, `${response.status} ${response.text}`);
      assertReason(errors, response, reason, untold);
    });
  }

  it('a client that was removed while its dialog waited', async () => {
    const clients = [CLIENT, OTHER];
    const { app, errors } = authorizationServer({ clients });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    clients.splice(0, 1);
    assertReason(
      errors,
      await decide(transactionID),
      [/deserializeClient gave no client/, /client: "client"/],
      ['deserialize'],
    );
  });
});

describe('reasons where createServer({ clientID }) gives another identifier than clients are found by', () => {
  const FOUND = { ...CLIENT, number: 1 };
  const find = (id: string) => (id === 'client' ? FOUND : undefined);

  it('the dialog says so', async () => {
    const server = createServer<typeof FOUND>({ clients: { find }, clientID: ({ number }) => String(number) });
    server.grant(grant.code(() => 'a-code')).extend(pkce());
    const app = new Koa();
    const refusals: Refusal[] = [];
    app.on('refusal', (refusal: Refusal) => refusals.push(refusal)).on('error', () => {});
    app.keys = ['a key for tests'];
    const router = new Router();
    router.get('/authorize', server.authorization(), (ctx) => {
      ctx.body = { transactionID: ctx.state['oauth2'].transactionID };
    });
    router.post('/decision', server.decision());
    app.use(session(app)).use(server.errorHandler()).use(router.routes());
    const { authorize, decide } = browser(app);
    await decide((await authorize()).body.transactionID);
    assert.match(
      refusals[0]?.reason ?? '',
      /createServer\(\{ clientID \}\) gives another identifier than clients are found/,
    );
  });

  it('the token endpoint names both', async () => {
    const { app, errors } = authorizationServer({
      authenticate: () =>
        clientAuthentication<typeof FOUND>({
          find,
          clientID: ({ number }) => String(number),
          methods: [clientSecretBasic()],
        }),
    });
    const response = await tokenRequest(app, { grant_type: 'password' });
    assertReason(errors, response, [/There is no client client: find gave one whose clientID is 1/], ['clientID']);
  });

  it('the error for clients without one, at a server that finds them, names the option', async () => {
    const server = createServer({ clients: { find } });
    await assert.rejects(
      async () => server.serializeClient({} as never),
      /no client_id: say createServer\(\{ clientID \}\)/,
    );
  });
});

describe('reasons of refusals at the token endpoint', () => {
  const APPS = [
    { ...CLIENT, client_secret: 'a secret', token_endpoint_auth_method: 'client_secret_basic' },
    { ...OTHER, client_secret: 'other secret' },
  ];
  function tokenEndpoint() {
    const { take, put, codes } = issuing();
    return authorizationServer({
      clients: APPS,
      plug: (server) =>
        server
          .grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }))
          .exchange(exchange.code({ redeem: take(codes), issue: () => ({ access_token: 'a' }) }))
          .extend(pkce()),
      authenticate: () =>
        clientAuthentication<App>({
          find: (id) => APPS.find(({ client_id }) => client_id === id),
          methods: [clientSecretBasic(), clientSecretPost(), none()],
        }),
    });
  }
  const secrets = ['a secret', 'other secret', VERIFIER, 'a-code'];
  const rows: readonly [
    title: string,
    form: Params,
    auth: readonly [string, string] | undefined,
    reason: readonly RegExp[],
  ][] = [
    [
      'a method that was not registered',
      { grant_type: 'authorization_code', client_id: 'client', client_secret: 'a secret' },
      undefined,
      [/client_secret_post/, /client_secret_basic/, /client: "client"/],
    ],
    [
      'no such client',
      { grant_type: 'authorization_code' },
      ['nobody', 'x'],
      [/There is no client nobody/, /client: "nobody"/],
    ],
    [
      'a wrong secret',
      { grant_type: 'authorization_code' },
      ['client', 'x'],
      [/client_secret_basic of client/, /grant_type: "authorization_code"/],
    ],
    [
      'no authentication, by none of those that are plugged in',
      { grant_type: 'authorization_code' },
      undefined,
      [/came: nothing, methods: \["client_secret_basic","client_secret_post","none"\]/],
    ],
    [
      'two methods',
      { grant_type: 'authorization_code', client_secret: 'a secret' },
      ['client', 'a secret'],
      [/came: \["client_secret","Authorization header"\]/],
    ],
    [
      'a grant type that nothing exchanges',
      { grant_type: 'password' },
      ['client', 'a secret'],
      [/client: "client"/, /exchanged: \["authorization_code"\]/],
    ],
    [
      'an unknown code',
      { grant_type: 'authorization_code', code: 'a-code', code_verifier: VERIFIER, redirect_uri: CALLBACK },
      ['client', 'a secret'],
      [/redeem gave no authorization/, /client: "client"/],
    ],
    [
      'no code',
      { grant_type: 'authorization_code' },
      ['client', 'a secret'],
      [/Missing required parameter: code/, /client: "client"/],
    ],
  ];
  for (const [title, form, auth, reason] of rows) {
    it(title, async () => {
      const { app, errors } = tokenEndpoint();
      const post = request(app.callback()).post('/token').type('form');
      const response = await (auth ? post.auth(...auth) : post).send(encode(form));
      assert.ok([400, 401].includes(response.status), response.text);
      assertReason(errors, response, reason, []);
      const seen = `${errors.at(-1)?.message} ${errors.at(-1)?.cause}`;
      for (const secret of secrets) assert.equal(seen.includes(secret), false, seen);
    });
  }

  const ways: readonly [came: string, form: Params][] = [
    ['client_secret_post', { client_id: 'client', client_secret: 'a secret' }],
    ['private_key_jwt or client_secret_jwt', { client_id: 'client', client_assertion: 'a-jwt' }],
    ['none, or a certificate', { client_id: 'client' }],
  ];
  for (const [came, form] of ways) {
    it(`a method that is not plugged in, and those that are: ${came}`, async () => {
      const { app, errors } = authorizationServer({
        authenticate: () => clientAuthentication<App>({ find: () => APPS[0], methods: [clientSecretBasic()] }),
      });
      const post = request(app.callback()).post('/token').type('form');
      const response = await post.send(encode({ grant_type: 'password', ...form }));
      assertReason(
        errors,
        response,
        [new RegExp(`came: "${came}", methods: \\["client_secret_basic"\\]`)],
        ['methods'],
      );
    });
  }

  it('a code of another client, and another redirect URI: what was expected, and what came', async () => {
    const { app, errors } = authorizationServer();
    const { code } = await browser(app).allow();
    const stolen = await exchangeCode(app, code, {}, OTHER);
    assertReason(errors, stolen, [/client: "other"/, /issued_to: "client"/], ['issued_to']);
    const again = await browser(app).allow();
    const moved = await exchangeCode(app, again['code'], { redirect_uri: 'https://client.example/x' });
    assertReason(
      errors,
      moved,
      [/came: "https:\/\/client.example\/x"/, /authorization_request: "https:\/\/client.example\/callback"/],
      [CALLBACK],
    );
  });

  it('a grant type that was not registered', async () => {
    const { app, errors } = authorizationServer({ clients: [with_({ grant_types: ['authorization_code'] })] });
    const response = await tokenRequest(app, { grant_type: 'client_credentials' });
    assertReason(
      errors,
      response,
      [/came: "client_credentials"/, /grant_types: \["authorization_code"\]/],
      ['grant_types'],
    );
  });
});

describe('a reason', () => {
  it('is safe to log: one line, bounded, whatever came', () => {
    const { message } = new Reason('It came', {
      came: `a\n{"level":"fatal"}\r${'x'.repeat(10_000)}`,
      big: 1n,
      none: undefined,
    });
    assert.doesNotMatch(message, /[\r\n]/);
    assert.ok(message.length < 500, String(message.length));
    assert.match(message, /^It came \(came: "a\\n\{\\"level.*…, big: 1, none: nothing\)$/);
  });

  it('is safe to log where its sentence has what came, as messages of JSON.parse have it', () => {
    const hostile = 'x\u001b[2J\u009b31m\u202e\u2028\nforged';
    const { message } = new Reason(`It is malformed: ${hostile}`, { came: hostile });
    assert.equal(
      message,
      String.raw`It is malformed: x\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\u{a}forged (came: "x\u001b[2J\u{9b}31m\u{202e}\u{2028}\nforged")`,
    );
    const long = new Reason('x'.repeat(100_000)).message;
    assert.ok(long.length < 3500, String(long.length));
  });

  it('of an error that the application threw names the client, and another cause stays', async () => {
    const cause = new Error('of a driver');
    const { app, errors } = authorizationServer({
      authorization: (server) =>
        server.authorization(
          (_id, uri) => [CLIENT, uri],
          () => {
            throw Object.assign(new Error('No'), { cause, status: 400, expose: true });
          },
        ),
    });
    const response = await browser(app).authorize();
    assert.equal(redirected(response)['error'], 'invalid_request');
    assert.equal(errors.at(-1)?.cause, cause);
  });

  it('is printed with DEBUG=koauthorize:error', async () => {
    const program = `
      import { authorizationServer, browser } from './test/support/authorization-server.js';
      const { app } = authorizationServer();
      await browser(app).authorize({ redirect_uri: 'https://client.example/other' });
      process.exit();`;
    const { output } = await run('/usr/bin/env', [
      'DEBUG=koauthorize:error',
      process.execPath,
      '--import',
      './test/register.mjs',
      '--input-type=module',
      '-e',
      program,
    ]);
    assert.match(
      output,
      /koauthorize:error invalid_request 400 .*came: "https:\/\/client.example\/other".*registered: \["https:\/\/client.example\/callback"\]/,
    );
  });
});
