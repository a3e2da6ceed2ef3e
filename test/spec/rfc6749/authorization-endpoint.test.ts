/** RFC 6749 §3.1, §4.1.1, §4.1.2.1: what the authorization endpoint takes, and whom it tells what is wrong. */
import assert from 'node:assert/strict';
import type Koa from 'koa';
import { AuthorizationError } from 'koauthorize';
import {
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  ISSUER,
  type Params,
  REQUEST,
  redirected,
  type Setup,
} from '../../support/authorization-server.js';
import { BODY_PARSERS, nestingParser } from '../../support/body-parsers.js';
import { assertDescription, assertErrorHere, assertNoStore, encode } from '../../support/form.js';

interface Transport {
  readonly name: string;
  readonly setup: Setup;
  readonly redirect: number;
  send(app: Koa, form: string): ReturnType<ReturnType<typeof browser>['agent']['get']>;
}

/** §3.1: the authorization server MUST support GET, and MAY support POST as well. */
const TRANSPORTS: readonly Transport[] = [
  {
    name: 'GET',
    setup: {},
    redirect: 302,
    send: (app, form) => browser(app).agent.get(`/authorize?${form}`).set('X-User', 'alice'),
  },
  ...BODY_PARSERS.map(
    ({ name, before }): Transport => ({
      name: `POST ${name}`,
      setup: before ? { before } : {},
      redirect: 303,
      send: (app, form) => browser(app).agent.post('/authorize').set('X-User', 'alice').type('form').send(form),
    }),
  ),
];

interface Row {
  readonly clause: string;
  readonly title: string;
  readonly params: Params;
  readonly error: string;
  readonly state?: string | undefined;
}

const { state } = REQUEST;
const invalid = 'invalid_request';
const REDIRECTED: readonly Row[] = [
  { clause: '§3.1', title: 'a repeated scope', params: { scope: ['a', 'b'] }, error: invalid, state },
  { clause: '§3.1', title: 'a scope given twice with one value', params: { scope: ['a', 'a'] }, error: invalid, state },
  { clause: '§3.1', title: 'a repeated state', params: { state: ['a', 'b'] }, error: invalid },
  {
    clause: '§3.1',
    title: 'a repeated response_type',
    params: { response_type: ['code', 'code'] },
    error: invalid,
    state,
  },
  {
    clause: '§3.1',
    title: 'a repeated response_mode',
    params: { response_mode: ['query', 'query'] },
    error: invalid,
    state,
  },
  { clause: '§3.1', title: 'a repeated code_challenge', params: { code_challenge: ['a', 'b'] }, error: invalid, state },
  { clause: '§3.1.1', title: 'no response_type', params: { response_type: undefined }, error: invalid, state },
  { clause: '§3.1.1', title: 'an empty response_type', params: { response_type: '' }, error: invalid, state },
  {
    clause: '§3.1.1',
    title: 'a nested response_type',
    params: { response_type: undefined, 'response_type[$ne]': 'x' },
    error: invalid,
    state,
  },
  ...[
    'foo',
    'token',
    'code token',
    'code id_token',
    'Code',
    'CODE',
    ' ',
    '__proto__',
    'constructor',
    'toString',
    '*',
    'code\u00e9',
  ].map(
    (type): Row => ({
      clause: '§4.1.2.1',
      title: `response_type "${type}"`,
      params: { response_type: type },
      error: 'unsupported_response_type',
      state,
    }),
  ),
  ...['"', '\\', 'read "all"', 'caf\u00e9', 'a\tb', 'a\nb', 'a\u0000', '\u007f'].map(
    (scope): Row => ({
      clause: '§3.3',
      title: `scope ${JSON.stringify(scope)}`,
      params: { scope },
      error: 'invalid_scope',
      state,
    }),
  ),
  ...['foo', 'QUERY', '__proto__', 'constructor', 'query.jwt'].map(
    (mode): Row => ({
      clause: '§4.1.2.1',
      title: `response_mode "${mode}"`,
      params: { response_mode: mode },
      error: invalid,
      state,
    }),
  ),
];

interface Shown extends Omit<Row, 'state'> {
  readonly status: number;
}

const SHOWN: readonly Shown[] = [
  { clause: '§4.1.1', title: 'no client_id', params: { client_id: undefined }, status: 400, error: invalid },
  { clause: '§4.1.1', title: 'an empty client_id', params: { client_id: '' }, status: 400, error: invalid },
  {
    clause: '§4.1.2.1',
    title: 'a repeated client_id',
    params: { client_id: ['client', 'client'] },
    status: 400,
    error: invalid,
  },
  {
    clause: '§4.1.2.1',
    title: 'a nested client_id',
    params: { client_id: undefined, 'client_id[$ne]': 'x' },
    status: 400,
    error: invalid,
  },
  {
    clause: '§4.1.2.1',
    title: 'an array of client_id',
    params: { client_id: undefined, 'client_id[]': 'client' },
    status: 400,
    error: invalid,
  },
  ...['nobody', 'CLIENT', 'client ', 'client\u0000', '__proto__', 'constructor', 'toString'].map(
    (id): Shown => ({
      clause: '§4.1.2.1',
      title: `client_id ${JSON.stringify(id)}`,
      params: { client_id: id },
      status: 403,
      error: 'unauthorized_client',
    }),
  ),
  {
    clause: '§4.1.2.1',
    title: 'a repeated redirect_uri',
    params: { redirect_uri: [CALLBACK, CALLBACK] },
    status: 400,
    error: invalid,
  },
  {
    clause: '§4.1.2.1',
    title: 'a redirect_uri that is repeated with another',
    params: { redirect_uri: [CALLBACK, 'https://evil.example/'] },
    status: 400,
    error: invalid,
  },
  {
    clause: '§4.1.2.1',
    title: 'an unregistered redirect_uri',
    params: { redirect_uri: 'https://evil.example/' },
    status: 400,
    error: invalid,
  },
];

for (const { name, setup, redirect, send } of TRANSPORTS) {
  describe(`RFC 6749 authorization request, ${name}`, () => {
    it('§3.1 a good request is shown to the resource owner', async () => {
      const { app, errors } = authorizationServer(setup);
      const { status, body } = await send(app, encode(REQUEST));
      assert.deepEqual([status, errors], [200, []]);
      assert.equal(body.client.client_id, CLIENT.client_id);
      assert.deepEqual(body.req.scope, ['read', 'write']);
      assert.equal(body.req.state, state);
    });

    it('§3.1 a parameter that nobody reads is ignored, repeated or not', async () => {
      const { app, errors } = authorizationServer(setup);
      const { status, body } = await send(app, encode({ ...REQUEST, foo: ['a', 'b'], bar: 'c' }));
      assert.deepEqual([status, errors], [200, []]);
      assert.equal(body.client.client_id, CLIENT.client_id);
      assert.doesNotMatch(JSON.stringify(body), /"foo"|"bar"/);
    });

    for (const { clause, title, params, error, state } of REDIRECTED) {
      it(`${clause} ${title} is ${error}, redirected with state and iss`, async () => {
        const { app, errors } = authorizationServer(setup);
        const response = await send(app, encode({ ...REQUEST, ...params }));
        assert.equal(response.status, redirect, response.text);
        assert.ok(response.headers['location']?.startsWith(`${CALLBACK}?`));
        const { error_description, ...rest } = redirected(response);
        assert.deepEqual(rest, { error, iss: ISSUER, ...(state && { state }) });
        assertDescription(error_description);
        assertNoStore(response);
        assert.equal(errors.length, 1);
      });
    }

    for (const { clause, title, params, status, error } of SHOWN) {
      it(`${clause} ${title} is ${error}, shown here and never redirected`, async () => {
        const { app } = authorizationServer(setup);
        assertErrorHere(await send(app, encode({ ...REQUEST, ...params })), status, error);
      });
    }

    for (const name of ['scope', 'state', 'response_mode', 'redirect_uri', 'foo']) {
      it(`§3.1 an empty ${name} counts as omitted`, async () => {
        const { app } = authorizationServer(setup);
        const { status, body } = await send(app, encode({ ...REQUEST, [name]: '' }));
        assert.equal(status, 200);
        const member = { response_mode: 'responseMode', redirect_uri: 'redirectURI' }[name] ?? name;
        assert.equal(member in body.req, false);
      });
      if (setup.before === nestingParser) continue; // it makes an array of the two
      it(`§3.1 an empty ${name} beside one with a value counts as omitted`, async () => {
        const { app } = authorizationServer(setup);
        const usual = encode({ ...REQUEST, [name]: undefined });
        const value = { redirect_uri: CALLBACK, response_mode: 'fragment' }[name] ?? 'value';
        const { status, text } = await send(app, `${name}=&${usual}&${encode({ [name]: value })}`);
        assert.ok([200, redirect].includes(status), text);
      });
    }

    it('§3.1 an unrecognized parameter is ignored', async () => {
      const { app } = authorizationServer(setup);
      const { status, body } = await send(app, encode({ ...REQUEST, foo: 'bar', '': 'y', hasOwnProperty: 'z' }));
      assert.equal(status, 200);
      assert.equal('foo' in body.req, false);
    });

    it('§4.1.2.1 an error response tells nothing of an exception of the application', async () => {
      const server = authorizationServer({
        ...setup,
        authorization: (server) =>
          server.authorization(() => {
            throw new Error('password of the database');
          }),
      });
      const response = await send(server.app, encode(REQUEST));
      assertErrorHere(response, 500, 'server_error');
      assert.equal(response.text.includes('password'), false);
      assert.deepEqual(
        server.errors.map(({ message }) => message),
        ['password of the database'],
      );
    });
  });
}

describe('RFC 6749 authorization request, who hears of an error', () => {
  const fail = (error: Error) => () => {
    throw error;
  };
  const secret = new Error('a secret');
  const busy = Object.assign(new Error('a secret'), { status: 503 });
  const validated = [CLIENT, CALLBACK] as const;
  const thrown: readonly {
    clause: string;
    title: string;
    setup: Setup;
    error: string;
    description?: string;
    decided?: true;
  }[] = [
    {
      clause: '§4.1.2.1',
      title: 'immediate throws',
      error: 'server_error',
      setup: { authorization: (s) => s.authorization(() => validated, fail(secret)) },
    },
    {
      clause: '§4.1.2.1',
      title: 'immediate throws with 503',
      error: 'temporarily_unavailable',
      setup: { authorization: (s) => s.authorization(() => validated, fail(busy)) },
    },
    {
      clause: '§4.1.2.1',
      title: 'immediate throws invalid_scope',
      error: 'invalid_scope',
      description: 'Unknown scope: write',
      setup: {
        authorization: (s) =>
          s.authorization(() => validated, fail(new AuthorizationError('Unknown scope: write', 'invalid_scope'))),
      },
    },
    {
      clause: '§4.1.2.1',
      title: 'complete throws',
      error: 'server_error',
      setup: {
        authorization: (s) =>
          s.authorization(
            () => validated,
            () => true,
            fail(secret),
          ),
      },
    },
    { clause: '§4.1.2.1', title: 'the dialog throws', error: 'server_error', setup: { dialog: fail(secret) } },
    {
      clause: '§4.1.2.1',
      title: 'an extension throws while reading',
      error: 'server_error',
      setup: {
        plug: (s) =>
          s
            .extend({ name: 'x', authorization: { parse: fail(secret) } })
            .extend({ name: 'iss', authorization: { respond: () => ({ iss: ISSUER }) } })
            .grant('code', { response: () => undefined }),
      },
    },
    {
      clause: '§4.1.2.1',
      title: 'an extension refuses before the dialog',
      error: 'login_required',
      setup: {
        plug: (s) =>
          s
            .extend({
              name: 'x',
              authorization: { interact: fail(new AuthorizationError(undefined, 'login_required')) },
            })
            .extend({ name: 'iss', authorization: { respond: () => ({ iss: ISSUER }) } })
            .grant('code', { response: () => undefined }),
      },
    },
    {
      clause: '§4.1.2.1',
      title: 'the transaction store throws',
      error: 'server_error',
      setup: {
        options: {
          transactions: { load: () => undefined, store: fail(secret), update: fail(secret), remove: () => false },
        },
      },
    },
    { clause: '§4.1.2.1', title: 'there is no session', error: 'server_error', setup: { session: false } },
  ];
  for (const { clause, title, setup, error, description } of thrown) {
    it(`${clause} ${title}: ${error}, redirected with state and iss, to the operator as it was thrown`, async () => {
      const { app, errors } = authorizationServer(setup);
      const response = await browser(app).authorize();
      assert.equal(response.status, 302, response.text);
      const expected = { error, iss: ISSUER, state, ...(description && { error_description: description }) };
      assert.deepEqual(redirected(response), expected);
      assert.equal(errors.length, 1);
    });
  }

  it('§4.1.2.1 what validate throws for a client and its redirect URI is redirected', async () => {
    const refusal = Object.assign(new AuthorizationError('Not today', 'access_denied'), {
      client: CLIENT,
      redirectURI: CALLBACK,
    });
    const { app } = authorizationServer({ authorization: (s) => s.authorization(fail(refusal)) });
    const response = await browser(app).authorize();
    assert.equal(response.status, 302);
    assert.deepEqual(redirected(response), {
      error: 'access_denied',
      error_description: 'Not today',
      state,
      iss: ISSUER,
    });
  });

  it('§4.1.2.1 what validate throws for a redirect URI that is not registered stays here', async () => {
    const refusal = Object.assign(new AuthorizationError('Not today', 'access_denied'), {
      client: CLIENT,
      redirectURI: 'https://evil.example/',
    });
    const { app } = authorizationServer({ authorization: (s) => s.authorization(fail(refusal)) });
    assertErrorHere(await browser(app).authorize(), 400, invalid);
  });

  it('§4.1.2.1 a description of forbidden characters is cleaned', async () => {
    const refusal = Object.assign(new AuthorizationError('"caf\u00e9"\\\r\nSet-Cookie: a=b', 'access_denied'), {
      client: CLIENT,
      redirectURI: CALLBACK,
    });
    const { app } = authorizationServer({ authorization: (s) => s.authorization(fail(refusal)) });
    const response = await browser(app).authorize();
    assert.equal(redirected(response)['error_description'], '?caf?????Set-Cookie: a=b');
    assert.equal(response.headers['set-cookie'], undefined);
  });

  it('§3.1 a POST takes nothing from the query', async () => {
    const { app } = authorizationServer();
    const { agent } = browser(app);
    const { client_id, ...rest } = REQUEST;
    const response = await agent
      .post(`/authorize?${encode({ client_id })}`)
      .type('form')
      .send(rest);
    assertErrorHere(response, 400, invalid);
  });

  it('§3.1 a GET takes nothing from a body', async () => {
    const { app } = authorizationServer();
    const { client_id, ...rest } = REQUEST;
    const response = await browser(app)
      .agent.get(`/authorize?${encode(rest)}`)
      .type('form')
      .send({ client_id });
    assertErrorHere(response, 400, invalid);
  });

  it('§3.1 a POST of what is no form is refused', async () => {
    const { app } = authorizationServer();
    const response = await browser(app).agent.post('/authorize').type('json').send(REQUEST);
    assertErrorHere(response, 415, invalid);
  });

  it('§3.1 a POST of nothing has no parameters', async () => {
    const { app } = authorizationServer();
    assertErrorHere(await browser(app).agent.post('/authorize'), 400, invalid);
  });

  it('a POST of more than 64 KiB is 413', async () => {
    const { app } = authorizationServer();
    const response = await browser(app)
      .agent.post('/authorize')
      .type('form')
      .send(encode({ ...REQUEST, foo: 'x'.repeat(65536) }));
    assertErrorHere(response, 413, invalid);
  });
});
