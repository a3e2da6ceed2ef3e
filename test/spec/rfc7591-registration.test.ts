/** RFC 7591: clients register themselves, over HTTP. */
import assert from 'node:assert/strict';
import {
  backchannelAuthentication,
  clientRegistration,
  grant,
  jwks,
  openid,
  Reason,
  type RegisteredClient,
  registeredClients,
} from 'koauthorize';
import { clientSecretBasic, clientSecretJwt, none } from 'koauthorize/client-auth';
import { generateSigningKey, keySet } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { CALLBACK, ISSUER, type User } from '../support/authorization-server.js';
import { registrationServer, TOKEN, WEB } from '../support/registration-server.js';
import { recordingStore } from '../support/token-store.js';

const invalid = { error: 'invalid_client_metadata' } as const;

describe('RFC 7591 §3 who may register', () => {
  const initialAccess = (token: string) => token === TOKEN;

  it('§3 without a token, or with a wrong one, nobody registers: 401 with a challenge', async () => {
    const { register, clients } = registrationServer({ registration: { initialAccess } });
    const without = await register().expect(401);
    assert.match(String(without.headers['www-authenticate']), /^Bearer realm="registration"$/);
    const wrong = await register(WEB, 'another').expect(401);
    assert.match(String(wrong.headers['www-authenticate']), /error="invalid_token"/);
    for (const { body } of [without, wrong]) assert.equal(await clients.find(body.client_id ?? ''), undefined);
    await register(WEB, TOKEN).expect(201);
  });

  it('§3 what the callback gives must be exactly true', async () => {
    for (const given of ['yes', 1, {}, null, undefined, false]) {
      const { register } = registrationServer({ registration: { initialAccess: () => given as never } });
      await register(WEB, TOKEN).expect(401);
    }
  });

  it('§3 an access token needs the scope for it: 403 with that scope', async () => {
    const scopes: Record<string, readonly string[]> = { user: ['openid'], registrar: ['register'] };
    const verify = (token: string) => (scopes[token] ? { scope: scopes[token] ?? [], subject: token } : undefined);
    const seen: unknown[] = [];
    const { register } = registrationServer({
      registration: {
        initialAccess: { verify, scope: ['register'] },
        review(metadata, { token, initialAccessToken }) {
          seen.push(token?.subject, initialAccessToken);
          return metadata;
        },
      },
    });
    const { headers } = await register(WEB, 'user').expect(403);
    assert.match(
      String(headers['www-authenticate']),
      /error="insufficient_scope".*scope="register"|scope="register".*error="insufficient_scope"/,
    );
    await register(WEB, 'nobody').expect(401);
    await register(WEB, 'registrar').expect(201);
    assert.deepEqual(seen, ['registrar', 'registrar']);
  });

  it('anybody may register only with allowAnyone: a configuration without a rule is an error at start', () => {
    const clients = registeredClients(memoryStore());
    const made = (registration: object) => () => registrationServer({ registration: { ...registration, clients } });
    assert.throws(made({ allowAnyone: false }), /needs to know who may register/);
    assert.throws(made({ allowAnyone: true, initialAccess }), /not both/);
    assert.throws(made({ initialAccess: { verify: () => undefined, scope: [] } }), /needs a scope/);
    assert.throws(made({ softwareStatements: { issuers: {} } }), TypeError);
    assert.throws(made({ opne: true }), /no option opne/);
    assert.throws(made({ unusedLifetime: 5 }), /unusedLifetime/);
    assert.throws(made({ schemes: ['javascript'] }), /schemes/);
    for (const scheme of ['', 'Cursor', '1app', 'my app', 'app:'])
      assert.throws(made({ schemes: [scheme] }), /schemes/);
    assert.throws(made({ initialAccess: { verify: () => undefined, scope: ['a b'] } }), /scope/);
    assert.throws(
      made({ initialAccess: { verify: () => undefined, scope: ['a'], scopes: ['a'] } }),
      /no option scopes/,
    );
    for (const name of ['url', 'configurationURL'])
      assert.throws(made({ allowAnyone: true, [name]: 'http://as.example/x#y' }), TypeError, name);
    assert.throws(() => clientRegistration({ allowAnyone: true } as never), /clients \}\) is needed/);
  });

  it('RFC 6750 §3 the challenge names the scope that an access token must have; review is told nothing of a token that has none', async () => {
    const verify = () => undefined;
    const { register } = registrationServer({ registration: { initialAccess: { verify, scope: ['register'] } } });
    const { headers } = await register(WEB).expect(401);
    assert.match(String(headers['www-authenticate']), /realm="registration".*scope="register"/);
    const seen: unknown[] = [];
    const invited = registrationServer({
      registration: {
        initialAccess: (token) => token === 'x',
        review(metadata, { token, initialAccessToken }) {
          seen.push(token, initialAccessToken);
          return metadata;
        },
      },
    });
    await invited.register(WEB, 'x').expect(201);
    assert.deepEqual(seen, [undefined, 'x']);
  });

  it('an off-switch refuses new clients as long as it lasts, and those that there are go on working', async () => {
    let isOpen: unknown = true;
    const { register, registered, manage, connect } = registrationServer({
      registration: { isOpen: () => isOpen as boolean },
    });
    const client = await registered();
    for (isOpen of [false, undefined, 'yes']) {
      const { body } = await register().expect(503);
      assert.equal(body.error, 'temporarily_unavailable');
    }
    await manage('get', client).expect(200);
    assert.equal((await connect(client)).status, 200);
  });
});

describe('RFC 7591 §3.1 the request', () => {
  it('§3.1 is a POST of a JSON object: other methods, types and values are refused', async () => {
    const { http } = registrationServer();
    await http().get('/register').expect(405).expect('Allow', 'POST');
    const send = (type: string, text: string) => http().post('/register').set('Content-Type', type).send(text);
    await send('application/x-www-form-urlencoded', 'redirect_uris=x').expect(415);
    await send('text/plain', JSON.stringify(WEB)).expect(415);
    for (const text of ['', '{', 'null', '[]', '"x"', '5', 'true']) {
      const { body } = await send('application/json', text).expect(400);
      assert.equal(body.error, invalid.error, text);
    }
    const deep = `${'{"jwks":'.repeat(40)}{}${'}'.repeat(40)}`;
    assert.equal((await send('application/json', deep).expect(400)).body.error, invalid.error);
    await send('application/json', JSON.stringify({ ...WEB, client_name: 'x'.repeat(65_536) })).expect(413);
    await send('application/json; charset=utf-8', JSON.stringify(WEB)).expect(201);
  });

  it('§3.1 what a body parser has read before counts', async () => {
    const { register } = registrationServer({
      async before(ctx, next) {
        if (ctx.method === 'POST') {
          let text = '';
          for await (const chunk of ctx.req) text += chunk;
          (ctx.request as { body?: unknown }).body = JSON.parse(text);
        }
        await next();
      },
    });
    assert.deepEqual((await register().expect(201)).body.redirect_uris, WEB.redirect_uris);
  });

  it('§2 unknown members are ignored, and stored only with keepUnknownMembers', async () => {
    const sent = { ...WEB, resource_server: true, subject_type: 'pairwise', 'client_name#a b': 'x', toString: 'x' };
    const { registered } = registrationServer();
    const told = await registered(sent);
    for (const name of ['resource_server', 'subject_type', 'client_name#a b', 'toString'])
      assert.ok(!Object.hasOwn(told, name), name);
    const keeping = registrationServer({ registration: { keepUnknownMembers: true } });
    const kept = await keeping.registered(sent);
    assert.equal(kept['resource_server'], true);
    assert.equal(Object.hasOwn(kept, 'toString'), true);
  });

  it('texts that databases refuse are refused, in names and deep inside, too', async () => {
    const { register } = registrationServer();
    for (const text of ['\u0000', '\ud800', '\udc00b'])
      for (const sent of [
        { client_name: text },
        { jwks: { keys: [{ [text]: 'x' }] } },
        { default_acr_values: [text] },
      ]) {
        const { body } = await register({ ...WEB, ...sent }).expect(400);
        assert.equal(body.error, 'invalid_client_metadata');
        assert.match(body.error_description, /A text has NUL/);
      }
    await register({ ...WEB, client_name: '\u{1f389}' }).expect(201);
  });

  it('a registration of more than 32 KiB is not kept: 413', async () => {
    const { register } = registrationServer({ registration: { keepUnknownMembers: true } });
    await register({ ...WEB, note: 'x'.repeat(33_000) }).expect(413);
    await register({ ...WEB, note: 'x'.repeat(31_000) }).expect(201);
  });

  it('a client cannot choose members that the server sets, not even with keepUnknownMembers', async () => {
    const chosen = {
      client_id: 'https://chosen.example/',
      client_id_issued_at: 1,
      client_secret: 'chosen',
      client_secret_hash: 'chosen',
      client_secret_expires_at: 1,
      registration_access_token: 'chosen',
      registration_access_token_hash: 'chosen',
      registration_client_uri: 'https://chosen.example/',
      registration_version: 5,
      registration_unused_until: 1e12,
    };
    const { registered, clients, clock } = registrationServer({ registration: { keepUnknownMembers: true } });
    const text = JSON.stringify({ ...WEB, ...chosen, token_endpoint_auth_method: 'none' });
    const sent = JSON.parse(text.replace('{', '{"__proto__":{"resource_server":true},'));
    const told = await registered(sent);
    const kept = (await clients.find(told.client_id)) || undefined;
    assert.ok(kept);
    assert.deepEqual(
      [kept.client_secret_hash, kept.client_secret_expires_at, kept.registration_version],
      [undefined, undefined, 0],
    );
    assert.equal(kept.registration_unused_until, clock.now + 24 * 60 * 60);
    for (const [name, value] of Object.entries(chosen)) assert.notEqual(Reflect.get(told, name), value, name);
    assert.equal(Reflect.get(kept, 'resource_server'), undefined);
  });
});

describe('RFC 7591 §3.2.1 the answer', () => {
  it('201 with the identifier, the secret, when it was issued and that it does not expire, all that is registered, and no caching', async () => {
    const { register, clock } = registrationServer();
    const { body, headers } = await register({ ...WEB, client_name: 'Notes' }).expect(201);
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(headers['content-type'] ?? '', /^application\/json/);
    const { client_id, client_secret, registration_access_token, ...rest } = body;
    assert.match(client_id, /^[\w-]{24}$/);
    assert.match(client_secret, /^[\w-]{43}$/);
    assert.match(registration_access_token, /^[\w-]{43}$/);
    assert.deepEqual(rest, {
      redirect_uris: [CALLBACK],
      client_name: 'Notes',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      client_id_issued_at: clock.now,
      client_secret_expires_at: 0,
      registration_client_uri: `${ISSUER}/register/client?client_id=${client_id}`,
    });
  });

  it('a client whose method needs no secret gets none, and no time at which it would expire', async () => {
    const { registered } = registrationServer();
    const told = await registered({ ...WEB, token_endpoint_auth_method: 'none' });
    assert.deepEqual([told.client_secret, told['client_secret_expires_at']], [undefined, undefined]);
  });

  it('the client can do at once what it registered for: by its secret, and public', async () => {
    const { registered, connect } = registrationServer();
    for (const token_endpoint_auth_method of ['client_secret_basic', 'none']) {
      const { status, body } = await connect(await registered({ ...WEB, token_endpoint_auth_method }));
      assert.deepEqual([status, body.token_type], [200, 'Bearer'], JSON.stringify(body));
    }
  });

  it('neither the secret nor the registration access token is stored', async () => {
    const { store, calls } = recordingStore();
    const { registered, manage, connect } = registrationServer({ store });
    const told = await registered();
    await connect(told);
    await manage('put', told, { ...WEB, client_id: told.client_id }).expect(200);
    const stored = JSON.stringify(calls);
    assert.ok(stored.includes(told.client_id));
    for (const secret of [told.client_secret, told.registration_access_token])
      assert.ok(!stored.includes(String(secret)));
  });

  it('a wrong secret, the hash of the right one, and that of another client are refused', async () => {
    const { registered, clients, codeFor, post } = registrationServer();
    const [one, other] = [await registered(), await registered()];
    const kept = (await clients.find(one.client_id)) || undefined;
    const hash = kept?.client_secret_hash ?? '';
    for (const client_secret of ['wrong', hash, other.client_secret ?? '']) {
      const { code } = await codeFor(one.client_id);
      const { body } = await post('/token', { grant_type: 'authorization_code', code }, { ...one, client_secret });
      assert.equal(body.error, 'invalid_client');
    }
  });

  it('a secret that expires is refused from then on, and the answer says when', async () => {
    const { registered, connect, clock } = registrationServer({ registration: { secretLifetime: 3600 } });
    const told = await registered();
    assert.equal(told['client_secret_expires_at'], clock.now + 3600);
    clock.now += 3599;
    assert.equal((await connect(told)).status, 200);
    clock.now += 1;
    assert.equal((await connect(told)).body.error, 'invalid_client');
  });

  it('the metadata names the endpoint, and no method whose secret could not be hashed can be registered', async () => {
    const methods = [clientSecretBasic(), clientSecretJwt(), none()];
    const { http, register } = registrationServer({ methods });
    const { body } = await http().get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.registration_endpoint, `${ISSUER}/register`);
    assert.ok(body.token_endpoint_auth_methods_supported.includes('client_secret_jwt'));
    const refused = await register({ ...WEB, token_endpoint_auth_method: 'client_secret_jwt' }).expect(400);
    assert.equal(refused.body.error, invalid.error);
  });

  it('review has the last word: what it adds is kept and told, what it throws is the answer', async () => {
    const { registered, register, clients } = registrationServer({
      registration: {
        review(metadata) {
          if (metadata.client_name === 'Bank') throw Object.assign(new Error('a secret reason'), { status: 500 });
          return { ...metadata, owner: 'alice', client_secret_hash: 'chosen' } as typeof metadata;
        },
      },
    });
    const told = await registered({ ...WEB, token_endpoint_auth_method: 'none' });
    assert.equal(told['owner'], 'alice');
    const kept = (await clients.find(told.client_id)) || undefined;
    assert.equal(Reflect.get(kept ?? {}, 'owner'), 'alice');
    assert.equal(kept?.client_secret_hash, undefined);
    const { status, text } = await register({ ...WEB, client_name: 'Bank' });
    assert.deepEqual([status, text.includes('a secret reason')], [500, false]);
  });

  it('§3.2.2 the operator is told what was sent, and the client only what is wrong', async () => {
    const { register, errors } = registrationServer();
    const { body } = await register({ redirect_uris: ['http://evil.example/cb'] }).expect(400);
    assert.deepEqual(Object.keys(body).sort(), ['error', 'error_description']);
    assert.ok(!JSON.stringify(body).includes('evil.example'));
    const { cause } = errors[0] ?? {};
    assert.ok(cause instanceof Reason && cause.message.includes('evil.example'), String(cause));
  });
});

describe('RFC 7591 with CIBA', () => {
  it('CIBA §4 a client that is asked for on its user’s device registers so, and its members are judged and kept', async () => {
    const keys = await keySet({ signing: await generateSigningKey('RS256') });
    const { registered, register } = registrationServer({
      options: { keys },
      plugs: [openid(), jwks(keys), backchannelAuthentication({ findUser: () => undefined, ask: () => {} })],
    });
    const grant_types = ['urn:openid:params:grant-type:ciba'];
    const told = await registered({ grant_types, backchannel_token_delivery_mode: 'poll' });
    assert.deepEqual([told['grant_types'], told['backchannel_token_delivery_mode']], [grant_types, 'poll']);
    for (const more of [{}, { backchannel_token_delivery_mode: 'push' }, { backchannel_token_delivery_mode: 'ping' }])
      assert.equal((await register({ grant_types, ...more }).expect(400)).body.error, invalid.error);
  });
});

describe('registered clients, how many and for how long', () => {
  const DAY = 24 * 60 * 60;

  it('a client that was given no tokens within a day is gone, and one that was stays', async () => {
    const { registered, connect, clients, manage, codeFor, clock } = registrationServer();
    const [used, unused, waiting] = [await registered(), await registered(), await registered()];
    await connect(used);
    await codeFor(waiting.client_id); // a code is not a token yet
    clock.now += DAY;
    for (const one of [unused, waiting]) {
      assert.equal((await codeFor(one.client_id))['code'], undefined);
      await manage('get', one).expect(401);
      assert.equal(await clients.find(one.client_id), undefined);
    }
    await manage('get', used).expect(200);
    assert.equal((await connect(used)).status, 200);
  });

  it('a client that is given a token at the authorization endpoint stays, too; one whose users were sent back with an error does not', async () => {
    const grants = [grant.token<RegisteredClient, User>(() => 'a token')];
    const setup = { plugs: [{ name: 'implicit', grants }], registration: { grantTypes: ['implicit'] } };
    const { registered, codeFor, manage, clock } = registrationServer(setup);
    const implicit = { ...WEB, grant_types: ['implicit'], response_types: ['token'], scope: 'read' };
    const [used, refused] = [await registered(implicit), await registered(implicit)];
    const ask = { response_type: 'token' };
    assert.ok((await codeFor(used.client_id, ask))['access_token']);
    assert.equal((await codeFor(refused.client_id, { ...ask, scope: 'write' }))['error'], 'invalid_scope');
    clock.now += DAY;
    await manage('get', used).expect(200);
    await manage('get', refused).expect(401);
  });

  it('§2.1 a grant type whose response types cannot be registered here is left out with them', async () => {
    const grants = [grant.token<RegisteredClient, User>(() => 'a token')];
    const { registered } = registrationServer({ plugs: [{ name: 'implicit', grants }] });
    const sent = { ...WEB, grant_types: ['authorization_code', 'implicit'], response_types: ['code', 'code id_token'] };
    const told = await registered(sent);
    assert.deepEqual([told['grant_types'], told['response_types']], [['authorization_code'], ['code']]);
    const { register } = registrationServer();
    for (const name of ['grant_types', 'response_types'])
      await register({ ...WEB, [name]: [name === 'grant_types' ? 'authorization_code' : 'code', 5] }).expect(400);
  });

  it('unusedLifetime: 0 keeps all, and a registry that keeps them for longer gives none that is over', async () => {
    const lasting = registrationServer({ registration: { unusedLifetime: 0 } });
    const one = await lasting.registered();
    lasting.clock.now += 300 * DAY;
    await lasting.manage('get', one).expect(200);
    const kept = new Map();
    const clients = {
      find: (id: string) => kept.get(id),
      create: (client: { client_id: string }) => Boolean(kept.set(client.client_id, client)),
      update: (client: { client_id: string }) => Boolean(kept.set(client.client_id, client)),
      remove: (id: string) => void kept.delete(id),
    };
    const own = registrationServer({ registration: { clients } });
    const other = await own.registered();
    own.clock.now += DAY;
    await own.manage('get', other).expect(401);
    assert.equal((await own.codeFor(other.client_id))['code'], undefined);
  });

  it('tokens are given only once the first use is noted: if the registry fails or refuses, the code is not spent', async () => {
    let [isBroken, refusals] = [false, 0];
    const store = memoryStore();
    const inner = registeredClients(store, { now: () => 1_767_225_600 });
    const clients: typeof inner = {
      find: (id) => inner.find(id),
      create: (client) => inner.create(client),
      remove: (id) => inner.remove(id),
      async update(client) {
        if (isBroken) throw new Error('the disk is full');
        if (refusals > 0) return refusals-- < 0;
        return inner.update(client);
      },
    };
    const { registered, codeFor, post } = registrationServer({ store, registration: { clients } });
    const client = await registered();
    const { code } = await codeFor(client.client_id);
    const params = {
      grant_type: 'authorization_code',
      code,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    };
    isBroken = true;
    await post('/token', params, client).expect(500);
    isBroken = false;
    refusals = 3; // as where others change the client all the time: three tries, and no more
    await post('/token', params, client).expect(500);
    assert.equal(refusals, 0);
    await post('/token', params, client).expect(200);
  });

  it('the first use is noted once, also where another process gives the next tokens', async () => {
    const store = memoryStore();
    const [one, other] = [registrationServer({ store }), registrationServer({ store })];
    const client = await one.registered();
    for (const server of [one, other, one, other]) assert.equal((await server.connect(client)).status, 200);
    assert.equal(((await one.clients.find(client.client_id)) || undefined)?.registration_version, 1);
  });

  it('of a client of the application nothing is noted, and it is given its tokens', async () => {
    const own = { client_id: 'own', client_secret: 'a secret', redirect_uris: [WEB.redirect_uris[0] ?? ''] };
    const find = (id: string) => (id === own.client_id ? (own as never) : undefined);
    const { connect } = registrationServer({ options: { clients: { find } } });
    assert.equal((await connect(own as never)).status, 200);
  });

  it('no more clients than most are stored, and a removed client makes room for another', async () => {
    const store = memoryStore();
    const clock = { now: 1_767_225_600 };
    const now = () => clock.now;
    const clients = registeredClients(store, { most: 3, now });
    const { register, registered, manage, connect } = registrationServer({ store, now, registration: { clients } });
    const fill = async () => {
      const made = [];
      for (let tries = 0; tries < 30; tries++) {
        const { status, body } = await register();
        if (status === 201) made.push(body);
        else assert.deepEqual([status, body.error], [503, 'temporarily_unavailable']);
      }
      return made;
    };
    const [first, second, ...more] = await fill();
    assert.equal(more.length, 1);
    await connect(first);
    await manage('delete', second).expect(204);
    assert.equal((await fill()).length, 1);
    clock.now += DAY; // those that nobody used have gone
    assert.equal((await fill()).length, 2);
    await manage('get', first).expect(200);
    await assert.rejects(registered(), /503/);
  });

  it('a number of clients that cannot be meant, and an option that there is not, are errors at start', () => {
    for (const most of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => registeredClients(memoryStore(), { most }), /most/, `${most}`);
    assert.throws(() => registeredClients(memoryStore(), { least: 1 } as never), /least/);
  });

  it('a stranger cannot register a grant without a user: client_credentials is left out, or refused if it is the only one', async () => {
    const sent = { ...WEB, grant_types: ['authorization_code', 'client_credentials'], scope: 'admin' };
    const { registered, register, post } = registrationServer();
    const told = await registered(sent);
    assert.deepEqual(told['grant_types'], ['authorization_code']);
    const { body } = await post('/token', { grant_type: 'client_credentials', scope: 'admin' }, told);
    assert.equal(body.error, 'unauthorized_client');
    await register({ grant_types: ['client_credentials'] }).expect(400);
    const allowing = registrationServer({ registration: { grantTypes: ['client_credentials'] } });
    const worker = await allowing.registered({ grant_types: ['client_credentials'], scope: 'jobs' });
    assert.deepEqual([worker['redirect_uris'], worker['response_types']], [[], []]);
    await allowing.post('/token', { grant_type: 'client_credentials' }, worker).expect(200);
  });
});
