/** OpenID Connect Core §8: what clients know a user by, over HTTP. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { decodeJwt } from 'jose';
import { createServer, metadata, type OpenIDOptions, openid } from 'koauthorize';
import { verifySector } from 'koauthorize/openid';
import { jwt, type KeySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, CALLBACK, CLIENT, ISSUER, redirected, type User } from '../../support/authorization-server.js';
import { openidServer, type Registered, rsaKeys } from '../../support/openid-server.js';
import { thenable } from '../../support/thenable.js';

const SECRET = 'a secret of the application, for subjects';

/** A client with the subject type pairwise. */
const pairwise = (id: string, more: object = {}): Registered => ({
  client_id: id,
  client_name: id,
  redirect_uris: [CALLBACK],
  subject_type: 'pairwise',
  ...more,
});
const at = (...uris: string[]) => ({ redirect_uris: uris });
const sectorURI = (uri: string) => ({ sector_identifier_uri: uri });

type Options = OpenIDOptions<App, User>;

describe('OpenID Connect Core §8: subjects', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  const made = (clients: readonly Registered[], options: Options = { pairwise: SECRET }) => {
    const server = openidServer({
      keys,
      clients,
      openid: { findUser: (id) => ({ id, name: id }), ...options },
      routes: (router, server) => void router.all('/userinfo', server.route('userinfo')),
    });
    /** What a client knows a user by. */
    const subOf = (client: Registered, user = 'alice') => server.server.core.outwardSubject(user, client);
    const userinfo = (token: string) =>
      request(server.app.callback()).get('/userinfo').set('Authorization', `Bearer ${token}`);
    return { ...server, subOf, userinfo };
  };

  it('§8 public is the default: every client knows a user by the subject, or by what subjectFor makes of it', async () => {
    const [one, two] = [{ ...CLIENT }, { ...CLIENT, client_id: 'two', subject_type: 'public' }];
    for (const client of [one, two]) {
      const { connect, verified, userinfo } = made([client]);
      const { id_token, access_token: token } = await connect({}, client);
      assert.equal((await verified(id_token, client.client_id)).sub, 'alice');
      assert.equal((await userinfo(token).expect(200)).body.sub, 'alice');
    }
    const { connect, verified } = made([one], { subjectFor: (subject, { client_id }) => `${subject} at ${client_id}` });
    assert.equal((await verified((await connect()).id_token)).sub, 'alice at client');
  });

  describe('§8.1 pairwise', () => {
    it('differs for each sector, user and secret, is the same at each login, and is never the subject', async () => {
      const [one, two] = [pairwise('client'), pairwise('two', at('https://two.example/callback'))];
      const server = made([one, two]);
      const other = made([one, two], { pairwise: `${SECRET} that is another one` });
      const subs = [
        await server.subOf(one),
        await server.subOf(two),
        await server.subOf(one, 'bob'),
        await other.subOf(one),
        'alice',
      ];
      assert.equal(new Set(subs).size, subs.length);
      const { verified, connect } = server;
      for (const _ of [1, 2]) assert.equal((await verified((await connect()).id_token)).sub, subs[0]);
    });

    it('is a keyed hash of the sector and the subject, between which nothing can be moved', async () => {
      const { subOf } = made([]);
      const expected = createHmac('sha256', SECRET).update('["client.example","alice"]').digest('base64url');
      assert.equal(await subOf(pairwise('client')), expected);
      const [long, short] = [pairwise('x', at('https://a.example/')), pairwise('y', at('https://a.exampl/'))];
      assert.notEqual(await subOf(long, 'alice'), await subOf(short, 'ealice'));
    });

    it('is the same at all clients of one sector: one host, or one sector_identifier_uri', async () => {
      const { subOf } = made([]);
      const host = pairwise('one', at('https://client.example/one', 'https://CLIENT.example:8443/two'));
      assert.equal(await subOf(host), await subOf(pairwise('client')));
      const named = pairwise('named', {
        ...sectorURI('https://client.example/sector.json'),
        ...at('https://x.example/'),
      });
      assert.equal(await subOf(named), await subOf(pairwise('client')));
      const several = at('https://a.example/', 'https://b.example/', 'app:/callback');
      assert.match(
        await subOf(pairwise('several', { ...several, ...sectorURI('https://a.example/s') })),
        /^[\w-]{43}$/,
      );
    });

    it('or is what a function of the application makes of subject and sector', async () => {
      const { subOf } = made([], { pairwise: (subject, sector, { client_id }) => `${subject}/${sector}/${client_id}` });
      assert.equal(await subOf(pairwise('client')), 'alice/client.example/client');
      const nothing = made([], { pairwise: (() => undefined) as never });
      await assert.rejects(nothing.subOf(pairwise('client')), /A sub has 1 to 255/, 'and not the subject itself');
      const awaited = made([], { pairwise: () => thenable('of this sector') });
      assert.equal(await awaited.subOf(pairwise('client')), 'of this sector');
    });
  });

  it('§8 wherever the client can read it, the sub is the same; within the server and for its APIs it is the subject', async () => {
    const client = pairwise('client');
    const api = pairwise('api', at('https://api.example/callback'));
    const { connect, verified, userinfo, tokens, subOf, refresh, visitor } = made([client, api]);
    const sub = await subOf(client);
    const { id_token, access_token: token, refresh_token } = await connect({}, client);
    const { body: refreshed } = await refresh(refresh_token, {}, client).expect(200);
    assert.deepEqual(
      [
        (await verified(id_token)).sub,
        (await verified(refreshed.id_token)).sub,
        (await userinfo(token).expect(200)).body.sub,
        Reflect.get(await tokens.introspect(token, client), 'sub'),
        Reflect.get(await tokens.introspect(refreshed.refresh_token, client), 'sub'),
      ],
      Array(5).fill(sub),
    );
    assert.equal(Reflect.get(await tokens.introspect(token, api), 'sub'), 'alice');
    assert.equal((await tokens.verify(token))?.subject, 'alice');

    const asks = (user: string, params: object) => visitor().open({ prompt: 'none', ...params }, user);
    for (const [user, error] of [
      ['alice', 'consent_required'],
      ['bob', 'login_required'],
    ] as const) {
      const byHint = await asks(user, { id_token_hint: id_token });
      const byClaim = await asks(user, { claims: JSON.stringify({ id_token: { sub: { value: sub } } }) });
      assert.deepEqual([redirected(byHint)['error'], redirected(byClaim)['error']], [error, error], user);
    }
  });

  it('RFC 9068 §6 a JWT access token, which the client can read, has the pairwise sub, and the stored record has the subject', async () => {
    const client = pairwise('client');
    const tokens = tokenService<Registered, User>({ store: memoryStore(), accessTokens: jwt({ audience: ISSUER }) });
    const find = (id: string) => (id === 'client' ? client : undefined);
    const server = createServer<Registered, User>({ issuer: ISSUER, keys, tokens, clients: { find } });
    server.extend(openid({ pairwise: SECRET }));
    const params = Object.assign(new Map<string, string>(), { all: () => [] });
    const own = { grantType: 'x', client, params, body: {}, authMethod: 'client_secret_basic' };
    const { access_token: token } = await tokens.issue({ subject: 'alice', scope: ['openid'] }, own);
    assert.equal(decodeJwt(token).sub, await server.core.outwardSubject('alice', client));
    assert.equal((await tokens.verify(token))?.subject, 'alice');
    const { access_token: itself } = await tokens.issue({ scope: ['read'] }, own);
    assert.equal(decodeJwt(itself).sub, 'client');
  });

  describe('§8.1 a client without a sector is refused, and sees no subject', () => {
    const rows: readonly [what: string, client: Registered, options?: Options][] = [
      ['redirect URIs at several hosts', pairwise('client', at(CALLBACK, 'https://b.example/'))],
      ['a private scheme', pairwise('client', at(CALLBACK, 'com.example.app:/callback'))],
      ['a private scheme with a host', pairwise('client', at(CALLBACK, 'app://client.example/'))],
      ['loopback addresses', pairwise('client', at('http://127.0.0.1/callback'))],
      ['localhost', pairwise('client', at('http://localhost:3000/callback'))],
      ['a sector_identifier_uri that is not https', pairwise('client', sectorURI('http://client.example/sector.json'))],
      ['a sector_identifier_uri on this machine', pairwise('client', sectorURI('http://localhost/sector.json'))],
      ['a sector_identifier_uri that is none', pairwise('client', sectorURI('client.example'))],
      ['pairwise, where the server has no secret', pairwise('client'), {}],
      ['another subject_type', { ...CLIENT, subject_type: 'other' }],
    ];
    for (const [what, client, options = { pairwise: SECRET }] of rows)
      it(what, async () => {
        const { visitor, subOf } = made([client], options);
        const [redirect_uri = ''] = client.redirect_uris;
        const { error } = redirected(await visitor().open({ redirect_uri }, 'alice'));
        assert.equal(error, 'unauthorized_client');
        await assert.rejects(subOf(client));
      });
  });

  it('§2 a sub has 1 to 255 characters of ASCII', async () => {
    for (const sub of ['', 'x'.repeat(256), 'älice', 'a\nb']) {
      const { subOf } = made([], { subjectFor: () => sub });
      await assert.rejects(subOf({ ...CLIENT }), /A sub has 1 to 255 characters of ASCII/);
    }
    assert.equal(await made([], { subjectFor: () => 'x'.repeat(255) }).subOf({ ...CLIENT }), 'x'.repeat(255));
  });

  it('an extension that says another sub than openid() is an error, and neither is believed', async () => {
    const server = createServer<App, User>({ issuer: ISSUER, keys })
      .extend(openid())
      .extend({ name: 'other', outwardSubject: () => 'somebody' });
    await assert.rejects(
      server.core.outwardSubject('alice', CLIENT),
      /openid and other both give a client an identifier/,
    );
  });

  it('options that cannot be meant are refused', () => {
    for (const wrong of ['short', '', 5, null]) assert.throws(() => openid({ pairwise: wrong as string }), /pairwise/);
  });

  describe('Registration §5: sector_identifier_uri when a client is registered', () => {
    const answer =
      (body: unknown, status = 200) =>
      async () =>
        new Response(JSON.stringify(body), { status });
    const member = { redirect_uris: [CALLBACK], ...sectorURI('https://sector.example/uris.json') };
    const refused = { code: 'invalid_client_metadata', status: 400 };

    it('its document lists every redirect URI', async () => {
      await verifySector(member, answer([CALLBACK, 'https://more.example/']));
      await verifySector({ redirect_uris: [CALLBACK] }, () => assert.fail('nothing is fetched'));
      await verifySector({ redirect_uris: [CALLBACK], subject_type: 'pairwise' }, () =>
        assert.fail('nothing is fetched'),
      );
      for (const listed of [[], [`${CALLBACK}/`], [[CALLBACK]], { 0: CALLBACK }, CALLBACK, null])
        await assert.rejects(verifySector(member, answer(listed)), refused, JSON.stringify(listed));
      const two = { ...member, redirect_uris: [CALLBACK, 'https://mallory.example/'] };
      await assert.rejects(verifySector(two, answer([CALLBACK])), refused);
    });

    it('what cannot be fetched now is no fault of the client: 503', async () => {
      const later = { code: 'temporarily_unavailable', status: 503 };
      for (const status of [500, 503, 429])
        await assert.rejects(verifySector(member, answer([CALLBACK], status)), later);
      await assert.rejects(
        verifySector(member, () => Promise.reject(new Error('no such host'))),
        later,
      );
    });

    it('a response that is too large, a redirect and a response that is not JSON are refused', async () => {
      await assert.rejects(verifySector(member, answer(['x'.repeat(70_000)])), refused);
      await assert.rejects(verifySector(member, answer([CALLBACK], 302)), refused);
      await assert.rejects(verifySector(member, answer([CALLBACK], 404)), refused);
      await assert.rejects(
        verifySector(member, async () => new Response('<html>')),
        refused,
      );
      for (const uri of ['http://sector.example/', 'https://user@sector.example/', 5, ['https://sector.example/']])
        await assert.rejects(verifySector({ ...member, ...sectorURI(uri as string) }, answer([CALLBACK])), refused);
    });

    it('nothing inside the network is reached', async () => {
      const inside = { ...member, ...sectorURI('https://127.0.0.1:1/uris.json') };
      const error = await verifySector(inside).catch((thrown) => thrown);
      assert.equal(error.code, 'temporarily_unavailable');
      assert.doesNotMatch(error.message, /address/, 'nobody can look around in the network');
      assert.match(
        JSON.stringify(error.cause, Object.getOwnPropertyNames(error.cause)),
        /not an address of the internet/,
      );
    });

    it('openid() judges it, and subject_type, and userinfo_signed_response_alg', async () => {
      const judge = async (registration: object, options: Options = { pairwise: SECRET }) => {
        const fetch = answer([CALLBACK]);
        const server = createServer<App, User>({ issuer: ISSUER, keys }).extend(openid({ fetch, ...options }));
        return server.core.extension('openid')?.register?.(registration);
      };
      const good = { ...member, subject_type: 'pairwise', userinfo_signed_response_alg: 'RS256' };
      assert.deepEqual(await judge(good), good);
      const several = { subject_type: 'pairwise', redirect_uris: [CALLBACK, 'https://b.example/'] };
      for (const bad of [
        several,
        { ...member, redirect_uris: ['https://b.example/'] },
        { subject_type: 'other' },
        { userinfo_signed_response_alg: 'none' },
        { userinfo_signed_response_alg: 'ES256' },
      ])
        await assert.rejects(judge(bad), refused, JSON.stringify(bad));
      await assert.rejects(judge(good, {}), refused);
    });
  });

  it('Discovery §3 the metadata has the subject types that there are', async () => {
    const typesOf = async (options: Options) => {
      const { app } = openidServer({
        keys,
        openid: options,
        plug: (server) => void server.extend(metadata({ jwks_uri: '/jwks' })),
        routes: (router, server) => void router.get('/metadata', server.route('metadata')),
      });
      return (await request(app.callback()).get('/metadata').expect(200)).body.subject_types_supported;
    };
    assert.deepEqual(await typesOf({}), ['public']);
    assert.deepEqual(await typesOf({ pairwise: SECRET }), ['public', 'pairwise']);
  });
});
