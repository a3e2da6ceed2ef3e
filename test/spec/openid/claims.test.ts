/** OpenID Connect Core §5: which claims of a user are sent, and where, over HTTP. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { metadata, type OpenIDOptions, openid } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, browser, type User } from '../../support/authorization-server.js';
import { type OpenIDSetup, openidServer, rsaKeys } from '../../support/openid-server.js';

const PROFILE = {
  name: 'Alice Adams',
  family_name: 'Adams',
  given_name: 'Alice',
  middle_name: 'B.',
  nickname: 'Al',
  preferred_username: 'alice',
  profile: 'https://op.example/alice',
  picture: 'https://op.example/alice.png',
  website: 'https://alice.example',
  gender: 'female',
  birthdate: '1990-01-31',
  zoneinfo: 'Europe/Vienna',
  locale: 'de-AT',
  updated_at: 1_700_000_000,
};
const EMAIL = { email: 'alice@example.com', email_verified: false };
const ADDRESS = { address: { street_address: '1 Main Street', locality: 'Vienna', country: 'AT' } };
const PHONE = { phone_number: '+43 1 2345', phone_number_verified: true };
const PRIVATE = { password: 'hunter2', groups: ['staff'], 'https://op.example/ssn': '123' };
const ALL = { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE, ...PRIVATE };

type Given = Readonly<Record<string, unknown>>;
type Options = OpenIDOptions<App, User>;

describe('OpenID Connect Core §5: claims of the user', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  const made = (given: Given | Options['claims'] = ALL, options: Options = {}, setup: Partial<OpenIDSetup> = {}) => {
    const server = openidServer({
      keys,
      ...setup,
      openid: {
        findUser: (id) => ({ id, name: id }),
        claims: typeof given === 'function' ? given : () => given,
        responseTypes: ['id_token', 'id_token token', 'code id_token'],
        ...options,
      },
      routes: (router, server) => void router.all('/userinfo', server.route('userinfo')),
    });
    const http = request(server.app.callback());
    const userinfo = async (token: unknown) =>
      (await http.get('/userinfo').set('Authorization', `Bearer ${token}`).expect(200)).body;
    /** What a client that asks in this way is told at both places. */
    const told = async (params: Record<string, string>) => {
      const { access_token: token, id_token } = await server.connect(params);
      return { userinfo: await userinfo(token), idToken: decodeJwt(id_token) };
    };
    /** The response in the fragment. */
    const front = async (params: Record<string, string>) =>
      browser(server.app).allow({ nonce: 'n', code_challenge: undefined, code_challenge_method: undefined, ...params });
    return { ...server, userinfo, told, front };
  };

  describe('§5.4 a scope asks for its claims, and for no others', () => {
    const rows: readonly [scope: string, claims: Given][] = [
      ['openid', {}],
      ['openid profile', PROFILE],
      ['openid email', EMAIL],
      ['openid address', ADDRESS],
      ['openid phone', PHONE],
      ['openid profile email address phone', { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE }],
      ['openid unknown constructor toString __proto__', {}],
    ];
    for (const [scope, claims] of rows)
      it(scope, async () => {
        const { userinfo, idToken } = await made().told({ scope });
        assert.deepEqual(userinfo, { sub: 'alice', ...claims });
        const inIDToken = Object.keys(idToken).filter((name) => name in ALL);
        assert.deepEqual(inIDToken, [], 'where there is an access token, they are at UserInfo only');
      });

    it('a scope of the application has the claims that scopeClaims says', async () => {
      const { told } = made(ALL, { scopeClaims: { staff: ['groups'], email: ['password'] } });
      assert.deepEqual((await told({ scope: 'openid staff' })).userinfo, { sub: 'alice', groups: ['staff'] });
      assert.deepEqual((await told({ scope: 'openid email' })).userinfo, {
        sub: 'alice',
        ...EMAIL,
        password: 'hunter2',
      });
    });

    it('claims of a scope that was requested but not granted are not sent', async () => {
      const decision: OpenIDSetup['decision'] = (server) =>
        server.decision(() => ({ allow: true, scope: ['openid', 'email'] }));
      const { connect, userinfo } = made(ALL, {}, { decision });
      const { access_token: token } = await connect({ scope: 'openid email profile phone' });
      assert.deepEqual(await userinfo(token), { sub: 'alice', ...EMAIL });
    });

    it('a refreshed token that has less of the scope reads less', async () => {
      const { connect, refresh, userinfo } = made();
      const { refresh_token } = await connect({ scope: 'openid email phone' });
      const { body } = await refresh(refresh_token, { scope: 'openid phone' }).expect(200);
      assert.deepEqual(await userinfo(body.access_token), { sub: 'alice', ...PHONE });
    });

    it('the ID token has them only with response_type=id_token, which gives no access token', async () => {
      const { front } = made();
      const namesOf = (token: string | undefined) =>
        Object.keys(decodeJwt(String(token))).filter((name) => name in ALL);
      const scope = 'openid email';
      assert.deepEqual(namesOf((await front({ response_type: 'id_token', scope }))['id_token']), Object.keys(EMAIL));
      assert.deepEqual(namesOf((await front({ response_type: 'id_token token', scope }))['id_token']), []);
    });
  });

  describe('§5.3.2 what is sent', () => {
    it('has no claim that is undefined, null or empty', async () => {
      const given = {
        ...{ name: '', nickname: null, given_name: undefined, family_name: 'Adams', email: 'a@b.c' },
        ...{ email_verified: false, updated_at: 0, phone_number: '' },
        address: { formatted: '', locality: 'Vienna', region: null },
      };
      const { told } = made(given);
      const scope = 'openid profile email address phone';
      assert.deepEqual((await told({ scope })).userinfo, {
        ...{ sub: 'alice', family_name: 'Adams', updated_at: 0, email: 'a@b.c', email_verified: false },
        address: { locality: 'Vienna' },
      });
      const nowhere = made({ address: { formatted: '', region: undefined } });
      assert.deepEqual((await nowhere.told({ scope })).userinfo, { sub: 'alice' });
    });

    it('has the sub of the protocol, and nothing by another name of the protocol', async () => {
      const names = ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'azp', 'acr', 'auth_time', 'sid', 'events', 'cnf'];
      const asked = Object.fromEntries(names.map((name) => [name, null]));
      const { told } = made(Object.fromEntries(names.map((name) => [name, 'mallory'])));
      const { userinfo, idToken } = await told({ claims: JSON.stringify({ userinfo: asked, id_token: asked }) });
      assert.deepEqual(userinfo, { sub: 'alice' });
      assert.ok(!Object.values(idToken).includes('mallory'));
    });

    it('§5.2 a claim in a language goes to whoever asks for it, or for the claim', async () => {
      const { told } = made({ name: 'Alice', 'name#de': 'Alice', 'name#ja-Kana-JP': 'アリス', 'email#de': 'x@y.z' });
      const byScope = await told({ scope: 'openid profile' });
      assert.deepEqual(Object.keys(byScope.userinfo), ['sub', 'name', 'name#de', 'name#ja-Kana-JP']);
      const byName = await told({ claims: JSON.stringify({ userinfo: { 'name#ja-Kana-JP': null } }) });
      assert.deepEqual(byName.userinfo, { sub: 'alice', 'name#ja-Kana-JP': 'アリス' });
    });
  });

  describe('§5.5 the parameter claims', () => {
    const CLAIMS = JSON.stringify({
      userinfo: { name: { essential: true }, groups: null, unknown: null },
      id_token: { email: null, phone_number: { essential: true } },
    });

    it('asks for claims apart for the ID token and for UserInfo, also after a refresh', async () => {
      const { connect, refresh, userinfo } = made();
      const first = await connect({ claims: CLAIMS });
      const { body: second } = await refresh(first.refresh_token).expect(200);
      for (const { access_token: token, id_token } of [first, second]) {
        assert.deepEqual(await userinfo(token), { sub: 'alice', name: PROFILE.name, groups: ['staff'] });
        const inIDToken = Object.keys(decodeJwt(id_token)).filter((name) => name in ALL);
        assert.deepEqual(inIDToken, ['email', 'phone_number']);
      }
    });

    it('and for a token that comes by way of the browser', async () => {
      const { front, userinfo } = made();
      const { access_token: token, id_token } = await front({
        ...{ response_type: 'id_token token', scope: 'openid email', claims: CLAIMS },
      });
      assert.deepEqual(await userinfo(token), { sub: 'alice', name: PROFILE.name, ...EMAIL, groups: ['staff'] });
      assert.equal(decodeJwt(String(id_token))['phone_number'], PHONE.phone_number);
    });

    it('a token does not give the claims that another request asked for', async () => {
      const { connect, userinfo } = made();
      await connect({ claims: CLAIMS });
      const { access_token: token } = await connect();
      assert.deepEqual(await userinfo(token), { sub: 'alice' });
    });

    it('and is told to no API: neither in what introspection says, nor in the response', async () => {
      const { connect, tokens } = made();
      const answer = await connect({ claims: CLAIMS });
      assert.ok(!JSON.stringify(await tokens.introspect(answer.access_token)).includes('groups'));
      assert.deepEqual(Object.keys(answer).sort(), [
        ...['access_token', 'expires_in', 'id_token', 'refresh_token', 'scope', 'token_type'],
      ]);
    });

    it('the application is told what is asked, where, in which languages and by whom', async () => {
      const seen: unknown[] = [];
      const { connect, userinfo } = made((user, { client, ...asked }) => {
        seen.push([user.id, client.client_id, asked]);
        return {};
      });
      const locales = ['de-AT', 'en'];
      const { access_token: token } = await connect({
        ...{ scope: 'openid email', claims: CLAIMS, claims_locales: 'de-AT en' },
      });
      await userinfo(token);
      const { userinfo: atUserInfo, id_token: inIDToken } = JSON.parse(CLAIMS);
      assert.deepEqual(seen, [
        ['alice', 'client', { scope: [], requested: inIDToken, locales }],
        ['alice', 'client', { scope: ['openid', 'email'], requested: atUserInfo, locales }],
      ]);
    });
  });

  describe('§5.6 aggregated and distributed claims', () => {
    const elsewhere = {
      _claim_names: { address: 'src1', phone_number: 'src1', credit_score: 'src2' },
      _claim_sources: {
        src1: { JWT: 'jwt.of.another' },
        src2: { endpoint: 'https://bureau.example/', access_token: 't' },
      },
    };
    const claimTypes = ['aggregated', 'distributed'] as const;

    it('are passed on as they are, as far as they were asked for', async () => {
      const { told } = made(elsewhere, { claimTypes });
      const { userinfo } = await told({ scope: 'openid address' });
      assert.deepEqual(userinfo, {
        sub: 'alice',
        _claim_names: { address: 'src1' },
        _claim_sources: { src1: elsewhere._claim_sources.src1 },
      });
      const score = await told({ claims: JSON.stringify({ userinfo: { credit_score: null } }) });
      assert.deepEqual(score.userinfo['_claim_sources'], { src2: elsewhere._claim_sources.src2 });
      const asks = await told({ claims: JSON.stringify({ userinfo: { _claim_names: null, _claim_sources: null } }) });
      assert.deepEqual(asks.userinfo, { sub: 'alice' });
    });

    it('are left out where the metadata does not have their types', async () => {
      const { userinfo } = await made(elsewhere).told({ scope: 'openid address' });
      assert.deepEqual(userinfo, { sub: 'alice' });
    });
  });

  it('Discovery §3 the metadata has the claims and types that the options say', async () => {
    const documentOf = async (options: Options) => {
      const { app } = openidServer({
        keys,
        openid: options,
        plug: (server) => void server.extend(metadata({ jwks_uri: '/jwks' })),
        routes: (router, server) => void router.get('/metadata', server.route('metadata')),
      });
      const { body } = await request(app.callback()).get('/metadata').expect(200);
      return [body.claims_supported, body.claim_types_supported, body.claims_parameter_supported];
    };
    assert.deepEqual(await documentOf({}), [['sub'], ['normal'], true]);
    const said = { claimsSupported: ['name', 'sub'], claimTypes: ['distributed'] } as const;
    assert.deepEqual(await documentOf(said), [['sub', 'name'], ['normal', 'distributed'], true]);
    assert.throws(() => openid({ claimTypes: ['other' as 'aggregated'] }), /claimTypes/);
  });
});
