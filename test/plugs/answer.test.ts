/** From a decision to the answer: what is authorized, what is issued in which order, what is added, and who takes what may be answered once. */
import assert from 'node:assert/strict';
import {
  type Authorization,
  AuthorizationError,
  exchange,
  ForbiddenError,
  type Grant,
  grant,
  OAuth2Error,
  type Transaction,
} from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  exchangeCode,
  redirected,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { type PluggedSetup, pluggedServer, type TestPlug } from '../support/plugged-server.js';
import { breakableStore } from '../support/token-store.js';

declare module 'koauthorize' {
  interface Authorization {
    readonly floor?: number;
  }
}

describe('authorize', () => {
  it('its members are kept with the code, and come to check; nothing is made from them before', async () => {
    const seen: unknown[] = [];
    const building: TestPlug = {
      name: 'building',
      adds: ['floor'],
      authorization: { authorize: ({ res, user }) => (res?.allow && user ? { floor: 3 } : undefined) },
      token: { check: ({ floor, subject }) => void seen.push(floor, subject) },
    };
    const { app, connect } = pluggedServer({ plugs: [building] });
    await connect();
    assert.deepEqual(seen, [3, 'alice']);
    const denied = await browser(app).allow({}, { cancel: 'no' });
    assert.deepEqual([denied['error'], seen.length], ['access_denied', 2]);
  });

  it('says nothing else of who has authorized it than the server does', async () => {
    const lying: TestPlug = { name: 'lying', authorization: { authorize: () => ({ subject: 'bob' }) } };
    const { app, errors } = pluggedServer({ plugs: [lying] });
    assert.equal((await browser(app).allow())['error'], 'server_error');
    assert.match(errors[0]?.message ?? '', /lying would replace "subject"/);
  });

  it('createServer({ authenticationEvent }): how the user logged in is kept with the code', async () => {
    const seen: unknown[] = [];
    const event = { acr: 'mfa', authenticatedAt: 1_767_225_000, amr: ['pwd', 'otp'], sessionID: 's' };
    const { connect, tokens } = pluggedServer({
      options: { authenticationEvent: ({ id }) => (id === 'alice' ? event : undefined) },
      plugs: [{ name: 'watching', token: { check: ({ authentication }) => void seen.push(authentication) } }],
    });
    const { access_token } = await connect();
    assert.deepEqual(seen, [event]);
    const token = await tokens.verify(access_token);
    assert.deepEqual([token?.acr, token?.authenticatedAt], ['mfa', event.authenticatedAt]);
  });
});

describe('check', () => {
  it('what it gives is added to the request, and comes to the token: audience, claims, notes', async () => {
    const parts = { audience: ['https://api.example'], claims: { tier: 'gold' }, notes: { risk: 'low' } };
    const checking: TestPlug = { name: 'checking', token: { check: () => parts } };
    const parsing: TestPlug = {
      name: 'parsing',
      token: { parse: () => ({ claims: { region: 'north' }, notes: { seen: 1 }, audience: ['https://api.example'] }) },
    };
    const { connect, refresh, tokens } = pluggedServer({ plugs: [parsing, checking] });
    const first = await connect();
    const second = (await refresh(first.refresh_token).expect(200)).body;
    for (const { access_token } of [first, second]) {
      const token = await tokens.verify(access_token);
      assert.deepEqual(token?.audience, parts.audience);
      assert.deepEqual(token?.notes, { seen: 1, risk: 'low' });
      assert.deepEqual([token?.claims?.['tier'], token?.claims?.['region']], ['gold', 'north']);
      const introspected: Record<string, unknown> = { ...(await tokens.introspect(access_token, CLIENT)) };
      assert.deepEqual([introspected['tier'], introspected['risk']], ['gold', undefined], 'notes are told to nobody');
    }
  });

  it('of two extensions neither replaces what the other says of a claim', async () => {
    const saying = (name: string, tier: string): TestPlug => ({ name, token: { check: () => ({ claims: { tier } }) } });
    const { app, errors } = pluggedServer({ plugs: [saying('one', 'gold'), saying('other', 'lead')] });
    const { code } = await browser(app).allow();
    assertErrorHere(await exchangeCode(app, code), 500, 'server_error');
    assert.match(errors[0]?.message ?? '', /other would replace "tier"/);
  });

  it('a key that check returns is an error if the callback cannot bind tokens to it', async () => {
    const stored: Authorization[] = [];
    const { app, errors } = authorizationServer({
      plug(server) {
        server.grant(
          grant.code({
            issue(_txn, authorization) {
              stored.push(authorization);
              return 'the code';
            },
          }),
        );
        server.exchange(
          exchange.code<App>(async (_client, _code, _uri, _body, _info, check) => {
            for (const authorization of stored) await check(authorization);
            return 'a token that is bound to nothing';
          }),
        );
        server.extend({ name: 'binding', token: { check: () => ({ confirmation: { 'x5t#S256': 'key' } }) } });
      },
    });
    const { code } = await browser(app).allow();
    assertErrorHere(await exchangeCode(app, code), 500, 'server_error');
    assert.match(errors.at(-1)?.message ?? '', /only the checked form can bind tokens/);
  });
});

describe('respond', () => {
  it('is told a success and an error apart, and what was added so far', async () => {
    const seen: unknown[] = [];
    const plug: TestPlug = {
      name: 'telling',
      authorization: {
        respond(_txn, { params, error }) {
          seen.push([Object.keys(params).sort(), error?.code, error instanceof OAuth2Error]);
          return error ? { trace: 'error' } : { trace: 'success' };
        },
      },
    };
    const { app } = pluggedServer({
      plugs: [
        plug,
        { name: 'tracing', authorization: { respond: (_, { params }) => ({ copy: String(params['trace']) }) } },
      ],
    });
    const success = await browser(app).allow();
    assert.deepEqual([success['trace'], success['copy']], ['success', 'success']);
    const denied = await browser(app).allow({}, { cancel: 'no' });
    assert.deepEqual([denied['trace'], denied['error'], denied['copy']], ['error', 'access_denied', 'error']);
    const wrong = redirected(await browser(app).authorize({ scope: '"' }));
    assert.deepEqual([wrong['trace'], wrong['error']], ['error', 'invalid_scope']);
    assert.deepEqual(seen, [
      [['code', 'state'], undefined, false],
      [['error', 'state'], 'access_denied', true],
      [['error', 'error_description', 'state'], 'invalid_scope', true],
    ]);
  });

  it('a response mode is given the transaction: it may sign for the client', async () => {
    const seen: (Transaction<unknown> | undefined)[] = [];
    const { app } = pluggedServer({
      plugs: [
        {
          name: 'signing',
          responseModes: [
            {
              name: 'signed',
              async send(ctx, txn, params) {
                seen.push(txn);
                ctx.redirect(
                  `${txn.redirectURI}?response=${(txn.client as App).client_id}.${Object.keys(params).join('.')}`,
                );
              },
            },
          ],
        },
      ],
    });
    assert.deepEqual(await browser(app).allow({ response_mode: 'signed' }), { response: 'client.code.state' });
    assert.deepEqual(await browser(app).allow({ response_mode: 'signed' }, { cancel: 'no' }), {
      response: 'client.error.state',
    });
    const error = redirected(await browser(app).authorize({ response_mode: 'signed', scope: '"' }));
    assert.deepEqual(error, { response: 'client.error.error_description.state' });
    assert.equal(seen.length, 3);
  });
});

describe('a combination of grants', () => {
  const issuing = (name: string, after?: readonly string[]): Grant<App, User> => ({
    name,
    responseMode: 'fragment',
    ...(after && { after }),
    issue: async (_txn, _authorization, given) => ({ [name]: `after ${Object.keys(given).join(' and ') || 'none'}` }),
  });

  for (const type of ['code id token', 'id token code', 'token id code', 'id code token']) {
    it(`${type}: issues in the order that the grants say, and each is given what came before it`, async () => {
      const { app } = authorizationServer({
        plug(server) {
          server
            .grant(issuing('id', ['code', 'token']))
            .grant(issuing('token', ['code']))
            .grant(issuing('code'));
          server.grant('token code id');
        },
      });
      const answer = await browser(app).allow({ response_type: type });
      assert.deepEqual(answer, {
        state: 'a state',
        code: 'after none',
        token: 'after code',
        id: 'after code and token',
      });
    });
  }

  it('a circle of grants is in the order of the type: nothing hangs', async () => {
    const { app } = authorizationServer({
      plug: (server) =>
        server
          .grant(issuing('a', ['b']))
          .grant(issuing('b', ['a']))
          .grant('a b'),
    });
    assert.ok((await browser(app).allow({ response_type: 'b a' }))['b']);
  });

  it('a grant that stands alone is given nothing', async () => {
    const { app } = authorizationServer({ plug: (server) => server.grant(issuing('a', ['code'])) });
    assert.equal((await browser(app).allow({ response_type: 'a' }))['a'], 'after none');
  });
});

/** Counts what is taken, and refuses, or fails, as it is told. */
function taking(setup: PluggedSetup = {}) {
  const state: { taken: string[]; error: Error | undefined } = { taken: [], error: undefined };
  const plug = (name: string): TestPlug => ({
    name,
    authorization: {
      take({ res }) {
        if (state.error) throw state.error;
        state.taken.push(`${name}: ${res?.allow ?? 'no decision'}`);
      },
    },
  });
  return { ...pluggedServer({ ...setup, plugs: [plug('one'), plug('other'), ...(setup.plugs ?? [])] }), state };
}

describe('take', () => {
  it('is asked once for each answer, in order: a success, a denial, an error', async () => {
    const { app, state } = taking();
    await browser(app).allow();
    await browser(app).allow({}, { cancel: 'no' });
    await browser(app).authorize({ scope: '"' });
    assert.deepEqual(state.taken, [
      'one: true',
      'other: true',
      'one: false',
      'other: false',
      'one: no decision',
      'other: no decision',
    ]);
  });

  it('is asked where immediate allows', async () => {
    const { app, state } = taking({
      authorization: (server) =>
        server.authorization(
          (_id, uri) => [CLIENT, uri],
          () => true,
        ),
    });
    assert.ok(redirected(await browser(app).authorize())['code']);
    assert.deepEqual(state.taken, ['one: true', 'other: true']);
  });

  it('a store that fails at issue: nothing is taken, and the dialog waits again', async () => {
    const { store, broken } = breakableStore();
    const { app, state } = taking({ store });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    broken.set('put', 'rejects');
    assertErrorHere(await decide(transactionID), 503, 'temporarily_unavailable');
    assert.deepEqual(state.taken, []);
    broken.clear();
    assert.ok(redirected(await decide(transactionID).expect(303))['code']);
    assert.deepEqual(state.taken, ['one: true', 'other: true']);
  });

  it('an extension whose respond throws: nothing is taken before the error is answered', async () => {
    const failing: TestPlug = {
      name: 'failing',
      authorization: {
        respond(_txn, { error }) {
          if (!error) throw new AuthorizationError('No', 'access_denied');
          return undefined;
        },
      },
    };
    const { app, state } = taking({ plugs: [failing] });
    assert.equal((await browser(app).allow())['error'], 'access_denied');
    assert.deepEqual(state.taken, ['one: true', 'other: true'], 'once, for the error');
  });

  it('what it throws is the page of the user, and the client is told nothing', async () => {
    const { app, state } = taking();
    state.error = new ForbiddenError('It was answered already');
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
    state.error = undefined;
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
    assert.deepEqual(state.taken, [], 'and the dialog is gone');
  });

  it('a store of its own that fails leaves the dialog', async () => {
    const { app, state } = taking();
    state.error = new OAuth2Error('Try again', 'temporarily_unavailable', undefined, 503);
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    assertErrorHere(await decide(transactionID), 503, 'temporarily_unavailable');
    state.error = undefined;
    assert.ok(redirected(await decide(transactionID).expect(303))['code']);
  });

  it('complete that fails after it: the client is told, for the dialog cannot be answered again', async () => {
    const { app, state } = taking({
      decision: (server) =>
        server.decision(
          () => ({}),
          () => {
            throw new OAuth2Error('Try again', 'temporarily_unavailable', undefined, 503);
          },
        ),
    });
    assert.equal((await browser(app).allow())['error'], 'temporarily_unavailable');
    assert.deepEqual(state.taken, ['one: true', 'other: true'], 'once');
  });

  it('is also called for a response or an error that the application sends itself', async () => {
    const { app, state } = taking({
      plug(server) {
        server.grant('pigeon', 'response', (ctx) => {
          ctx.body = 'by hand';
        });
        server.grant('pigeon', 'error', (_error, ctx) => {
          ctx.body = 'error by hand';
        });
      },
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize({ response_type: 'pigeon' })).body;
    assert.equal((await decide(transactionID).expect(200)).text, 'by hand');
    assert.equal((await authorize({ response_type: 'pigeon', scope: '"' }).expect(200)).text, 'error by hand');
    assert.deepEqual(state.taken, ['one: true', 'other: true', 'one: no decision', 'other: no decision']);
  });

  it('what another has taken is not answered by hand', async () => {
    const { app, state } = taking({
      plug: (server) =>
        server.grant('pigeon', 'response', (ctx) => {
          ctx.body = 'by hand';
        }),
    });
    state.error = new ForbiddenError('It was answered already');
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize({ response_type: 'pigeon' })).body;
    const response = await decide(transactionID);
    assertErrorHere(response, 403, 'access_denied');
    assert.doesNotMatch(response.text, /by hand/);
  });
});
