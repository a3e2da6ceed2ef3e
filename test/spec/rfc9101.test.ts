/** RFC 9101: JWT-Secured Authorization Request (JAR). */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTCPServer } from 'node:net';
import {
  AuthorizationError,
  createServer,
  type Extension,
  pushedRequests,
  type RequestObjectsOptions,
  requestObjects,
} from 'koauthorize';
import { type EphemeralStore, ephemeralStore } from 'koauthorize/tokens';
import { type App, CALLBACK, ISSUER, REQUEST, redirected, type User } from '../support/authorization-server.js';
import { client, type Registered } from '../support/client-auth.js';
import { assertErrorHere } from '../support/form.js';
import { type PushingSetup, pushingServer } from '../support/pushing-server.js';
import { claimsOf, forged, type Signer, sign, signer, signing, signText } from '../support/request-object.js';
import { recordingStore } from '../support/token-store.js';

type Claimed = Readonly<Record<string, unknown>>;

const ID = 'client';
const AT = 'https://client.example/request.jwt';

describe('RFC 9101', () => {
  let own: Signer;
  let rivals: Signer;
  before(async () => {
    [own, rivals] = await Promise.all([signer(), signer('ES256', 'of a rival')]);
  });

  interface Made extends Partial<PushingSetup> {
    readonly registration?: Partial<Registered>;
    readonly options?: RequestObjectsOptions<App>;
  }

  /** A server of two clients with keys, where requests can be pushed, too. */
  function made({ registration, options, ...setup }: Made = {}) {
    const clients = setup.clients ?? [signing(ID, own, registration), signing('rival', rivals)];
    const plugs = [...(setup.plugs ?? []), requestObjects<App, User>(options), pushedRequests<App, User>()];
    const server = pushingServer({ ...setup, clients, plugs });
    const objectOf = (more: Claimed = {}, header: object = {}, by = own, id = ID) =>
      sign(claimsOf(id, server.clock.now, more), by, header);
    const [registered = signing(ID, own)] = clients;
    return {
      ...server,
      objectOf,
      open: (request: string, more: Record<string, string | string[]> = {}) =>
        server.visitor().open({ client_id: ID, request, ...more }),
      /** The object alone, as it is pushed. */
      pushed: (request: string, more: Record<string, string> = {}) =>
        server.post('/par', { request, ...more }, registered),
    };
  }

  describe('§5.1 by value', () => {
    it('client_id and request are enough, at the authorization endpoint and where requests are pushed', async () => {
      const { objectOf, open, pushed, visitor } = made();
      const dialog = await open(await objectOf()).expect(200);
      assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
      const { request_uri } = (await pushed(await objectOf()).expect(201)).body;
      const { decide, open: visit } = visitor();
      const pushedDialog = await visit({ client_id: ID, request_uri }).expect(200);
      const answer = redirected(await decide(pushedDialog.body.transactionID));
      assert.ok(answer['code']);
      assert.equal(answer['state'], REQUEST.state);
    });

    it('§6.3 only parameters in the object count: parameters beside it are ignored, repeated or not', async () => {
      const { objectOf, visitor } = made();
      const { open, decide } = visitor();
      const request = await objectOf({ state: undefined, redirect_uri: undefined });
      const beside = {
        scope: 'everything',
        state: ['one', 'two'],
        redirect_uri: 'https://evil.example',
        response_type: 'token',
        response_mode: 'fragment',
        code_challenge: 'x',
      };
      const dialog = await open({ client_id: ID, request, ...beside }).expect(200);
      assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
      const answer = await decide(dialog.body.transactionID);
      assert.match(answer.headers['location'] ?? '', /^https:\/\/client\.example\/callback\?code=/);
      assert.ok(!('state' in redirected(answer)));
    });

    it('§6.3 what is missing in the object is missing, also where OpenID Connect Core §6.1 would merge', async () => {
      const { objectOf, open, pushed } = made();
      const without = await objectOf({ response_type: undefined });
      assert.equal(redirected(await open(without, { response_type: 'code' }))['error'], 'invalid_request');
      assertErrorHere(
        await pushed(await objectOf({ code_challenge: undefined }), { ...REQUEST }),
        400,
        'invalid_request',
      );
    });

    it('§4 numbers and JSON in an object are parameters as text; a list is one that comes several times', async () => {
      const seen: unknown[] = [];
      const reader: Extension<App, User> = {
        name: 'reader',
        repeatable: ['resource'],
        authorization: {
          parse({ params }) {
            seen.push(params.get('max_age'), params.get('claims'), params.all('resource'), params.all('list'));
            seen.push(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'empty', 'none'].filter((name) => params.has(name)));
            return undefined;
          },
        },
      };
      const { objectOf, open } = made({ plugs: [reader] });
      const more = {
        max_age: 60,
        claims: { a: 1 },
        resource: ['a', 'b'],
        list: ['a', 'b'],
        empty: '',
        none: null,
        jti: 'x',
      };
      await open(await objectOf(more)).expect(200);
      assert.deepEqual(seen, ['60', '{"a":1}', ['a', 'b'], ['["a","b"]'], []]);
      for (const [resource, read] of [
        ['a', ['a']],
        [['a', ''], ['a']],
        [['a', 1], ['["a",1]']], // no list of texts, so it is JSON, which is no resource
      ] as const) {
        await open(await objectOf({ ...more, jti: undefined, resource })).expect(200);
        assert.deepEqual(seen.slice(-5)[2], read);
      }
    });
  });

  describe('§6.1, §6.2 what is refused with invalid_request_object', () => {
    type Case = readonly [
      what: string,
      make: (server: ReturnType<typeof made>) => string | Promise<string>,
      setup?: Made,
    ];
    const hour = { options: { maxLifetime: 3600 } };
    const cases: readonly Case[] = [
      ['alg none', ({ clock }) => forged({ alg: 'none' }, claimsOf(ID, clock.now))],
      [
        'alg none of a client that registered it',
        ({ clock }) => forged({ alg: 'none' }, claimsOf(ID, clock.now)),
        { registration: { request_object_signing_alg: 'none' } },
      ],
      ['no alg', ({ clock }) => forged({}, claimsOf(ID, clock.now))],
      ['HMAC with the public key', ({ clock }) => hmac(JSON.stringify(own.jwk), claimsOf(ID, clock.now))],
      [
        'HMAC with the client’s secret',
        ({ clock }) => hmac('a secret', claimsOf(ID, clock.now)),
        { registration: { request_object_signing_alg: 'HS256' } },
      ],
      ['the key of another client', ({ objectOf }) => objectOf({}, {}, { ...rivals, kid: own.kid })],
      ['a key that the client does not have', ({ objectOf }) => objectOf({}, {}, rivals)],
      ['a key in the object itself', ({ objectOf }) => objectOf({}, { jwk: rivals.jwk, kid: undefined }, rivals)],
      [
        'another algorithm than the registered one',
        ({ objectOf }) => objectOf(),
        { registration: { request_object_signing_alg: 'PS256' } },
      ],
      [
        'a registered algorithm that cannot be read',
        ({ objectOf }) => objectOf(),
        { registration: { request_object_signing_alg: 7 } },
      ],
      [
        'an algorithm that the server does not take',
        ({ objectOf }) => objectOf(),
        { options: { algorithms: ['PS256'] } },
      ],
      [
        'a changed payload',
        async ({ objectOf, clock }) => changed(await objectOf(), claimsOf(ID, clock.now, { scope: 'all' })),
      ],
      ['no JWS', () => 'a.b.c'],
      ['encrypted', () => 'a.b.c.d.e'],
      [
        'JSON of more than 32 levels',
        ({ objectOf }) => objectOf({ deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }),
      ],
      [
        'crit that nobody understands',
        ({ objectOf }) => objectOf({}, { crit: ['not-understood'], 'not-understood': 1 }),
      ],
      ...['null', '[]', '"text"', '7', '', '{"a":', '\ud800'].map(
        (text): Case => [`signed content that is no JSON object: ${text}`, () => signText(text, own)],
      ),
      ['iss of another', ({ objectOf }) => objectOf({ iss: 'rival' })],
      ['no iss', ({ objectOf }) => objectOf({ iss: undefined })],
      ['aud of another server', ({ objectOf }) => objectOf({ aud: 'https://other.example' })],
      ['no aud', ({ objectOf }) => objectOf({ aud: undefined })],
      ['client_id of another', ({ objectOf }) => objectOf({ client_id: 'rival' })],
      ['no client_id', ({ objectOf }) => objectOf({ client_id: undefined })],
      ['request in it', ({ objectOf }) => objectOf({ request: 'x' })],
      ['request_uri in it', ({ objectOf }) => objectOf({ request_uri: AT })],
      ['typ of an access token', ({ objectOf }) => objectOf({}, { typ: 'at+jwt' })],
      ['typ of a client assertion', ({ objectOf }) => objectOf({}, { typ: 'client-authentication+jwt' })],
      [
        'no typ, where it is required',
        ({ objectOf }) => objectOf({}, { typ: undefined }),
        { options: { requireTyp: true } },
      ],
      [
        'typ JWT, where it is required',
        ({ objectOf }) => objectOf({}, { typ: 'JWT' }),
        { options: { requireTyp: true } },
      ],
      ['exp 5 min ago', ({ objectOf, clock }) => objectOf({ exp: clock.now - 300 })],
      ['exp that is no time', ({ objectOf }) => objectOf({ exp: 'never' })],
      ['nbf more than 30 s ahead', ({ objectOf, clock }) => objectOf({ nbf: clock.now + 61 })],
      ['iat more than 30 s ahead', ({ objectOf, clock }) => objectOf({ iat: clock.now + 61 })],
      ['jti that is no text', ({ objectOf }) => objectOf({ jti: 7 })],
      ['jti that is empty', ({ objectOf }) => objectOf({ jti: '' })],
      ['jti of more than 512 characters', ({ objectOf }) => objectOf({ jti: 'x'.repeat(513) })],
      ['typ that is a list', ({ objectOf }) => objectOf({}, { typ: ['oauth-authz-req+jwt'] })],
      ['FAPI: no exp', ({ objectOf }) => objectOf({ exp: undefined }), hour],
      ['FAPI: no nbf', ({ objectOf }) => objectOf({ nbf: undefined }), hour],
      ['FAPI: exp more than an hour after nbf', ({ objectOf, clock }) => objectOf({ exp: clock.now + 3601 }), hour],
      [
        'FAPI: nbf more than an hour ago',
        ({ objectOf, clock }) => objectOf({ nbf: clock.now - 3700, exp: clock.now - 100 }),
        hour,
      ],
    ];
    const hmac = (secret: string, claims: Claimed): string => {
      const [header, payload] = forged({ alg: 'HS256', kid: 'one' }, claims).split('.');
      const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
      return `${header}.${payload}.${signature}`;
    };
    const changed = (object: string, claims: Claimed): string => {
      const [header, , signature] = object.split('.');
      return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    };
    for (const [what, make, setup] of cases) {
      it(`${what}: at the authorization endpoint, and pushed`, async () => {
        const server = made(setup);
        const object = await make(server);
        assertErrorHere(await server.open(object, { ...REQUEST }), 400, 'invalid_request_object');
        assertErrorHere(await server.pushed(object), 400, 'invalid_request_object');
      });
    }

    it('too long', async () => {
      const { objectOf, pushed } = made();
      assertErrorHere(await pushed(await objectOf({ long: 'x'.repeat(24 * 1024) })), 400, 'invalid_request_object');
      await pushed(await objectOf({ long: 'x'.repeat(23 * 1024) })).expect(201);
    });

    const good: readonly Case[] = [
      ['typ JWT', ({ objectOf }) => objectOf({}, { typ: 'JWT' })],
      ['no typ', ({ objectOf }) => objectOf({}, { typ: undefined })],
      [
        'typ in full, where it is required',
        ({ objectOf }) => objectOf({}, { typ: 'application/oauth-authz-req+jwt' }),
        { options: { requireTyp: true } },
      ],
      ['aud as a list with the issuer', ({ objectOf }) => objectOf({ aud: ['x', ISSUER] })],
      ['jti of 512 characters', ({ objectOf }) => objectOf({ jti: 'x'.repeat(512) })],
      ['nbf 8 s ahead', ({ objectOf, clock }) => objectOf({ nbf: clock.now + 8 })],
      ['exp and nbf that are missing', ({ objectOf }) => objectOf({ exp: undefined, nbf: undefined })],
      ['FAPI: an hour', ({ objectOf, clock }) => objectOf({ exp: clock.now + 3600 }), hour],
      [
        'the registered algorithm',
        ({ objectOf }) => objectOf(),
        { registration: { request_object_signing_alg: 'ES256' } },
      ],
    ];
    for (const [what, make, setup] of good) {
      it(`is taken: ${what}`, async () => {
        const server = made(setup);
        await server.pushed(await make(server)).expect(201);
        await server.open(await make(server)).expect(200);
      });
    }

    for (const alg of ['PS256', 'EdDSA', 'RS256']) {
      it(`§6.2 ${alg} works`, async () => {
        const key = await signer(alg);
        const { open, clock } = made({ clients: [signing(ID, key)] });
        await open(await sign(claimsOf(ID, clock.now), key)).expect(200);
      });
    }
  });

  describe('§5 the parameters around it', () => {
    it('§5 client_id is required; an unknown client is told so', async () => {
      const { objectOf, visitor } = made();
      const { open } = visitor();
      assertErrorHere(await open({ request: await objectOf() }), 400, 'invalid_request');
      assertErrorHere(await open({ request: await objectOf(), client_id: 'nobody' }), 403, 'unauthorized_client');
    });

    it('§6.3 client_id outside MUST be that inside: another client cannot send the object as its own', async () => {
      const { objectOf, visitor, post, find } = made();
      const request = await objectOf();
      assertErrorHere(await visitor().open({ client_id: 'rival', request }), 400, 'invalid_request_object');
      const rival = find('rival') as Registered;
      assertErrorHere(await post('/par', { request }, rival), 400, 'invalid_request_object');
    });

    it('§5 request and request_uri MUST NOT come together', async () => {
      const { objectOf, open } = made();
      assertErrorHere(await open(await objectOf(), { request_uri: AT }), 400, 'invalid_request');
    });

    it('a request twice is not read, and an error', async () => {
      const { objectOf, visitor } = made();
      const object = await objectOf();
      const answer = await visitor().open({ ...REQUEST, request: [object, object] });
      assert.equal(redirected(answer)['error'], 'invalid_request');
    });

    it('a redirect URI in an object is compared with the registration like any other', async () => {
      const { objectOf, open, errors } = made();
      assertErrorHere(await open(await objectOf({ redirect_uri: 'https://evil.example' })), 400, 'invalid_request');
      assert.match(String(errors.at(-1)), /Unregistered redirect URI/);
    });

    it('requests without an object go on as before', async () => {
      await made().visitor().open(REQUEST).expect(200);
    });
  });

  describe('§5.2 by reference', () => {
    const served = (answer: () => Response | Promise<Response>, more: Made = {}) => {
      const asked: { readonly url: string; readonly redirect: unknown }[] = [];
      const fetch = async (url: string, init: RequestInit) => {
        asked.push({ url, redirect: init.redirect });
        return answer();
      };
      const registration = {
        request_uris: [
          ...[AT, 'http://client.example/request.jwt', `https://client.example/${'x'.repeat(500)}`],
          ...['https://', 'https://user@client.example/r', 'https://:password@client.example/r'],
        ],
        ...more.registration,
      };
      const server = made({ ...more, registration, options: { fetch, ...more.options } });
      return {
        ...server,
        asked,
        at: (request_uri: string) => server.visitor().open({ client_id: ID, request_uri, scope: 'all' }),
      };
    };

    it('§5.2 the object at a registered URL is fetched, and only what is in it counts', async () => {
      let object = '';
      const { at, asked, objectOf } = served(() => new Response(`${object}\n`));
      object = await objectOf();
      const dialog = await at(AT).expect(200);
      assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
      assert.deepEqual(asked, [{ url: AT, redirect: 'manual' }]);
    });

    for (const [what, uri, registration] of [
      ['that is not registered', 'https://evil.example/request.jwt', {}],
      ['that begins like a registered one', `${AT}/more`, {}],
      ['of plain http, registered or not', 'http://client.example/request.jwt', {}],
      ['that is too long', `https://client.example/${'x'.repeat(500)}`, {}],
      ['that is no URL, registered or not', 'https://', {}],
      ['with a user name', 'https://user@client.example/r', {}],
      ['with a password', 'https://:password@client.example/r', {}],
      ['of a client without request_uris', AT, { request_uris: undefined }],
      ['of a client whose request_uris cannot be read', AT, { request_uris: `["${AT}"]` }],
    ] as const) {
      it(`§5.2, §10.4 nothing is fetched from a URL ${what}`, async () => {
        const { at, asked } = served(() => new Response('x'), { registration });
        assertErrorHere(await at(uri), 400, 'invalid_request_uri');
        assert.deepEqual(asked, []);
      });
    }

    for (const [what, answer] of [
      ['404', () => new Response('', { status: 404 })],
      ['a redirect', () => Response.redirect('https://client.example/other', 302)],
      ['more than 64 KiB', () => new Response('x'.repeat(70_000))],
      ['nothing in time', () => new Promise<Response>(() => {})],
      ['a failure', () => Promise.reject(new Error('no route'))],
    ] as const) {
      it(`§7 invalid_request_uri for ${what}`, async () => {
        const { at } = served(answer, { options: { fetchTimeout: 0.05 } });
        assertErrorHere(await at(AT), 400, 'invalid_request_uri');
      });
    }

    it('§10.4 private addresses are not fetched, whatever was registered, unless the application gives its own fetch', async () => {
      let connections = 0;
      const inner = createTCPServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(0, '127.0.0.1');
      await once(inner, 'listening');
      const { port } = inner.address() as AddressInfo;
      const uris = ['127.0.0.1', '[::1]', 'localhost', '10.0.0.1', '192.168.0.1', '169.254.169.254', '[fd00::1]'].map(
        (host) => `https://${host}:${port}/request.jwt`,
      );
      const { visitor, errors } = made({ registration: { request_uris: uris } });
      for (const request_uri of uris) {
        assertErrorHere(await visitor().open({ client_id: ID, request_uri }), 400, 'invalid_request_uri');
        assert.match(String((errors.at(-1) as Error).cause), /not an address of the internet/, request_uri);
      }
      assert.equal(connections, 0);
      inner.close();
    });

    it('§7 invalid_request_object for what is no object there', async () => {
      assertErrorHere(await served(() => new Response('no object')).at(AT), 400, 'invalid_request_object');
    });

    it('§7 request_uri_not_supported, where references are not taken', async () => {
      const server = served(() => new Response('x'), { options: { byReference: false } });
      const { at, open, objectOf, asked, metadata } = server;
      assertErrorHere(await at(AT), 400, 'request_uri_not_supported');
      assert.deepEqual(asked, []);
      await open(await objectOf()).expect(200); // by value it is taken
      const said = await metadata();
      assert.equal(said.request_uri_parameter_supported, false);
      assert.ok(!('require_request_uri_registration' in said), 'there is nothing to register');
    });

    it('RFC 9126 §2.1 a reference is not pushed', async () => {
      const { post, find, asked } = served(() => new Response('x'));
      assertErrorHere(await post('/par', { request_uri: AT }, find(ID) as Registered), 400, 'invalid_request');
      assert.deepEqual(asked, []);
    });

    it('a URI that nothing knows is refused, and not what stands beside it', async () => {
      const { clock, store } = made();
      const alone = pushingServer({ store, clients: [signing(ID, own)], plugs: [requestObjects()] });
      alone.clock.now = clock.now;
      const answer = await alone.visitor().open({ ...REQUEST, request_uri: 'urn:ietf:params:oauth:request_uri:x' });
      assert.equal(redirected(answer)['error'], 'invalid_request_uri');
    });
  });

  describe('§10.5 signed requests only', () => {
    it('required: a request without a request object is refused, at both endpoints', async () => {
      const { visitor, push, objectOf, open, pushed } = made({ options: { required: true } });
      assert.equal(redirected(await visitor().open(REQUEST))['error'], 'invalid_request');
      assertErrorHere(await push(), 400, 'invalid_request');
      await open(await objectOf()).expect(200);
      await pushed(await objectOf()).expect(201);
    });

    for (const value of [true, 'yes', 1, {}]) {
      it(`require_signed_request_object of a client: ${JSON.stringify(value)}`, async () => {
        const { visitor, push, objectOf, open } = made({ registration: { require_signed_request_object: value } });
        assert.equal(redirected(await visitor().open(REQUEST))['error'], 'invalid_request');
        assertErrorHere(await push(), 400, 'invalid_request');
        await open(await objectOf()).expect(200);
      });
    }

    it('a request that was pushed unsigned by a client that may, stays good', async () => {
      const { uriOf, visitor } = made();
      await visitor()
        .open({ client_id: ID, request_uri: await uriOf() })
        .expect(200);
    });
  });

  describe('an object with jti is accepted once', () => {
    it('its page can be loaded again; after the first answer it is refused, and another dialog gets an error page', async () => {
      const { objectOf, visitor, clock } = made();
      const { open, decide } = visitor();
      const request = await objectOf({ jti: 'one', exp: undefined });
      const first = await open({ client_id: ID, request }).expect(200);
      const second = await open({ client_id: ID, request }).expect(200);
      assert.ok(redirected(await decide(first.body.transactionID))['code']);
      assertErrorHere(await decide(second.body.transactionID), 403, 'access_denied');
      assertErrorHere(await open({ client_id: ID, request }), 400, 'invalid_request_object');
      clock.now += 86_000;
      assertErrorHere(await open({ client_id: ID, request }), 400, 'invalid_request_object');
    });

    it('pushed twice it is answered once', async () => {
      const { objectOf, visitor, pushed } = made();
      const { open, decide } = visitor();
      const object = await objectOf({ jti: 'one' });
      const [one, two] = [(await pushed(object).expect(201)).body, (await pushed(object).expect(201)).body];
      const answer = async (request_uri: string) =>
        decide((await open({ client_id: ID, request_uri })).body.transactionID);
      assert.ok(redirected(await answer(one.request_uri))['code']);
      assertErrorHere(await answer(two.request_uri), 403, 'access_denied');
      assertErrorHere(await pushed(object), 400, 'invalid_request_object');
    });

    it('an error without a decision stores nothing: anybody can have one, as often as they like', async () => {
      const noPage: Extension<App, User> = {
        name: 'noPage',
        authorization: {
          interact() {
            throw new AuthorizationError('Nobody is logged in', 'login_required');
          },
        },
      };
      const { store, calls } = recordingStore();
      const { objectOf, visitor } = made({ plugs: [() => noPage], options: { store: ephemeralStore(store) } });
      const request = await objectOf({ jti: 'one' });
      for (const _ of [1, 2])
        assert.equal(redirected(await visitor().open({ client_id: ID, request }))['error'], 'login_required');
      assert.deepEqual(new Set(calls.map(({ method }) => method)), new Set(['get']));
    });

    it('with jti, exp may be a day ahead, or maxLifetime', async () => {
      const days = 86_400;
      const { objectOf, visitor, clock } = made();
      const { open } = visitor();
      const till = (exp: number, more: object = {}) => objectOf({ jti: 'long', exp: clock.now + exp, ...more });
      await open({ client_id: ID, request: await till(days) }).expect(200);
      await open({ client_id: ID, request: await till(4 * days, { jti: undefined }) }).expect(200);
      for (const exp of [days + 120, 1e300])
        assertErrorHere(await open({ client_id: ID, request: await till(exp) }), 400, 'invalid_request_object');
    });

    it('is remembered until it would have ended, however long maxLifetime is', async () => {
      const { objectOf, visitor, clock } = made({ options: { maxLifetime: 4 * 86_400 } });
      const { open, decide } = visitor();
      const request = await objectOf({ jti: 'long', nbf: clock.now, exp: clock.now + 4 * 86_400 });
      assert.ok(redirected(await decide((await open({ client_id: ID, request })).body.transactionID))['code']);
      clock.now += 3 * 86_400;
      assertErrorHere(await open({ client_id: ID, request }), 400, 'invalid_request_object');
    });

    it('objects without jti are not told apart, and each is answered', async () => {
      const { objectOf, visitor } = made();
      const { open, decide } = visitor();
      for (const state of ['one', 'two']) {
        const { body } = await open({ client_id: ID, request: await objectOf({ state }) }).expect(200);
        assert.ok(redirected(await decide(body.transactionID))['code']);
      }
    });

    it('is remembered in a store of its own', async () => {
      const kept = new Set<string>();
      const store: EphemeralStore = {
        add: (key) => !kept.has(key) && Boolean(kept.add(key)),
        get: (key) => (kept.has(key) ? true : undefined),
        take: (key) => kept.delete(key) || undefined,
      };
      const answered = async () => {
        const { objectOf, visitor } = made({ options: { store } });
        const { open, decide } = visitor();
        const shown = await open({ client_id: ID, request: await objectOf({ jti: 'one' }) });
        if (shown.status !== 200) return assertErrorHere(shown, 400, 'invalid_request_object');
        return redirected(await decide(shown.body.transactionID))['code'];
      };
      assert.ok(await answered());
      assert.equal(await answered(), undefined, 'another server over the same store');
    });

    it('is remembered for each client by itself', async () => {
      const { objectOf, visitor } = made();
      const { open, decide } = visitor();
      const answer = async (id: string, by: Signer) => {
        const redirect_uri = CALLBACK;
        const request = await objectOf({ jti: 'same', redirect_uri }, {}, by, id);
        return redirected(await decide((await open({ client_id: id, request })).body.transactionID));
      };
      assert.ok((await answer(ID, own))['code']);
      assert.ok((await answer('rival', rivals))['code']);
    });
  });

  describe('keys and metadata', () => {
    it('§6.2 keys behind a jwks_uri; 503 while they cannot be fetched', async () => {
      let isUp = false;
      const fetch = async () => (isUp ? Response.json(own.jwks) : new Response('', { status: 500 }));
      const jwks_uri = 'https://client.example/jwks';
      const { open, objectOf, clock } = made({
        clients: [client(ID, { client_secret: 'a secret', jwks_uri })],
        options: { fetch },
      });
      assertErrorHere(await open(await objectOf()), 503, 'temporarily_unavailable');
      [isUp, clock.now] = [true, clock.now + 10];
      await open(await objectOf()).expect(200);
    });

    it('RFC 8414 §2, §10.5 the metadata says what is taken, without none and without HMAC', async () => {
      const said = await made({ options: { required: true, algorithms: ['ES256', 'PS256'] } }).metadata();
      assert.deepEqual(
        Object.fromEntries(Object.entries(said).filter(([name]) => /^(request|require)_(?!pushed)/.test(name))),
        {
          request_parameter_supported: true,
          request_uri_parameter_supported: true,
          require_request_uri_registration: true,
          request_object_signing_alg_values_supported: ['ES256', 'PS256'],
          require_signed_request_object: true,
        },
      );
      const usual: string[] = (await made().metadata()).request_object_signing_alg_values_supported;
      assert.ok(usual.includes('ES256'));
      assert.deepEqual(
        usual.filter((alg) => /none|^HS/.test(alg)),
        [],
      );
    });

    it('without an issuer, clients or a store it fails at start', () => {
      const clients = { find: () => undefined };
      assert.throws(() => createServer({ clients }).extend(requestObjects()).check(), /needs an issuer/);
      assert.throws(() => createServer({ issuer: ISSUER }).extend(requestObjects()).check(), /needs the clients/);
      assert.throws(() => createServer({ issuer: ISSUER, clients }).extend(requestObjects()).check(), /no store/);
    });

    for (const options of [
      { algorithms: [] },
      { algorithms: ['none'] },
      { algorithms: ['HS256'] },
      { maxLifetime: 0 },
      { fetchTimeout: -1 },
    ]) {
      it(`cannot be meant: ${JSON.stringify(options)}`, () => {
        assert.throws(() => requestObjects(options as RequestObjectsOptions), TypeError);
      });
    }
  });
});
