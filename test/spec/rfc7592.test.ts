/** RFC 7592: a client reads, changes and removes its registration, over HTTP. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { type ClientRegistry, dpop, type RegisteredClient, registeredClients } from 'koauthorize';
import type { TokenRecord } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { ISSUER, VERIFIER } from '../support/authorization-server.js';
import { type Information, type RegistrationServer, registrationServer, WEB } from '../support/registration-server.js';
import { recordingStore, watched } from '../support/token-store.js';

const PUBLIC = { ...WEB, token_endpoint_auth_method: 'none' };

/** What the client sends to replace its registration. */
const own = ({ client_id }: Information, more: object = WEB) => ({ client_id, ...more });

async function withClient(setup: Parameters<typeof registrationServer>[0] = {}, sent: object = WEB) {
  const server = registrationServer(setup);
  return { ...server, client: await server.registered(sent) };
}

describe('RFC 7592 §2.1 reads a registration', () => {
  it('200 with all that is registered, the URL and the token that was sent, without the secret, and no caching', async () => {
    const { client, manage } = await withClient({}, { ...WEB, client_name: 'Notes', 'client_name#de': 'Notizen' });
    const { body, headers } = await manage('get', client).expect(200);
    const { client_secret, ...rest } = client;
    assert.ok(client_secret);
    assert.deepEqual(body, rest);
    assert.equal(headers['cache-control'], 'no-store');
  });

  it('HEAD is answered as GET is, without a body', async () => {
    const { client, http } = await withClient();
    const { pathname, search } = new URL(client.registration_client_uri);
    const { text } = await http()
      .head(pathname + search)
      .auth(client.registration_access_token, { type: 'bearer' })
      .expect(200);
    assert.equal(text ?? '', '');
  });

  it('401 without a token, with a wrong one, with that of another client, with its secret, and in the URL', async () => {
    const { client, manage, registered, http } = await withClient();
    const other = await registered();
    const kept = `${client.registration_client_uri}&access_token=${client.registration_access_token}`;
    const { pathname, search } = new URL(kept);
    const answers = [
      await manage('get', client, undefined, ''),
      await manage('get', client, undefined, 'wrong'),
      await manage('get', client, undefined, other.registration_access_token),
      await manage('get', client, undefined, client.client_secret),
      await http().get(pathname + search),
    ];
    for (const { status, body, headers } of answers) {
      assert.equal(status, 401);
      assert.match(String(headers['www-authenticate']), /^Bearer realm="registration"/);
      assert.equal(JSON.stringify(body).includes(client.client_id), false);
    }
  });

  it('a hash that is kept is no token', async () => {
    const { client, manage, clients } = await withClient();
    const kept = (await clients.find(client.client_id)) || undefined;
    for (const hash of [kept?.registration_access_token_hash, kept?.client_secret_hash]) {
      assert.ok(hash);
      await manage('get', client, undefined, hash).expect(401);
    }
  });

  it('§2.1 an unknown client gets the same response as a wrong token: 401 with the same message', async () => {
    const { client, manage } = await withClient();
    const wrong = await manage('get', client, undefined, 'wrong');
    for (const client_id of ['x'.repeat(24), 'x', '', 'https://client.example/', '\0', 'x'.repeat(5000)]) {
      const nobody = {
        ...client,
        registration_client_uri: `${ISSUER}/register/client?client_id=${encodeURIComponent(client_id)}`,
      };
      const { status, body, headers } = await manage('get', nobody);
      assert.deepEqual([status, body], [wrong.status, wrong.body], client_id);
      assert.equal(headers['www-authenticate'], wrong.headers['www-authenticate']);
    }
  });

  it('a registry that ignores case, as databases do, finds no other client; for what can be no identifier it is not asked', async () => {
    const inner = registeredClients(memoryStore(), { now: () => 1_767_225_600 });
    const asked: string[] = [];
    let own = '';
    const clients: ClientRegistry = {
      find(id) {
        asked.push(id);
        return inner.find(id.toLowerCase() === own.toLowerCase() ? own : id);
      },
      create: (client) => inner.create(client),
      update: (client) => inner.update(client),
      remove: (id) => inner.remove(id),
    };
    const { client, manage, codeFor } = await withClient({ registration: { clients } });
    own = client.client_id;
    const other = own.replace(/[a-z]/gi, (one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()));
    const uri = client.registration_client_uri.replace(own, other);
    await manage('get', { ...client, registration_client_uri: uri }).expect(401);
    assert.equal((await codeFor(other))['code'], undefined);
    assert.ok((await codeFor(own))['code']);
    asked.length = 0;
    for (const id of ['https://client.example/', 'x', `${own}x`, `${own.slice(1)}.`]) await codeFor(id);
    assert.deepEqual(asked, []);
  });

  it('an access token of a user is no registration access token', async () => {
    const { client, manage, connect } = await withClient();
    const { access_token } = (await connect(client)).body;
    await manage('get', client, undefined, access_token).expect(401);
  });

  it('a registration access token is no access token', async () => {
    const { client, tokens } = await withClient();
    assert.equal(await tokens.verify(client.registration_access_token), undefined);
  });

  it('§2.1 403 where the client may not: what mayManage gives must be exactly true', async () => {
    let given: unknown = true;
    const asked: unknown[] = [];
    const mayManage = (client: RegisteredClient, { method }: { method: string }) => {
      asked.push([client.client_id, method]);
      return given as boolean;
    };
    const { client, manage, clients } = await withClient({ registration: { mayManage } });
    await manage('get', client).expect(200);
    for (given of [false, undefined, 'yes', 1]) {
      for (const method of ['get', 'put', 'delete'] as const) {
        const { body } = await manage(method, client, method === 'put' ? own(client) : undefined).expect(403);
        assert.equal(body.error, 'access_denied');
      }
    }
    assert.deepEqual(asked.slice(0, 3), [
      [client.client_id, 'GET'],
      [client.client_id, 'GET'],
      [client.client_id, 'PUT'],
    ]);
    assert.ok(await clients.find(client.client_id));
  });

  it('without management nothing of it is there: no token, no URL, no endpoint', async () => {
    const { client, http } = await withClient({ registration: { management: false } });
    assert.deepEqual([client.registration_access_token, client.registration_client_uri], [undefined, undefined]);
    await http().get(`/register/client?client_id=${client.client_id}`).expect(404);
  });

  it('other methods are 405 with those that there are', async () => {
    const { client, http } = await withClient();
    const { pathname, search } = new URL(client.registration_client_uri);
    await http()
      .post(pathname + search)
      .expect(405)
      .expect('Allow', 'GET, PUT, DELETE');
  });
});

describe('RFC 7592 §2.2 changes a registration', () => {
  it('the request replaces all: what it leaves out is removed, or gets its default', async () => {
    const sent = { ...WEB, client_name: 'Notes', scope: 'a b', grant_types: ['authorization_code', 'refresh_token'] };
    const { client, manage } = await withClient({}, sent);
    const { body } = await manage('put', client, own(client, { redirect_uris: ['https://client.example/new'] })).expect(
      200,
    );
    const { client_secret, ...rest } = client;
    assert.ok(client_secret);
    const { client_name, scope, ...left } = rest;
    assert.deepEqual([client_name, scope], ['Notes', 'a b']);
    const expected = { ...left, redirect_uris: ['https://client.example/new'], grant_types: ['authorization_code'] };
    assert.deepEqual(body, expected);
    assert.deepEqual((await manage('get', client).expect(200)).body, expected);
  });

  it('what was changed counts at once', async () => {
    const { client, manage, codeFor } = await withClient();
    const redirect_uris = ['https://client.example/new'];
    await manage('put', client, own(client, { redirect_uris })).expect(200);
    assert.equal((await codeFor(client.client_id, { redirect_uri: WEB.redirect_uris[0] ?? '' }))['code'], undefined);
    assert.ok((await codeFor(client.client_id, { redirect_uri: redirect_uris[0] ?? '' }))['code']);
  });

  it('what is wrong is refused as at the registration, and nothing is changed', async () => {
    const { client, manage } = await withClient();
    const before = (await manage('get', client)).body;
    for (const [more, error] of [
      [{ redirect_uris: ['http://client.example/'] }, 'invalid_redirect_uri'],
      [{}, 'invalid_redirect_uri'],
      [{ ...WEB, token_endpoint_auth_method: 'magic' }, 'invalid_client_metadata'],
      [{ ...WEB, jwks: { keys: [{ kty: 'oct', k: 'x' }] } }, 'invalid_client_metadata'],
    ] as const)
      assert.equal((await manage('put', client, own(client, more)).expect(400)).body.error, error);
    const { body } = await manage('put', client).expect(415);
    assert.equal(body.error, 'invalid_request');
    assert.deepEqual((await manage('get', client)).body, before);
  });

  it('a change that the registry did not make, because another one was first, is 409', async () => {
    const { client, manage, clients } = await withClient();
    for (const given of [false, undefined, 'yes']) {
      clients.update = async () => given as boolean;
      assert.equal((await manage('put', client, own(client)).expect(409)).body.error, 'invalid_request');
    }
  });

  it('client_id must be there, and be its own', async () => {
    const { client, manage, registered } = await withClient();
    const other = await registered();
    for (const client_id of [undefined, null, '', other.client_id, 5, [client.client_id]]) {
      const { body } = await manage('put', client, { ...WEB, client_id }).expect(400);
      assert.equal(body.error, 'invalid_client_metadata');
    }
  });

  it('a client_secret must match: the client cannot choose one', async () => {
    const { client, manage, connect, clients } = await withClient();
    const kept = (await clients.find(client.client_id)) || undefined;
    for (const client_secret of ['chosen', '', null, 5, [client.client_secret], kept?.client_secret_hash]) {
      const { body } = await manage('put', client, own(client, { ...WEB, client_secret })).expect(400);
      assert.equal(body.error, 'invalid_client_metadata', JSON.stringify(client_secret));
    }
    await manage('put', client, own(client, { ...WEB, client_secret: client.client_secret })).expect(200);
    assert.equal((await connect(client)).status, 200);
  });

  it('a public client cannot send a secret', async () => {
    const { client, manage } = await withClient({}, PUBLIC);
    await manage('put', client, own(client, { ...PUBLIC, client_secret: 'chosen' })).expect(400);
  });

  it('four members must not be sent', async () => {
    const { client, manage } = await withClient();
    for (const name of [
      'registration_access_token',
      'registration_client_uri',
      'client_secret_expires_at',
      'client_id_issued_at',
    ]) {
      const { body } = await manage('put', client, own(client, { ...WEB, [name]: client[name] })).expect(400);
      assert.deepEqual(body, { error: 'invalid_client_metadata', error_description: `${name} must not be sent` });
    }
  });

  it('a secret is kept, and not told again; it is new where the method needs one for the first time, and gone where it needs none', async () => {
    const { client, manage, connect } = await withClient();
    const same = (await manage('put', client, own(client)).expect(200)).body;
    assert.deepEqual([same.client_secret, same.client_secret_expires_at], [undefined, 0]);
    assert.equal((await connect(client)).status, 200);
    const open = (await manage('put', client, own(client, PUBLIC)).expect(200)).body;
    assert.deepEqual([open.client_secret, open.client_secret_expires_at], [undefined, undefined]);
    assert.equal((await connect(client)).body.error, 'invalid_client');
    assert.equal((await connect({ ...client, client_secret: undefined } as never)).status, 200);
    const secret = (await manage('put', client, own(client)).expect(200)).body.client_secret;
    assert.match(secret, /^[\w-]{43}$/);
    assert.notEqual(secret, client.client_secret);
    assert.equal((await connect({ ...client, client_secret: secret })).status, 200);
    assert.equal((await connect(client)).body.error, 'invalid_client');
  });

  it('a secret that has expired is replaced, and one that is good is not', async () => {
    const { client, manage, connect, clock } = await withClient({ registration: { secretLifetime: 3600 } });
    clock.now += 3599;
    assert.equal((await manage('put', client, own(client)).expect(200)).body.client_secret, undefined);
    clock.now += 1;
    const { client_secret, client_secret_expires_at } = (await manage('put', client, own(client)).expect(200)).body;
    assert.equal(client_secret_expires_at, clock.now + 3600);
    assert.equal((await connect({ ...client, client_secret })).status, 200);
  });

  it('the registration access token stays, so that a lost answer locks no client out; with rotateAccessToken it is new', async () => {
    const staying = await withClient();
    const { body } = await staying.manage('put', staying.client, own(staying.client)).expect(200);
    assert.equal(body.registration_access_token, staying.client.registration_access_token);
    const { client, manage } = await withClient({ registration: { rotateAccessToken: true } });
    const next = (await manage('put', client, own(client)).expect(200)).body.registration_access_token;
    assert.notEqual(next, client.registration_access_token);
    await manage('get', client).expect(401);
    assert.equal((await manage('get', client, undefined, next).expect(200)).body.registration_access_token, next);
  });

  it('when it was issued, and how long an unused client stays, is not changed', async () => {
    const { client, manage, clients, clock } = await withClient();
    clock.now += 60 * 60;
    const { body } = await manage('put', client, own(client)).expect(200);
    assert.equal(body.client_id_issued_at, client['client_id_issued_at']);
    clock.now += 23 * 60 * 60;
    await manage('get', client).expect(401);
    assert.equal(await clients.find(client.client_id), undefined);
  });

  it('review sees the registration as it was', async () => {
    const seen: unknown[] = [];
    const { client, manage } = await withClient(
      {
        registration: {
          review(metadata, { earlier }) {
            seen.push(earlier?.client_name);
            return metadata;
          },
        },
      },
      { ...WEB, client_name: 'Old' },
    );
    await manage('put', client, own(client, { ...WEB, client_name: 'New' })).expect(200);
    assert.deepEqual(seen, [undefined, 'Old']);
  });
});

describe('RFC 7592 §2.3 removes a registration', () => {
  const isOver = async ({ client, manage, codeFor }: RegistrationServer & { client: Information }) => {
    await manage('get', client).expect(401);
    assert.equal((await codeFor(client.client_id))['code'], undefined);
  };

  it('204 without a body; the client, its token, and all that it was allowed are gone', async () => {
    const made = await withClient({}, { ...WEB, grant_types: ['authorization_code', 'refresh_token'] });
    const { client, manage, connect, codeFor, post, tokens } = made;
    const { access_token, refresh_token } = (await connect(client)).body;
    assert.ok(await tokens.verify(access_token));
    const { code } = await codeFor(client.client_id);
    const { text } = await manage('delete', client).expect(204);
    assert.equal(text, '');
    assert.equal(await tokens.verify(access_token), undefined);
    assert.deepEqual(await tokens.introspect(refresh_token), { active: false });
    await isOver(made);
    for (const params of [
      { grant_type: 'refresh_token', refresh_token },
      { grant_type: 'authorization_code', code, code_verifier: VERIFIER },
    ])
      assert.equal((await post('/token', params, client)).body.error, 'invalid_client');
    await manage('delete', client).expect(401);
  });

  it('tokens that are issued while the client is removed are revoked, too', async () => {
    const { client, manage, connect, tokens, clients, store } = await withClient();
    await connect(client); // so that there is something to look for
    const remove = clients.remove.bind(clients);
    const late: string[] = [];
    clients.remove = async (clientID) => {
      late.push((await connect(client)).body.access_token);
      return remove(clientID);
    };
    await manage('delete', client).expect(204);
    assert.equal(late.length, 1);
    assert.equal(await tokens.verify(late[0] ?? ''), undefined);
    assert.ok(store);
  });

  for (const isTold of [true, false])
    it(`the first tokens, too, that a client is given while it is removed: where the registry ${isTold ? 'says' : 'does not say'} what it has removed`, async () => {
      const { client, manage, connect, tokens, clients } = await withClient();
      const remove = clients.remove.bind(clients);
      const late: string[] = [];
      clients.remove = async (clientID) => {
        late.push((await connect(client)).body.access_token);
        const removed = await remove(clientID);
        return isTold ? removed : undefined;
      };
      await manage('delete', client).expect(204);
      assert.equal(late.length, 1);
      assert.equal(await tokens.verify(late[0] ?? ''), undefined);
    });

  it('a client that is removed while its first tokens are made is given none', async () => {
    let meanwhile = async (): Promise<void> => {};
    const plug = { name: 'meanwhile', token: { check: () => meanwhile().then(() => undefined) } };
    const { client, manage, connect, tokens } = await withClient({ plugs: [plug] });
    const issued: unknown[] = [];
    tokens.events.on('issued', ({ kinds }) => issued.push(kinds));
    meanwhile = async () => void (await manage('delete', client).expect(204));
    const { status, body } = await connect(client);
    assert.deepEqual([status, body.error], [400, 'unauthorized_client']);
    assert.deepEqual(issued, [['code']]);
  });

  for (const wasUsed of [true, false])
    it(`a client_credentials token that is issued during the removal is revoked, ${wasUsed ? 'although it was given tokens before' : 'its first tokens too'}`, async () => {
      const own = { ...WEB, grant_types: ['client_credentials'], response_types: [] };
      let meanwhile: (() => Promise<unknown>) | undefined;
      const stored: string[] = [];
      const store = watched(async (method, [records], call) => {
        const tokens = method === 'put' ? (records as readonly TokenRecord[]) : [];
        const ids = tokens.filter(({ kind }) => kind === 'access_token').map(({ id }) => id);
        stored.push(...ids);
        const remove = ids.length > 0 ? meanwhile : undefined;
        await remove?.();
        return call();
      });
      const registration = { grantTypes: ['client_credentials'] };
      const { client, manage, post, tokens, clock } = await withClient({ store, registration }, own);
      const ask = () => post('/token', { grant_type: 'client_credentials' }, client);
      const first = wasUsed ? (await ask().expect(200)).body.access_token : '';
      meanwhile = () => manage('delete', client).expect(204);
      const { status, body } = await ask();
      assert.deepEqual([status, body.error, body.access_token], [400, 'unauthorized_client', undefined]);
      for (const id of stored) assert.equal(await store.get(id, clock.now), undefined);
      assert.equal(await tokens.verify(first), undefined);
      assert.equal(stored.length, wasUsed ? 2 : 1);
    });

  it('other clients keep theirs', async () => {
    const { client, manage, connect, registered, tokens } = await withClient();
    const other = await registered();
    const { access_token } = (await connect(other)).body;
    await connect(client);
    await manage('delete', client).expect(204);
    assert.ok(await tokens.verify(access_token));
    await manage('get', other).expect(200);
  });

  it('if its tokens cannot be ended the client stays, and can try again', async () => {
    let isBroken = true;
    const end = async () => {
      if (isBroken) throw new Error('the disk is full');
    };
    const { client, manage, connect } = await withClient({ registration: { end } });
    await connect(client);
    await manage('delete', client).expect(500);
    await manage('get', client).expect(200);
    isBroken = false;
    await manage('delete', client).expect(204);
    await manage('get', client).expect(401);
  });

  it('for a client that never got tokens, the store is not searched, so that registering and removing in a loop is cheap', async () => {
    const { store, calls } = recordingStore();
    const listed: string[] = [];
    const watching = {
      ...store,
      listByClient(id: string, now: number) {
        listed.push(id);
        return store.listByClient(id, now);
      },
    };
    const { client, manage, connect, registered } = await withClient({ store: watching });
    await manage('delete', client).expect(204);
    assert.deepEqual(listed, []);
    const used = await registered();
    await connect(used);
    await manage('delete', used).expect(204);
    assert.deepEqual([...new Set(listed)], [used.client_id]);
    assert.ok(calls.length > 0);
  });
});

describe('RFC 7592 §2.3, removals at the same moment', () => {
  /** A server whose store is being searched for tokens of clients until `finish` is called. */
  async function searched() {
    const searches: string[] = [];
    const waiting: (() => void)[] = [];
    const state = { isSlow: true };
    const { store } = recordingStore();
    const slow = {
      ...store,
      async *listByClient(id: string, now: number) {
        searches.push(id);
        if (state.isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
        yield* store.listByClient(id, now);
      },
    };
    const made = await withClient({ store: slow });
    const finish = () => {
      state.isSlow = false;
      for (const each of waiting) each();
    };
    return { ...made, searches, finish };
  }
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise(setImmediate);
  };

  it('search the store one after the other, and once for each client: whoever registers cannot flood it', async () => {
    const { client, manage, connect, registered, searches, finish } = await searched();
    const other = await registered();
    for (const each of [client, other]) await connect(each);
    const removals = [client, client, other].map((each) => manage('delete', each).then(({ status }) => status));
    await until(() => searches.length > 0);
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    assert.equal(searches.length, 1);
    finish();
    assert.deepEqual(await Promise.all(removals), [204, 204, 204]);
    assert.deepEqual(
      searches.slice().sort(),
      [client.client_id, client.client_id, other.client_id, other.client_id].sort(),
    );
  });

  it('get 503 with Retry-After where ten wait', async () => {
    const { client, manage, connect, searches, finish } = await searched();
    await connect(client);
    const answers = Array.from({ length: 12 }, () => manage('delete', client));
    const removals = answers.map((answer) => answer.then(({ status, headers }) => [status, headers['retry-after']]));
    const refused = await Promise.race(removals);
    assert.deepEqual(refused, [503, '5']);
    await until(() => searches.length > 0);
    finish();
    const all = await Promise.all(removals);
    assert.equal(all.filter(([status]) => status === 204).length, 11);
  });

  it('do not wait for ever for one that does not end: it gets 503 after 30 s, the operator is told, and the next one begins', async () => {
    let calls = 0;
    const end = () => (++calls === 1 ? new Promise<void>(() => {}) : undefined);
    const { manage, connect, registered, errors } = registrationServer({ registration: { end } });
    const clients = [await registered(), await registered()];
    for (const each of clients) await connect(each);
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const removals = clients.map((each) => manage('delete', each).then(({ status }) => status));
      await until(() => calls === 1);
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      assert.equal(calls, 1);
      mock.timers.tick(30_000);
      assert.deepEqual((await Promise.all(removals)).sort(), [204, 503]);
    } finally {
      mock.timers.reset();
    }
    assert.deepEqual(errors.map(String), ['OAuth2Error: The client cannot be removed now']);
  });
});

describe('RFC 7592, the server', () => {
  it('without a token service, or end, nothing would end the tokens: an error before the first request', () => {
    const { server } = registrationServer({ options: { tokens: undefined as never } });
    assert.throws(() => server.check(), /ends the tokens of clients/);
    registrationServer({ options: { tokens: undefined as never }, registration: { end: () => {} } }).server.check();
    registrationServer({ options: { tokens: undefined as never }, registration: { management: false } }).server.check();
  });

  it('without an issuer, and without authentication methods, an error before the first request', () => {
    const none = registrationServer({ registration: { authMethods: ['magic'] } });
    assert.throws(() => none.server.check(), /no authentication method/);
    assert.throws(() => registrationServer({ options: { issuer: undefined as never } }).server.check(), /issuer/);
  });

  it('where the endpoints are is said as everywhere, and told', async () => {
    const endpoints = { registration: '/clients', client_configuration: '/clients/mine' };
    const { http } = registrationServer({ options: { endpoints } });
    const { body } = await http().post('/clients').send(WEB).expect(201);
    assert.equal(body.registration_client_uri, `${ISSUER}/clients/mine?client_id=${body.client_id}`);
    const { body: metadata } = await http().get('/.well-known/oauth-authorization-server');
    assert.equal(metadata.registration_endpoint, `${ISSUER}/clients`);
    assert.equal('client_configuration_endpoint' in metadata, false);
  });

  it('scripts of allowed origins may register and manage, and those of others may not', async () => {
    const origin = 'https://spa.example';
    const { http } = registrationServer({ options: { allowOrigins: [origin] } });
    const preflight = (from: string) =>
      http().options('/register/client').set('Origin', from).set('Access-Control-Request-Method', 'PUT');
    const { headers } = await preflight(origin).expect(204);
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.match(headers['access-control-allow-methods'] ?? '', /PUT/);
    assert.equal((await preflight('https://evil.example')).headers['access-control-allow-origin'], undefined);
  });

  it('a client that registered to have bound tokens only gets no others', async () => {
    const { client, connect } = await withClient({ plugs: [dpop()] }, { ...WEB, dpop_bound_access_tokens: true });
    assert.equal((await connect(client)).body.error, 'invalid_dpop_proof');
  });
});
