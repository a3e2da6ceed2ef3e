/** Where transactions wait, what they carry, and how they end: oauth2orize's options, `resume`, `complete` and stores. */
import assert from 'node:assert/strict';
import type { Context, Middleware } from 'koa';
import { grant, type Server, type Transaction, type TransactionRecord, type TransactionStore } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  redirected,
  type Setup,
  type User,
} from '../support/authorization-server.js';

/** One session for every request, as a plain object. */
function plainSession() {
  const session: Record<string, Record<string, TransactionRecord>> = {};
  const middleware: Middleware = async (ctx, next) => {
    ctx['session'] = session;
    await next();
  };
  return { session, use: () => middleware };
}

/** A server with one code grant, whose session the test can see into. */
function server(setup: Setup = {}) {
  const { session, use } = plainSession();
  const plug = (server: Server<App, User>) => server.grant(grant.code(() => 'the code'));
  return { session, ...authorizationServer({ session: use, plug, ...setup }) };
}

const validate = (_id: string, uri: string | undefined) => [CLIENT, uri] as const;

/** What oauth2orize-koa 1.3.2 left in a session, on Koa 3, for this fixture's request. */
const OF_OAUTH2ORIZE_KOA = {
  protocol: 'oauth2',
  client: 'client',
  redirectURI: CALLBACK,
  req: { type: 'code', clientID: 'client', redirectURI: CALLBACK, scope: ['read', 'write'], state: 'a state' },
  info: { seen: 1 },
} as const;

describe('the record of a waiting transaction', () => {
  it('is what oauth2orize writes, under session.authorize, with further members, and without what it says twice', async () => {
    const { app, session } = server({
      authorization: (server) =>
        server.authorization(validate, (_client, _user) => [false, { seen: 1 }, { theme: 'dark' }]),
    });
    const { body } = await browser(app).authorize();
    assert.deepEqual(Object.keys(session), ['authorize']);
    const {
      at,
      subject,
      server: _server,
      ...record
    } = JSON.parse(JSON.stringify(session['authorize']?.[body.transactionID]));
    const { protocol: _protocol, redirectURI: _redirectURI, req, ...kept } = OF_OAUTH2ORIZE_KOA;
    const { clientID: _clientID, ...asked } = req;
    assert.deepEqual(record, { ...kept, req: asked });
    assert.equal(typeof at, 'number');
    assert.equal(subject, 'alice');
  });

  it('that oauth2orize-koa wrote without a redirect URI is not sent to the one that was asked for', async () => {
    const { app, session } = server({ options: { redirectURIs: () => undefined } }); // only validate knows what is allowed
    const { redirectURI: _, ...record } = OF_OAUTH2ORIZE_KOA;
    const req = { ...record.req, redirectURI: 'https://evil.example/' };
    session['authorize'] = { jpUOk4LG: { ...record, req } as never };
    const response = await browser(app).decide('jpUOk4LG');
    assert.equal(response.headers['location'], undefined);
  });

  it('that oauth2orize-koa wrote is honoured', async () => {
    const { app, session } = server();
    session['authorize'] = { jpUOk4LG: OF_OAUTH2ORIZE_KOA };
    const response = await browser(app).decide('jpUOk4LG').expect(303);
    assert.deepEqual(redirected(response), { code: 'the code', state: 'a state' });
    assert.equal(JSON.stringify(session['authorize']), '{}');
  });

  it('that oauth2orize-koa wrote can be resumed, and keeps its ID', async () => {
    const { app, session } = server({ resume: (server) => server.resume(() => [false, { seen: 2 }]) });
    session['authorize'] = { jpUOk4LG: OF_OAUTH2ORIZE_KOA };
    const { body } = await browser(app).agent.get('/resume?transaction_id=jpUOk4LG').set('X-User', 'alice').expect(200);
    assert.equal(body.transactionID, 'jpUOk4LG');
    assert.deepEqual(Object.keys(session['authorize'] ?? {}), ['jpUOk4LG']);
    assert.deepEqual(session['authorize']?.['jpUOk4LG']?.info, { seen: 2 });
  });
});

describe('options', () => {
  const lengths: readonly [idLength: number | undefined, length: number][] = [
    [undefined, 22],
    [8, 22],
    [22, 22],
    [40, 40],
  ];
  for (const [idLength, length] of lengths) {
    it(`idLength ${idLength}: an ID of ${length} characters`, async () => {
      const { app } = server({
        authorization: (server) => server.authorization({ ...(idLength && { idLength }) }, validate),
      });
      assert.match((await browser(app).authorize()).body.transactionID, new RegExp(`^[\\w-]{${length}}$`));
    });
  }

  it('sessionKey: another place in the session, for all that begin, load and end', async () => {
    const sessionKey = 'oauth2';
    const { app, session } = server({
      authorization: (server) => server.authorization({ sessionKey }, validate),
      resume: (server) => server.resume({ sessionKey }, () => false),
      decision: (server) => server.decision({ sessionKey }),
    });
    const { authorize, agent, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    assert.deepEqual(Object.keys(session), ['oauth2']);
    await agent.get('/resume').query({ transaction_id: transactionID }).set('X-User', 'alice').expect(200);
    await decide(transactionID).expect(303);
    assert.equal(JSON.stringify(session['oauth2']), '{}');
  });

  it('userProperty: another member of ctx.state', async () => {
    const users: unknown[] = [];
    const { app } = server({
      before: (ctx, next) => {
        ctx.state['person'] = { id: 'bob', name: 'Bob' };
        return next();
      },
      plug: (server) => server.grant(grant.code((_client, _uri, user) => (users.push(user) ? 'the code' : false))),
      authorization: (server) => server.authorization({ userProperty: 'person' }, validate),
      decision: (server) => server.decision({ userProperty: 'person' }),
    });
    const { authorize, decide } = browser(app);
    const { body } = await authorize();
    assert.deepEqual(body.user, { id: 'bob', name: 'Bob' });
    await decide(body.transactionID).expect(303);
    assert.deepEqual(users, [{ id: 'bob', name: 'Bob' }]);
  });

  const separators: readonly [scopeSeparator: string | string[] | undefined, sent: string, scope: string[]][] = [
    [undefined, 'read write', ['read', 'write']],
    [undefined, 'read', ['read']],
    [undefined, 'read,write', ['read,write']],
    [',', 'read,write', ['read', 'write']],
    [[' ', ','], 'read,write', ['read', 'write']],
    [[' ', ','], 'read write,all', ['read', 'write,all']],
    [[',', ' '], 'read', ['read']],
  ];
  for (const [scopeSeparator, scope, words] of separators) {
    const options = { ...(scopeSeparator && { scopeSeparator }) };
    const which = `scopeSeparator ${JSON.stringify(scopeSeparator)}: "${scope}" is ${JSON.stringify(words)}`;

    it(`${which}, said by the grant`, async () => {
      const { app } = server({ plug: (server) => server.grant(grant.code(options, () => 'the code')) });
      assert.deepEqual((await browser(app).authorize({ scope })).body.req.scope, words);
    });

    it(`${which}, said by the authorization endpoint`, async () => {
      const { app } = server({ authorization: (server) => server.authorization(options, validate) });
      assert.deepEqual((await browser(app).authorize({ scope })).body.req.scope, words);
    });
  }

  it("modes: a response mode of one's own, on the grant", async () => {
    const modes = {
      web_message: (txn: Transaction<unknown>, response: { body: unknown }, params: object) => {
        response.body = { to: txn.redirectURI, ...params };
      },
    };
    const { app } = server({ plug: (server) => server.grant(grant.code({ modes }, () => 'the code')) });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize({ response_mode: 'web_message' })).body;
    const { status, body } = await decide(transactionID);
    assert.deepEqual([status, body], [200, { to: CALLBACK, code: 'the code', state: 'a state' }]);
  });

  it("modes: a response mode of one's own, on the middleware, for errors too", async () => {
    const modes = {
      web_message: (_txn: unknown, response: { body: unknown; status: number }, params: object) => {
        response.status = 200;
        response.body = params;
      },
    };
    const { app } = server({
      authorization: (server) => server.authorization({ modes }, validate),
      decision: (server) => server.decision({ modes }),
    });
    const { authorize, decide } = browser(app);
    const response_mode = 'web_message';
    const { transactionID } = (await authorize({ response_mode })).body;
    assert.deepEqual((await decide(transactionID)).body, { code: 'the code', state: 'a state' });
    const failed = await authorize({ response_mode, response_type: 'foo' });
    assert.deepEqual(failed.body, {
      error: 'unsupported_response_type',
      error_description: 'Unsupported response type: foo',
      state: 'a state',
    });
  });

  it('transactionField: the ID in another field', async () => {
    const { app } = server({ decision: (server) => server.decision({ transactionField: 'txn' }) });
    const { authorize, agent, decide } = browser(app);
    const txn = (await authorize()).body.transactionID;
    const wrong = await decide(txn);
    assert.deepEqual(wrong.body, { error: 'invalid_request', error_description: 'Missing required parameter: txn' });
    const right = await agent.post('/decision').set('X-User', 'alice').type('form').send({ txn });
    assert.equal(redirected(right)['code'], 'the code');
  });

  it('the ID may stand in the query of the decision, as oauth2orize allows', async () => {
    const { app } = server();
    const { authorize, agent } = browser(app);
    const { transactionID } = (await authorize()).body;
    const response = await agent.post(`/decision?transaction_id=${transactionID}`).set('X-User', 'alice').expect(303);
    assert.equal(redirected(response)['code'], 'the code');
  });

  it('cancelField: another button', async () => {
    const { app } = server({ decision: (server) => server.decision({ cancelField: 'no' }) });
    const { authorize, decide } = browser(app);
    const ids = [(await authorize()).body.transactionID, (await authorize()).body.transactionID];
    assert.equal(redirected(await decide(ids[0], { cancel: 'Deny' }))['code'], 'the code');
    assert.deepEqual(redirected(await decide(ids[1], { no: 'Deny' })), { error: 'access_denied', state: 'a state' });
  });
});

describe('parse', () => {
  const answers: readonly [what: string, answer: unknown, form: object, allowed: boolean][] = [
    ['nothing', undefined, {}, true],
    ['nothing, with the cancel field', undefined, { cancel: 'Deny' }, false],
    ['null', null, {}, true],
    ['ares', { scope: ['read'] }, {}, true],
    ['ares, with the cancel field', { scope: ['read'] }, { cancel: 'Deny' }, false],
    ['[ares, locals]', [{ scope: ['read'] }, { theme: 'dark' }], {}, true],
    ['[undefined, locals]', [undefined, { theme: 'dark' }], {}, true],
    ['allow: false', { allow: false }, {}, false],
    ['allow: null', { allow: null }, {}, false],
    ['allow: true, with the cancel field', { allow: true }, { cancel: 'Deny' }, true],
    ['allow: undefined, with the cancel field', { allow: undefined }, { cancel: 'Deny' }, false],
  ];
  for (const [what, answer, form, allowed] of answers) {
    it(`that gives ${what} ${allowed ? 'allows' : 'denies'}`, async () => {
      const { app, session } = server({ decision: (server) => server.decision((async () => answer) as never) });
      const { authorize, decide } = browser(app);
      const { transactionID } = (await authorize()).body;
      const params = redirected(await decide(transactionID, form).expect(303));
      assert.deepEqual(params, { ...(allowed ? { code: 'the code' } : { error: 'access_denied' }), state: 'a state' });
      assert.equal(JSON.stringify(session['authorize']), '{}');
    });
  }

  it('is given ctx, with the transaction and the form, whether or not there is a body parser', async () => {
    const seen: unknown[] = [];
    const { app } = server({
      decision: (server) =>
        server.decision((ctx) => {
          const { client, req } = ctx.state['oauth2'];
          seen.push(client, req.state, (ctx.request as { body?: { colour?: string } }).body?.colour);
          return {};
        }),
    });
    const { authorize, decide } = browser(app);
    await decide((await authorize()).body.transactionID, { colour: 'red' });
    assert.deepEqual(seen, [CLIENT, 'a state', 'red']);
  });

  it("that throws leaves the transaction, and its error is the resource owner's", async () => {
    let failing = true;
    const { app, session } = server({
      decision: (server) =>
        server.decision((ctx) => {
          if (failing) ctx.throw(422, 'Choose at least one scope');
          return {};
        }),
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    const response = await decide(transactionID);
    assert.deepEqual([response.status, response.headers['location']], [422, undefined]);
    assert.equal(response.body.error_description, 'Choose at least one scope');
    assert.deepEqual(Object.keys(session['authorize'] ?? {}), [transactionID]);
    failing = false;
    assert.equal(redirected(await decide(transactionID))['code'], 'the code');
  });
});

describe('locals', () => {
  it('from earlier middleware, from immediate and from parse reach the dialog and the callbacks, and are never stored', async () => {
    const early = Object.freeze({ from: 'middleware', early: true });
    const seen: unknown[] = [];
    const { app, session } = server({
      before: (ctx, next) => {
        ctx.state['locals'] = early;
        return next();
      },
      plug: (server) =>
        server.grant(grant.code((_c, _r, _u, _s, _q, locals) => (seen.push(locals) ? 'the code' : false))),
      authorization: (server) =>
        server.authorization(validate, (_client, _user) => [false, undefined, { from: 'immediate' }]),
      decision: (server) => server.decision(() => [{}, { from: 'parse' }]),
    });
    const { authorize, decide } = browser(app);
    const { body } = await authorize();
    assert.deepEqual(body.locals, { from: 'immediate', early: true });
    assert.doesNotMatch(JSON.stringify(session), /immediate|early/);
    await decide(body.transactionID).expect(303);
    assert.deepEqual(seen, [{ from: 'parse', early: true }]);
  });

  it('of an answer at once reach the callback', async () => {
    const seen: unknown[] = [];
    const { app } = server({
      plug: (server) =>
        server.grant(grant.code((_c, _r, _u, _s, _q, locals) => (seen.push(locals) ? 'the code' : false))),
      authorization: (server) => server.authorization(validate, (_client, _user) => [true, {}, { from: 'immediate' }]),
    });
    await browser(app).authorize().expect(302);
    assert.deepEqual(seen, [{ from: 'immediate' }]);
  });
});

describe('after a decision the transaction is gone', () => {
  const ways: readonly [what: string, setup: Setup, form: object, error: string | undefined][] = [
    ['allowed', {}, {}, undefined],
    ['denied', {}, { cancel: 'Deny' }, 'access_denied'],
    ['refused by the grant', { plug: (server) => server.grant(grant.code(() => false)) }, {}, 'access_denied'],
    [
      'failed in the grant',
      {
        plug: (server) =>
          server.grant(
            grant.code(() => {
              throw new Error('database down');
            }),
          ),
      },
      {},
      'server_error',
    ],
  ];
  for (const [what, setup, form, error] of ways) {
    it(what, async () => {
      const { app, session } = server(setup);
      const { authorize, decide } = browser(app);
      const { transactionID } = (await authorize()).body;
      const params = redirected(await decide(transactionID, form).expect(303));
      assert.equal(params['error'], error);
      assert.equal(params['state'], 'a state');
      assert.equal(JSON.stringify(session['authorize']), '{}');
      const again = await decide(transactionID);
      assert.deepEqual([again.status, again.body.error], [403, 'access_denied']);
    });
  }
});

describe('what cannot be loaded', () => {
  const table: readonly [what: string, id: string | undefined, session: object, status: number, message: string][] = [
    ['no ID', undefined, { authorize: {} }, 400, 'Missing required parameter: transaction_id'],
    ['an unknown ID', 'nope', { authorize: {} }, 403, 'Unable to load OAuth 2.0 transaction'],
    ['no transactions', 'nope', {}, 403, 'Unable to load OAuth 2.0 transactions from session'],
    ['__proto__', '__proto__', { authorize: {} }, 403, 'Unable to load OAuth 2.0 transaction'],
    ['constructor', 'constructor', { authorize: {} }, 403, 'Unable to load OAuth 2.0 transaction'],
  ];
  for (const [what, id, before, status, error_description] of table) {
    it(`${what}: ${error_description}`, async () => {
      const { app, session } = server();
      Object.assign(session, before);
      const response = await browser(app).decide(id);
      assert.deepEqual([response.status, response.body.error_description], [status, error_description]);
      assert.equal(response.headers['location'], undefined);
    });
  }

  for (const gone of [null, false] as const) {
    it(`a deserializer that gives ${gone}: the client is gone, and the transaction with it`, async () => {
      const { app, session } = server({
        plug: (server) => server.grant(grant.code(() => 'the code')).deserializeClient(() => gone),
        clients: [],
        authorization: (server) => server.authorization(validate),
      });
      const { authorize, decide } = browser(app);
      const response = await decide((await authorize()).body.transactionID);
      assert.deepEqual(
        [response.status, response.body],
        [403, { error: 'unauthorized_client', error_description: 'Unauthorized client' }],
      );
      assert.equal(JSON.stringify(session['authorize']), '{}');
    });
  }
});

describe('loadTransaction', () => {
  const client = CLIENT;
  const req = { type: 'code', clientID: 'client', state: 'mine' };

  /** Begins a transaction that only the application knows of. */
  const load: Middleware = async (ctx, next) => {
    ctx.state['oauth2'] = { client, redirectURI: CALLBACK, req };
    await next();
  };

  it('a middleware in place of the loader', async () => {
    const { app } = server({ session: false, decision: (server) => server.decision({ loadTransaction: load }) });
    assert.deepEqual(redirected(await browser(app).decide('any').expect(303)), { code: 'the code', state: 'mine' });
  });

  it('one with an ID of its own needs no session either, and counts once', async () => {
    const loadTransaction: Middleware = async (ctx, next) => {
      ctx.state['oauth2'] = { transactionID: 'mine', client, redirectURI: CALLBACK, req };
      await next();
    };
    const { app } = server({ session: false, decision: (server) => server.decision({ loadTransaction }) });
    assert.deepEqual(redirected(await browser(app).decide('any').expect(303)), { code: 'the code', state: 'mine' });
    const again = await browser(app).decide('any');
    assert.deepEqual([again.status, again.headers['location']], [403, undefined]);
  });

  it('one that the application found in the session is removed from there', async () => {
    const loadTransaction: Middleware = async (ctx, next) => {
      ctx.state['oauth2'] = { transactionID: 'mine', client, redirectURI: CALLBACK, req };
      await next();
    };
    const { app, session } = server({ decision: (server) => server.decision({ loadTransaction }) });
    session['authorize'] = { mine: OF_OAUTH2ORIZE_KOA };
    await browser(app).decide('any').expect(303);
    assert.equal(JSON.stringify(session['authorize']), '{}');
  });

  it('false: an earlier middleware loads it', async () => {
    const { app } = server({
      session: false,
      before: load,
      decision: (server) => server.decision({ loadTransaction: false }),
    });
    assert.deepEqual(redirected(await browser(app).decide('any').expect(303)), { code: 'the code', state: 'mine' });
  });

  it("false, and nobody loads it: an error of the operator's", async () => {
    const { app, errors } = server({ decision: (server) => server.decision({ loadTransaction: false }) });
    const response = await browser(app).decide('any');
    assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
    assert.match(errors[0]?.message ?? '', /transaction not loaded/);
  });

  it('a transaction that is there already is left alone', async () => {
    const { app } = server({ session: false, before: load });
    assert.deepEqual(redirected(await browser(app).decide('any').expect(303)), { code: 'the code', state: 'mine' });
  });

  it('the error of a middleware that cannot load is thrown on', async () => {
    const { app } = server({
      decision: (server) => server.decision({ loadTransaction: (ctx) => ctx.throw(410, 'Too late') }),
    });
    assert.equal((await browser(app).decide('any')).status, 410);
  });
});

describe('resume(options?, immediate, complete?)', () => {
  const resumed = (app: Parameters<typeof browser>[0]) => {
    const { agent, authorize, decide } = browser(app);
    return {
      authorize,
      decide,
      resume: (id: string) => agent.get('/resume').query({ transaction_id: id }).set('X-User', 'alice'),
    };
  };

  it('allowed: answers and removes', async () => {
    const { app, session } = server({ resume: (server) => server.resume((_client, _user) => true) });
    const { authorize, resume } = resumed(app);
    const response = await resume((await authorize()).body.transactionID).expect(302);
    assert.deepEqual(redirected(response), { code: 'the code', state: 'a state' });
    assert.equal(JSON.stringify(session['authorize']), '{}');
  });

  it('not allowed: the next middleware, the same ID, info replaced, locals merged and not stored', async () => {
    const { app, session } = server({
      before: (ctx, next) => {
        ctx.state['locals'] = { early: true };
        return next();
      },
      authorization: (server) =>
        server.authorization(validate, (_client, _user) => [false, { step: 1, old: true }, { a: 1 }]),
      resume: (server) => server.resume((_client, _user) => [false, { step: 2 }, { b: 2 }]),
    });
    const { authorize, resume, decide } = resumed(app);
    const { transactionID } = (await authorize()).body;
    const { body } = await resume(transactionID).expect(200);
    assert.equal(body.transactionID, transactionID);
    assert.deepEqual([body.info, body.locals], [{ step: 2 }, { early: true, b: 2 }]);
    const record = session['authorize']?.[transactionID];
    assert.deepEqual(record?.info, { step: 2 });
    assert.equal('locals' in (record ?? {}), false);
    assert.equal(redirected(await decide(transactionID))['code'], 'the code');
  });

  it('immediate is given info and locals with the transaction', async () => {
    const seen: unknown[] = [];
    const { app } = server({
      authorization: (server) => server.authorization(validate, (_client, _user) => [false, { step: 1 }]),
      resume: (server) =>
        server.resume((txn: Transaction<App, User>) => {
          seen.push(txn.info, txn.client, txn.user?.id);
          return false;
        }),
    });
    const { authorize, resume } = resumed(app);
    await resume((await authorize()).body.transactionID);
    assert.deepEqual(seen, [{ step: 1 }, CLIENT, 'alice']);
  });

  it('complete comes third, or second without options', async () => {
    const completed: string[] = [];
    for (const options of [[], [{}]]) {
      const { app } = server({
        resume: (server) =>
          server.resume(
            ...(options as []),
            (_client, _user) => true,
            (_ctx, txn) => void completed.push(txn.client.client_id),
          ),
      });
      const { authorize, resume } = resumed(app);
      await resume((await authorize()).body.transactionID).expect(302);
    }
    assert.deepEqual(completed, ['client', 'client']);
  });
});

describe('complete(ctx, txn)', () => {
  const complete = (log: string[]) => async (ctx: Context, txn: object) => {
    await null;
    log.push(`complete${ctx.response.get('Location') ? ' too late' : ''}${'client' in txn ? '' : ' without a client'}`);
  };
  const setup = (log: string[]): Setup => ({
    plug: (server) => server.grant(grant.code(() => (log.push('issue') ? 'the code' : false))),
    authorization: (server) =>
      server.authorization(validate, ({ client_name }, _u) => client_name === '', complete(log)),
    decision: (server) => server.decision(undefined, undefined, complete(log)),
  });

  it('is awaited after the code is issued and before the redirect', async () => {
    const log: string[] = [];
    assert.equal((await browser(server(setup(log)).app).allow())['code'], 'the code');
    assert.deepEqual(log, ['issue', 'complete']);
  });

  it('the same for an answer at once', async () => {
    const log: string[] = [];
    const { app } = server({
      ...setup(log),
      authorization: (server) => server.authorization(validate, (_client, _user) => true, complete(log)),
    });
    await browser(app).authorize().expect(302);
    assert.deepEqual(log, ['issue', 'complete']);
  });

  it('not on denial', async () => {
    const log: string[] = [];
    assert.equal((await browser(server(setup(log)).app).allow({}, { cancel: 'Deny' }))['error'], 'access_denied');
    assert.deepEqual(log, []);
  });

  it('that fails sends an error and no code', async () => {
    const { app, session } = server({
      decision: (server) =>
        server.decision({}, undefined, () => {
          throw new Error('database down');
        }),
    });
    assert.deepEqual(await browser(app).allow(), { error: 'server_error', state: 'a state' });
    assert.equal(JSON.stringify(session['authorize']), '{}');
  });
});

describe("a transaction store of one's own", () => {
  function memory() {
    const records = new Map<string, string>();
    const log: string[] = [];
    const transactions: TransactionStore = {
      async load(_ctx, id) {
        log.push('load');
        const record = records.get(id);
        return record === undefined ? undefined : JSON.parse(record);
      },
      async store(_ctx, id, record) {
        log.push('store');
        records.set(id, JSON.stringify(record));
      },
      async update(_ctx, id, record) {
        log.push('update');
        records.set(id, JSON.stringify(record));
      },
      async remove(_ctx, id) {
        log.push('remove');
        return records.delete(id);
      },
    };
    return { transactions, records, log };
  }

  it('needs no session', async () => {
    const { transactions, records, log } = memory();
    const { app } = server({
      session: false,
      options: { transactions },
      resume: (server) => server.resume((_client, _user) => false),
    });
    const { agent, authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    assert.deepEqual([...records.keys()], [transactionID]);
    await agent.get('/resume').query({ transaction_id: transactionID }).set('X-User', 'alice').expect(200);
    assert.equal(redirected(await decide(transactionID))['code'], 'the code');
    assert.equal(records.has(transactionID), false);
    assert.deepEqual(log, ['store', 'load', 'update', 'load', 'remove', 'store'], 'at last the answer, sealed');
  });

  it('is told the session key and given ctx', async () => {
    const seen: unknown[] = [];
    const { transactions } = memory();
    const { app } = server({
      session: false,
      options: {
        transactions: {
          ...transactions,
          store(ctx, id, record, options) {
            seen.push(ctx.path, options);
            return transactions.store(ctx, id, record, options);
          },
        },
      },
      authorization: (server) => server.authorization({ sessionKey: 'mine' }, validate),
    });
    await browser(app).authorize().expect(200);
    assert.deepEqual(seen, ['/authorize', { sessionKey: 'mine' }]);
  });

  it('without one, and without a session, the operator is told', async () => {
    const { app, errors } = server({ session: false });
    assert.equal(redirected(await browser(app).authorize().expect(302))['error'], 'server_error');
    assert.match(errors[0]?.message ?? '', /need session support/);
  });
});
