/** RFC 9126: OAuth 2.0 Pushed Authorization Requests. */
import assert from 'node:assert/strict';
import {
  createServer,
  type Extension,
  type PushedRequestsOptions,
  pushedRequests,
  type ResponseModes,
} from 'koauthorize';
import { ephemeralStore, memoryStore } from 'koauthorize/tokens';
import request from 'supertest';
import {
  type App,
  CALLBACK,
  ISSUER,
  REQUEST,
  redirected,
  type User,
  VERIFIER,
} from '../support/authorization-server.js';
import { basic, CONFIDENTIAL, client, PUBLIC } from '../support/client-auth.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';
import { type PushingSetup, pushingServer, RIVAL } from '../support/pushing-server.js';

const pushing = (options: PushedRequestsOptions = {}, setup: Partial<PushingSetup> = {}) =>
  pushingServer({ ...setup, plugs: [pushedRequests(options), ...(setup.plugs ?? [])] });

const ID = CONFIDENTIAL.client_id;

describe('RFC 9126 §2: the endpoint', () => {
  it('§2.1, §2.2 201 with a request_uri and expires_in, as JSON, not to be stored', async () => {
    const answer = await pushing().push();
    assert.equal(answer.status, 201);
    assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
    assertNoStore(answer);
    assert.deepEqual(Object.keys(answer.body), ['request_uri', 'expires_in']);
    assert.equal(answer.body.expires_in, 60);
  });

  it('§2.2 the request_uri cannot be guessed: 256 random bits, each time others', async () => {
    const { uriOf } = pushing();
    const [one, other] = [await uriOf(), await uriOf()];
    for (const uri of [one, other]) assert.match(uri, /^urn:ietf:params:oauth:request_uri:[\w-]{43}$/);
    assert.notEqual(one, other);
  });

  it('§2 the client authenticates as at the token endpoint', async () => {
    const { app } = pushing();
    const post = () => request(app.callback()).post('/par').type('form');
    assertErrorHere(await post().set(basic(ID, 'wrong')).send(REQUEST), 401, 'invalid_client');
    assertErrorHere(await post().send(REQUEST), 400, 'invalid_client');
    await post().set(basic(ID, 'a secret')).send(REQUEST).expect(201);
  });

  it('§2.1 a client that authenticates need not name itself once more', async () => {
    const { uriOf, visitor } = pushing();
    const request_uri = await uriOf({ client_id: undefined });
    await visitor().open({ client_id: ID, request_uri }).expect(200);
  });

  it('§2.1 a request in the name of another client is refused', async () => {
    const { push } = pushing();
    const answer = await push({ client_id: RIVAL.client_id });
    assertErrorHere(answer, 401, 'invalid_client');
  });

  it('§2.1 request_uri MUST NOT be provided', async () => {
    const { push, uriOf } = pushing();
    const request_uri = await uriOf();
    assertErrorHere(await push({ request_uri }), 400, 'invalid_request');
    assertErrorHere(await push({ request_uri: 'https://client.example/object' }), 400, 'invalid_request');
  });

  const refused: readonly [what: string, params: Parameters<ReturnType<typeof pushing>['push']>[0], error: string][] = [
    [
      'no redirect_uri where several are registered',
      { redirect_uri: undefined, client_id: 'several' },
      'invalid_request',
    ],
    ['a redirect_uri that is not registered', { redirect_uri: 'https://evil.example' }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE by plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['a response_type that nothing answers', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['a response type that the client did not register', { response_type: 'token' }, 'unauthorized_client'],
    ['a scope that the client did not register', { scope: 'admin' }, 'invalid_scope'],
    ['a parameter twice', { state: ['one', 'two'] }, 'invalid_request'],
  ];
  for (const [what, params, error] of refused) {
    it(`§2.1, §2.3 is judged at once, and refused with 400: ${what}`, async () => {
      const registered = { response_types: ['code'], scope: 'read write' };
      const several = { redirect_uris: [CALLBACK, `${CALLBACK}/2`], client_secret: 'a secret', ...registered };
      const clients = [{ ...CONFIDENTIAL, ...registered }, client('several', several)];
      const { push } = pushing({}, { clients });
      const by = clients.find(({ client_id }) => client_id === (params?.['client_id'] ?? ID)) ?? CONFIDENTIAL;
      assertErrorHere(await push(params, by), 400, error);
    });
  }

  it('§2.3 405 for other methods, 413 for a body that is too large', async () => {
    const { app, push } = pushing();
    const get = await request(app.callback()).get('/par').set(basic(ID, 'a secret')).query(REQUEST);
    assertErrorHere(get, 405, 'invalid_request');
    assert.equal(get.headers['allow'], 'POST');
    assertErrorHere(await push({ more: 'x'.repeat(70_000) }), 413, 'invalid_request');
  });

  it('§2.3 413 also for what a body parser of the application has let in', async () => {
    const large: Extension<App, User> = {
      name: 'large',
      authorization: { parse: () => ({ large: 'x'.repeat(70_000) }) as object },
    };
    const { push } = pushing({}, { plugs: [large] });
    assertErrorHere(await push(), 413, 'invalid_request');
  });

  it('secrets of the client authentication are no part of what is judged and kept', async () => {
    const seen: string[] = [];
    const reader: Extension<App, User> = {
      name: 'reader',
      authorization: {
        parse({ params }) {
          seen.push(...params.keys());
          return undefined;
        },
      },
    };
    const { push } = pushing({}, { plugs: [reader] });
    await push({ client_assertion_type: 'x' }).expect(201);
    assert.deepEqual(
      seen.filter((name) => /secret|assertion/.test(name)),
      [],
    );
    assert.ok(seen.includes('state'));
  });

  it('without a store it fails at start', () => {
    assert.throws(() => createServer({ issuer: ISSUER }).extend(pushedRequests()).check(), /has no store/);
    const store = ephemeralStore(memoryStore());
    createServer({ issuer: ISSUER }).extend(pushedRequests({ store })).check();
  });

  for (const options of [
    { lifetime: 4 },
    { lifetime: 601 },
    { lifetime: Number.NaN },
    { publicPerMinute: -1 },
    { url: 'par' },
  ]) {
    it(`cannot be meant: ${JSON.stringify(options)}`, () => {
      assert.throws(() => pushedRequests(options), TypeError);
    });
  }
});

describe('RFC 9126 §2.3: public clients', () => {
  it('§2.3 may push, and get 429 with Retry-After for more than publicPerMinute', async () => {
    const { push, clock } = pushing({ publicPerMinute: 3 });
    for (let n = 0; n < 3; n += 1) await push({}, PUBLIC).expect(201);
    const answer = await push({}, PUBLIC);
    assertErrorHere(answer, 429, 'temporarily_unavailable');
    assert.equal(answer.headers['retry-after'], '60');
    await push().expect(201); // clients that authenticate are not counted
    clock.now += 60;
    await push({}, PUBLIC).expect(201);
  });

  it('§2.3 of concurrent requests in two processes, exactly publicPerMinute are accepted', async () => {
    const store = memoryStore();
    const processes = [pushing({ publicPerMinute: 5 }, { store }), pushing({ publicPerMinute: 5 }, { store })];
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => (processes[n % 2] ?? processes[0])?.push({}, PUBLIC)),
    );
    const statuses = answers.map((answer) => answer?.status);
    assert.equal(statuses.filter((status) => status === 201).length, 5);
    assert.equal(statuses.filter((status) => status === 429).length, 11);
  });

  it('a request that is refused takes no slot', async () => {
    const { push } = pushing({ publicPerMinute: 1 });
    assertErrorHere(await push({ redirect_uri: 'https://evil.example' }, PUBLIC), 400, 'invalid_request');
    await push({}, PUBLIC).expect(201);
  });

  it('publicPerMinute: 0 is for no public client', async () => {
    assertErrorHere(await pushing({ publicPerMinute: 0 }).push({}, PUBLIC), 429, 'temporarily_unavailable');
  });
});

describe('RFC 9126 §4: the authorization request', () => {
  it('§4 client_id and request_uri are enough, and the code works', async () => {
    const { app, uriOf, visitor } = pushing();
    const { open, decide } = visitor();
    const dialog = await open({ client_id: ID, request_uri: await uriOf() }).expect(200);
    assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
    const answer = redirected(await decide(dialog.body.transactionID));
    assert.deepEqual([answer['state'], answer['iss']], [REQUEST.state, ISSUER]);
    const exchanged = await request(app.callback()).post('/token').set(basic(ID, 'a secret')).type('form').send({
      grant_type: 'authorization_code',
      code: answer['code'],
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
    });
    assert.equal(exchanged.status, 200, exchanged.text);
  });

  it('§4 parameters beside the request_uri are ignored, repeated or not', async () => {
    const { uriOf, visitor } = pushing();
    const { open, decide } = visitor();
    const beside = {
      state: ['another', 'state'],
      scope: 'admin',
      redirect_uri: 'https://evil.example',
      response_type: 'token',
      response_mode: 'fragment',
      code_challenge: 'x',
    };
    const dialog = await open({ client_id: ID, request_uri: await uriOf(), ...beside }).expect(200);
    assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
    const answer = await decide(dialog.body.transactionID);
    assert.match(answer.headers['location'] ?? '', /^https:\/\/client\.example\/callback\?code=/);
    assert.equal(redirected(answer)['state'], REQUEST.state);
  });

  it('§4 no state was pushed: none is returned, whatever the browser adds', async () => {
    const { uriOf, visitor } = pushing();
    const { open, decide } = visitor();
    const dialog = await open({ client_id: ID, request_uri: await uriOf({ state: undefined }), state: 'added' });
    assert.ok(!('state' in redirected(await decide(dialog.body.transactionID))));
  });

  it('§2.2 the URI is bound to its client, and another client that tries it does not spend it', async () => {
    const { uriOf, visitor } = pushing();
    const request_uri = await uriOf();
    const { open } = visitor();
    assertErrorHere(await open({ client_id: RIVAL.client_id, request_uri }), 400, 'invalid_request_uri');
    assertErrorHere(await open({ request_uri }), 400, 'invalid_request');
    assertErrorHere(await open({ client_id: [ID, RIVAL.client_id], request_uri }), 400, 'invalid_request');
    await open({ client_id: ID, request_uri }).expect(200);
  });

  it('§4 an unknown URI, an expired one, one given twice, and one that nothing knows', async () => {
    const { uriOf, visitor, clock } = pushing();
    const { open } = visitor();
    const request_uri = await uriOf();
    const unknown = `urn:ietf:params:oauth:request_uri:${'x'.repeat(43)}`;
    assertErrorHere(await open({ client_id: ID, request_uri: unknown }), 400, 'invalid_request_uri');
    clock.now += 59;
    await open({ client_id: ID, request_uri }).expect(200);
    clock.now += 1; // expires_in, and not a second more
    assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
    const twice = redirected(await open({ ...REQUEST, request_uri: [request_uri, request_uri] }));
    assert.equal(twice['error'], 'invalid_request');
    const foreign = redirected(await open({ ...REQUEST, request_uri: 'https://client.example/object' }));
    assert.equal(foreign['error'], 'invalid_request_uri');
  });

  it('RFC 6749 §3.1: without a redirect_uri beside it, the refusal names the repeated request_uri, and no parameter that only the pushed request has', async () => {
    const several = client('several', { redirect_uris: [CALLBACK, `${CALLBACK}/2`] });
    const { uriOf, visitor, errors } = pushing({}, { clients: [CONFIDENTIAL, several] });
    const request_uri = await uriOf();
    const twice = { request_uri: [request_uri, request_uri] };
    const answer = await visitor().open({ client_id: 'several', ...twice });
    assertErrorHere(answer, 400, 'invalid_request');
    assert.match(answer.body.error_description, /request_uri must be a string/);
    assert.match(String(errors.at(-1)), /request_uri/);
    const redirect = redirected(await visitor().open({ client_id: ID, ...twice })); // to the one URI that the client registered
    assert.match(redirect['error_description'] ?? '', /request_uri must be a string/);
  });

  it('a login in front of the authorization endpoint may take too long: the reason says so; behind it, it has 10 minutes', async () => {
    const { uriOf, visitor, clock, errors } = pushing();
    const why = () => String((errors.at(-1) as Error | undefined)?.cause);
    const request_uri = await uriOf();
    const [early, late] = [visitor(), visitor()];
    const dialog = await early.open({ client_id: ID, request_uri }).expect(200);
    clock.now += 65; // a password, and a code that comes by mail
    assertErrorHere(await late.open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
    assert.match(why(), /has to follow server\.authorization\(\).*seconds_late: 5/);
    const unknown = `urn:ietf:params:oauth:request_uri:${'x'.repeat(43)}`;
    assertErrorHere(await late.open({ client_id: ID, request_uri: unknown }), 400, 'invalid_request_uri');
    assert.match(why(), /unknown/);
    assertErrorHere(await late.open({ client_id: RIVAL.client_id, request_uri }), 400, 'invalid_request_uri');
    assert.match(why(), /another client/);
    const id = dialog.body.transactionID;
    await early.agent.get('/resume').set('X-User', 'alice').query({ transaction_id: id }).expect(200);
    assert.ok(redirected(await early.decide(id))['code']);
  });

  it('RFC 9101 §7 a request object that no extension reads is refused: the parameters beside it are not used instead', async () => {
    const { visitor, push } = pushing();
    const answer = redirected(await visitor().open({ ...REQUEST, request: 'a.b.c' }));
    assert.equal(answer['error'], 'request_not_supported');
    assertErrorHere(await push({ request: 'a.b.c' }), 400, 'request_not_supported');
  });

  it('§4 the page can be loaded again; the URI is spent by the first answer, and the second dialog gets an error page', async () => {
    const { uriOf, visitor } = pushing();
    const request_uri = await uriOf();
    const { open, decide } = visitor();
    const first = await open({ client_id: ID, request_uri }).expect(200);
    const second = await open({ client_id: ID, request_uri }).expect(200);
    assert.ok(redirected(await decide(first.body.transactionID))['code']);
    assertErrorHere(await decide(second.body.transactionID), 403, 'access_denied');
    assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
  });

  it('§4 of concurrent answers to the dialogs of one URI, one counts', async () => {
    const { uriOf, visitor, errors } = pushing();
    const request_uri = await uriOf();
    const people = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const { open, decide } = visitor(`user ${n}`);
        const dialog = await open({ client_id: ID, request_uri }).expect(200);
        return () => decide(dialog.body.transactionID);
      }),
    );
    const answers = await Promise.all(people.map((decide) => decide()));
    assert.equal(answers.filter((answer) => redirected(answer)['code']).length, 1);
    assert.equal(answers.filter(({ status }) => status === 403).length, 7);
    assert.equal(errors.length, 7);
  });

  it('§4 a denial and an error spend it, too', async () => {
    const { uriOf, visitor } = pushing();
    const request_uri = await uriOf();
    const { open, decide } = visitor();
    const dialog = await open({ client_id: ID, request_uri });
    assert.equal(redirected(await decide(dialog.body.transactionID, { cancel: 'yes' }))['error'], 'access_denied');
    assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
  });

  it('§4 immediate spends it', async () => {
    const { uriOf, visitor } = pushing({}, { immediate: true });
    const request_uri = await uriOf();
    const { open } = visitor();
    assert.ok(redirected(await open({ client_id: ID, request_uri }))['code']);
    assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
  });

  it('a dialog that was opened in the last second may wait for ten minutes, and goes on after a resume', async () => {
    const { uriOf, visitor, clock } = pushing();
    const { agent, open, decide } = visitor();
    const request_uri = await uriOf();
    clock.now += 59;
    const { transactionID } = (await open({ client_id: ID, request_uri }).expect(200)).body;
    clock.now += 300;
    const resumed = await agent.get('/resume').set('X-User', 'alice').query({ transaction_id: transactionID });
    assert.deepEqual(resumed.body.req.scope, ['read', 'write']);
    clock.now += 300;
    assert.ok(redirected(await decide(transactionID))['code']);
    assertErrorHere(await open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
  });

  it('the registration is compared again: a redirect URI that was withdrawn meanwhile gets nothing', async () => {
    const registration = { ...CONFIDENTIAL, redirect_uris: [CALLBACK] };
    const { uriOf, visitor } = pushing({}, { clients: [registration] });
    const request_uri = await uriOf();
    registration.redirect_uris = ['https://client.example/new'];
    assertErrorHere(await visitor().open({ client_id: ID, request_uri }), 400, 'invalid_request');
  });

  it('is judged once: extensions read the request where it was pushed, with its headers', async () => {
    const read: string[] = [];
    const header: Extension<App, User> = {
      name: 'header',
      authorization: {
        parse({ ctx }) {
          read.push(ctx.path);
          return { header: ctx.get('X-Key') } as object;
        },
      },
    };
    const { push, visitor } = pushing({}, { plugs: [header] });
    const { request_uri } = (await push().set('X-Key', 'of the client').expect(201)).body;
    const dialog = await visitor().open({ client_id: ID, request_uri }).expect(200);
    assert.equal(dialog.body.req.header, 'of the client');
    assert.deepEqual(read, ['/par']);
  });

  it('a session in a cookie keeps the reference, and nothing of a long request', async () => {
    const { uriOf, visitor } = pushing();
    const { open, decide } = visitor();
    const scope = Array.from({ length: 800 }, (_, n) => `scope${n}`).join(' ');
    const dialog = await open({ client_id: ID, request_uri: await uriOf({ scope }) }).expect(200);
    const cookie = String(dialog.headers['set-cookie']);
    assert.ok(cookie.length < 1500, `${cookie.length}`);
    assert.ok(redirected(await decide(dialog.body.transactionID))['code']);
  });

  it('a URI of one server is none at another over the same store', async () => {
    const store = memoryStore();
    const one = pushing({}, { store });
    const two = pushingServer({ store, plugs: [pushedRequests()], name: 'another server' });
    assertErrorHere(
      await two.visitor().open({ client_id: ID, request_uri: await one.uriOf() }),
      400,
      'invalid_request_uri',
    );
  });
});

describe('RFC 9126 §5, §6: requests that must be pushed', () => {
  it('§5 the metadata says where, and whether it must be', async () => {
    const { metadata } = pushing();
    const { pushed_authorization_request_endpoint: url, require_pushed_authorization_requests: must } =
      await metadata();
    assert.deepEqual([url, must], [`${ISSUER}/par`, false]);
    assert.equal((await pushing({ required: true }).metadata()).require_pushed_authorization_requests, true);
  });

  it('§5 required: a request that was not pushed is refused, and the error is redirected to the client', async () => {
    const { visitor, uriOf } = pushing({ required: true });
    const { open } = visitor();
    const answer = redirected(await open(REQUEST));
    assert.deepEqual([answer['error'], answer['state']], ['invalid_request', REQUEST.state]);
    await open({ client_id: ID, request_uri: await uriOf() }).expect(200);
  });

  for (const value of [true, 'true', 1, 'no idea', {}]) {
    it(`§6 require_pushed_authorization_requests of a client: ${JSON.stringify(value)}`, async () => {
      const strict = client('strict', { client_secret: 'a secret', require_pushed_authorization_requests: value });
      const { visitor, uriOf } = pushing({}, { clients: [CONFIDENTIAL, strict] });
      const { open } = visitor();
      assert.equal(redirected(await open({ ...REQUEST, client_id: 'strict' }))['error'], 'invalid_request');
      await open({ client_id: 'strict', request_uri: await uriOf({}, strict) }).expect(200);
      await open(REQUEST).expect(200);
    });
  }

  it('§6 false restricts nothing', async () => {
    const free = client('free', { client_secret: 'a secret', require_pushed_authorization_requests: false });
    await pushing({}, { clients: [free] })
      .visitor()
      .open({ ...REQUEST, client_id: 'free' })
      .expect(200);
  });
});

describe('RFC 9126 §2.1: a pushed request is judged as the authorization endpoint would judge it', () => {
  const own = ((txn, response, params) => {
    response.redirect(`${txn.redirectURI}?own=${params['code']}`);
  }) satisfies ResponseModes[string];

  it('by the scope separators and response modes of server.authorization(), which nobody says twice', async () => {
    const modes = { own };
    const options = { scopeSeparator: ',', modes };
    const { uriOf, push, visitor } = pushing(
      {},
      { authorization: (server) => server.authorization(options), decision: (server) => server.decision({ modes }) },
    );
    const request_uri = await uriOf({ scope: 'read,write', response_mode: 'own' });
    const { open, decide } = visitor();
    const dialog = await open({ client_id: ID, request_uri }).expect(200);
    assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
    assert.match((await decide(dialog.body.transactionID)).headers['location'] ?? '', /\?own=[\w-]+$/);
    const { error } = (await push({ response_mode: 'another' }).expect(400)).body;
    assert.equal(error, 'invalid_request');
  });

  it('where two authorization endpoints read differently, that is said at start', () => {
    const twice = (...options: readonly object[]) => {
      const { server } = pushing();
      for (const each of options) server.authorization(each);
      return () => server.check();
    };
    for (const differing of [{ scopeSeparator: ',' }, { modes: { own } }])
      assert.throws(twice(differing), /several times with different `modes` or `scopeSeparator`/);
    assert.doesNotThrow(twice({}, { scopeSeparator: ' ', idLength: 30 }, { modes: {} }));
  });
});
