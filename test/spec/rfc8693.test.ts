/** RFC 8693: OAuth 2.0 Token Exchange, over HTTP. */
import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  type AuthorizationDetail,
  authorizationDetails,
  type Claims,
  certificateBoundTokens,
  createServer,
  dpop,
  openid,
  resourceIndicators,
  TokenError,
  type TokenExchangeOptions,
  tokenExchange,
} from 'koauthorize';
import { generateSigningKey, jwt, keySet, memoryStore, opaque, type TokenEvent } from 'koauthorize/tokens';
import request from 'supertest';
import {
  type App,
  browser,
  CLIENT,
  exchangeCode,
  ISSUER,
  OTHER,
  type Params,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { selfSigned } from '../support/certificates.js';
import {
  ACCESS_TOKEN,
  type ExchangeSetup,
  exchangeServer,
  ORDERS,
  PRINTER,
  STOCK,
  TOKEN_EXCHANGE,
  TYPE,
} from '../support/exchange-server.js';
import { recordingStore } from '../support/token-store.js';

type Allow = TokenExchangeOptions<App>['allow'];

const FILES = 'https://files.example/';
const MAIL = 'https://mail.example/';

describe('RFC 8693', () => {
  /** A server, and a token of alice's for the client. */
  async function made(setup: ExchangeSetup = {}, params: Params = {}) {
    const server = exchangeServer(setup);
    const first = await server.connect(params);
    return { ...server, first, subject: String(first.access_token) };
  }
  const letting = (allow: Allow): ExchangeSetup => ({ exchange: { allow } });

  describe('§2.1, §2.2 the exchange', () => {
    it('gives a service a token of its own for the same user, which names who acts', async () => {
      const { subject, swapped, tokens, asked } = await made();
      const { access_token, ...rest } = await swapped(subject);
      assert.deepEqual(rest, {
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: 3600,
        scope: 'read write',
      });
      const token = await tokens.verify(access_token);
      assert.deepEqual([token?.subject, token?.clientID, token?.scope], ['alice', 'orders', ['read', 'write']]);
      assert.deepEqual(token?.claims, { act: { sub: 'orders', client_id: 'orders', iss: ISSUER } });
      assert.equal(asked[0]?.subject.clientID, 'client');
    });

    it('§2.2.1 issued_token_type is there always, and no refresh token', async () => {
      const { subject, swapped } = await made();
      for (const more of [{}, { requested_token_type: ACCESS_TOKEN }]) {
        const answer = await swapped(subject, more);
        assert.equal(answer.issued_token_type, ACCESS_TOKEN);
        assert.equal('refresh_token' in answer, false);
      }
    });

    it('§2.1, §3 a client that asks for a JWT gets one, or an error and nothing is stored', async () => {
      const JWT = { requested_token_type: `${TYPE}jwt` };
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const formats = { jwt: jwt({ audience: FILES }), opaque: opaque() };
      const accessTokens = (_: unknown, { client_id }: App) => (client_id === 'orders' ? formats.jwt : formats.opaque);
      const signed = await made({ tokens: { accessTokens }, options: { issuer: ISSUER, keys } });
      const answer = await signed.swapped(signed.subject, JWT);
      assert.deepEqual([answer.issued_token_type, decodeJwt(answer.access_token).aud], [ACCESS_TOKEN, FILES]);
      for (const server of [await made(), signed]) {
        const { status, body } = await server.swap(server.subject, JWT, server === signed ? STOCK : ORDERS);
        assert.deepEqual(
          [status, body.error, body.error_description],
          [400, 'invalid_request', 'Unsupported requested_token_type'],
        );
      }
      const { store, calls } = recordingStore();
      const { subject, swap } = await made({ store });
      const before = calls.length;
      await swap(subject, JWT).expect(400);
      assert.ok(calls.slice(before).every(({ method }) => method === 'get'));
    });

    it('an error of another extension costs nothing: nothing is stored', async () => {
      const { store, calls } = recordingStore();
      const { subject, swap } = await made({
        store,
        plugs: [
          {
            name: 'no exchanges today',
            token: {
              grantTypes: [TOKEN_EXCHANGE],
              respond: () => Promise.reject(new TokenError('Not today', 'invalid_request')),
            },
          },
        ],
      });
      const stored = () => calls.filter(({ method }) => method === 'put').length;
      const before = stored();
      assert.equal((await swap(subject).expect(400)).body.error_description, 'Not today');
      assert.ok(before > 0);
      assert.equal(stored(), before);
    });

    it('§4.1 what acts is in a JWT, and in introspection', async () => {
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const { subject, swapped, tokens } = await made({
        tokens: { accessTokens: jwt({ audience: FILES }) },
        options: { issuer: ISSUER, keys },
      });
      const { access_token } = await swapped(subject);
      const act = { sub: 'orders', client_id: 'orders', iss: ISSUER };
      assert.deepEqual(decodeJwt(access_token)['act'], act);
      assert.deepEqual(Reflect.get(await tokens.introspect(access_token, ORDERS), 'act'), act);
    });

    const refused: readonly (readonly [what: string, params: Params, error: string])[] = [
      ['no subject_token', { subject_token: undefined }, 'invalid_request'],
      ['no subject_token_type', { subject_token_type: undefined }, 'invalid_request'],
      ['an unknown subject_token_type', { subject_token_type: 'urn:example:thing' }, 'invalid_request'],
      ['a refresh token as what it is', { subject_token_type: `${TYPE}refresh_token` }, 'invalid_request'],
      ['a SAML assertion that nothing verifies', { subject_token_type: `${TYPE}saml2` }, 'invalid_request'],
      ['a subject_token that is unknown', { subject_token: 'made-up' }, 'invalid_request'],
      ['a subject_token that is huge', { subject_token: 'x'.repeat(40_000) }, 'invalid_request'],
      ['an unknown requested_token_type', { requested_token_type: 'urn:example:thing' }, 'invalid_request'],
      ['a refresh token that is asked for', { requested_token_type: `${TYPE}refresh_token` }, 'invalid_request'],
      ['§2.1 an actor_token without its type', { actor_token: 'x' }, 'invalid_request'],
      ['§2.1 an actor_token_type without a token', { actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
      ['an actor_token that is unknown', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
      ['subject_token twice', { subject_token: ['a', 'b'] }, 'invalid_request'],
      ['a scope that the subject token lacks', { scope: 'delete' }, 'invalid_scope'],
    ];
    for (const [what, params, error] of refused)
      it(`is refused: ${what}`, async () => {
        const { subject, swap, tokens } = await made();
        const { status, body } = await swap(subject, params);
        assert.deepEqual([status, body.error, body.access_token], [status === 413 ? 413 : 400, error, undefined]);
        assert.ok(await tokens.verify(subject), 'nothing is spent');
      });

    it('is refused: a refresh token that is said to be an access token', async () => {
      const { first, swap } = await made();
      assert.equal((await swap(first.refresh_token).expect(400)).body.error, 'invalid_request');
    });

    it('is refused: an opaque token that is said to be a JWT', async () => {
      const { subject, swap } = await made();
      assert.equal(
        (await swap(subject, { subject_token_type: `${TYPE}jwt` }).expect(400)).body.error,
        'invalid_request',
      );
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const signed = await made({
        tokens: { accessTokens: jwt({ audience: FILES }) },
        options: { issuer: ISSUER, keys },
      });
      await signed.swapped(signed.subject, { subject_token_type: `${TYPE}jwt` });
    });

    it('is refused: a token that a client got for itself, which is of no user', async () => {
      const { app, swap } = await made({ tokens: { clientScope: () => ['read'] } });
      const own = await tokenRequest(app, { grant_type: 'client_credentials' }, OTHER).expect(200);
      assert.equal((await swap(own.body.access_token).expect(400)).body.error, 'invalid_request');
    });

    it('is refused: a token that has expired, or was revoked', async () => {
      const expired = await made();
      expired.clock.now += 3601;
      assert.equal((await expired.swap(expired.subject).expect(400)).body.error, 'invalid_request');
      const revoked = await made();
      await revoked.tokens.revoke(revoked.subject, CLIENT);
      assert.equal((await revoked.swap(revoked.subject).expect(400)).body.error, 'invalid_request');
    });

    it('is refused: a client that cannot authenticate, and one that proves nothing', async () => {
      const { app, subject } = await made();
      const params = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: subject };
      await tokenRequest(app, params, { ...ORDERS, client_id: 'nobody' }).expect(401);
      const open = await made({ clients: [CLIENT, { ...ORDERS, token_endpoint_auth_method: 'none' } as App] });
      assert.equal((await open.swap(open.subject).expect(400)).body.error, 'unauthorized_client');
      const allowed = await made({
        clients: [CLIENT, { ...ORDERS, token_endpoint_auth_method: 'none' } as App],
        exchange: { allowPublicClients: true },
      });
      await allowed.swapped(allowed.subject);
    });
  });

  describe('the policy', () => {
    for (const no of [false, null, undefined] as const)
      it(`nobody may exchange where allow gives ${no}`, async () => {
        const { subject, swap, errors } = await made(letting(() => no));
        assert.equal((await swap(subject).expect(400)).body.error, 'invalid_request');
        assert.match(String((errors.at(-1) as Error).cause), /allow/);
      });

    it('learns who asks, whose token it is, and what for', async () => {
      const { subject, swapped, asked } = await made(letting(() => ({ allowFurtherAudience: ['a', 'b', FILES] })));
      await swapped(subject, { scope: 'read', audience: ['a', 'b'], resource: FILES });
      const [{ client, subject: of, actor, ...rest } = assert.fail('it was not asked')] = asked;
      assert.deepEqual(
        [client.client_id, of.subject, of.clientID, of.type, actor],
        ['orders', 'alice', 'client', ACCESS_TOKEN, undefined],
      );
      assert.deepEqual(rest, {
        scope: ['read'],
        audience: ['a', 'b'],
        resource: [FILES],
        requestedTokenType: undefined,
      });
    });

    it('what it throws is an error of the server', async () => {
      const { subject, swap } = await made(letting(() => Promise.reject(new Error('the database'))));
      assert.equal((await swap(subject).expect(500)).body.error, 'server_error');
    });

    it('options that cannot be meant are refused at start', () => {
      for (const options of [
        {},
        { allow: true },
        { allow: () => ({}), maxDepth: 0 },
        { allow: () => ({}), maxDepth: 11 },
        { allow: () => ({}), alow: 1 },
        { allow: () => ({}), tokens: { a: 1 } },
      ])
        assert.throws(() => tokenExchange(options as never), TypeError, JSON.stringify(options));
      assert.throws(
        () =>
          createServer({ issuer: ISSUER })
            .extend(tokenExchange({ allow: () => ({}) }))
            .check(),
        /tokenService/,
      );
    });
  });

  describe('is never for more than the subject token', () => {
    it('in scope: not what is asked for, and not what allow gives', async () => {
      const { subject, swapped, swap } = await made(letting(() => ({ scope: ['read', 'delete'] })));
      assert.equal((await swapped(subject)).scope, 'read');
      assert.equal((await swapped(subject, { scope: 'read write' })).scope, 'read');
      assert.equal((await swap(subject, { scope: 'write' }).expect(400)).body.error, 'invalid_scope');
    });

    it('in scope: not what the client did not register', async () => {
      const narrow = { ...ORDERS, scope: 'write' } as App;
      const { subject, swapped } = await made({ clients: [CLIENT, narrow] });
      assert.equal((await swapped(subject)).scope, 'write');
    });

    it('in time: it ends with the subject token, or before', async () => {
      const { subject, swapped, clock, tokens } = await made();
      clock.now += 3000;
      const { access_token, expires_in } = await swapped(subject);
      assert.equal(expires_in, 600);
      clock.now += 601;
      assert.equal(await tokens.verify(access_token), undefined);
      const short = await made(letting(() => ({ lifetime: 60 })));
      assert.equal((await short.swapped(short.subject)).expires_in, 60);
    });

    const resources = resourceIndicators<App>({ resources: { [FILES]: {}, [MAIL]: {} } });

    it('§2.1.1 in APIs: invalid_target for an API that the subject token is not for', async () => {
      const { subject, swap, swapped, tokens } = await made({ plugs: [resources] }, { resource: FILES });
      assert.equal((await swap(subject, { resource: MAIL }).expect(400)).body.error, 'invalid_target');
      assert.equal((await swap(subject, { audience: MAIL }).expect(400)).body.error, 'invalid_target');
      const { access_token } = await swapped(subject, { resource: FILES });
      assert.deepEqual((await tokens.verify(access_token))?.audience, [FILES]);
      assert.deepEqual((await tokens.verify((await swapped(subject)).access_token))?.audience, [FILES]);
    });

    it('in APIs: a subject token for several is narrowed by resource, audience, or both', async () => {
      const { subject, swapped, tokens } = await made({ plugs: [resources] }, { resource: [FILES, MAIL] });
      for (const more of [{ resource: MAIL }, { audience: MAIL }, { audience: MAIL, resource: MAIL }]) {
        const { access_token } = await swapped(subject, more);
        assert.deepEqual((await tokens.verify(access_token))?.audience, [MAIL], JSON.stringify(more));
      }
    });

    it('in APIs: allow gives another one only by a name that says what is given up', async () => {
      const plain = await made({ plugs: [resources], ...letting(() => ({ audience: [MAIL] })) }, { resource: FILES });
      assert.equal((await plain.swap(plain.subject).expect(400)).body.error, 'invalid_target');
      const further = await made(
        { plugs: [resources], ...letting(() => ({ audience: [MAIL], allowFurtherAudience: [MAIL] })) },
        { resource: FILES },
      );
      const { access_token } = await further.swapped(further.subject);
      assert.deepEqual((await further.tokens.verify(access_token))?.audience, [MAIL]);
      const nobody = await made(letting(() => ({ audience: [] })));
      assert.equal((await nobody.swap(nobody.subject).expect(400)).body.error, 'invalid_target');
    });

    it('in APIs: a token without an audience is exchanged for one with an audience only with allowFurtherAudience', async () => {
      for (const plugs of [[], [resources]]) {
        const { subject, swap } = await made({ plugs });
        for (const more of [{ resource: FILES }, { audience: FILES }])
          assert.equal((await swap(subject, more).expect(400)).body.error, 'invalid_target', JSON.stringify(more));
        const given = await made({ plugs, ...letting(() => ({ audience: [FILES] })) });
        assert.equal((await given.swap(given.subject).expect(400)).body.error, 'invalid_target');
        const {
          subject: named,
          swapped,
          tokens,
        } = await made({ plugs, ...letting(() => ({ allowFurtherAudience: [FILES] })) });
        const { access_token } = await swapped(named, { resource: FILES });
        assert.deepEqual((await tokens.verify(access_token))?.audience, [FILES]);
        const { access_token: third } = await swapped(access_token, {}, STOCK);
        assert.deepEqual((await tokens.verify(third))?.audience, [FILES], 'and stays so');
      }
    });

    for (const resource of ['no URI', 'https://files.example/#part', '/files'])
      it(`§2.1 a resource is an absolute URI without a fragment: not ${resource}`, async () => {
        const { subject, swap, asked } = await made(letting(() => ({ allowFurtherAudience: [resource] })));
        assert.equal((await swap(subject, { resource }).expect(400)).body.error, 'invalid_target');
        assert.equal(asked.length, 0, 'the policy is not asked');
      });

    const MEANT: readonly (readonly [what: string, answer: unknown])[] = [
      ['a member that is misspelt', { scopes: ['read'] }],
      ['true', true],
      ['a scope as text', { scope: 'read' }],
      ['an audience as text', { audience: FILES }],
      ['a scope with what is no word', { scope: ['read', 7] }],
      ['further APIs as text', { allowFurtherAudience: FILES }],
      ['a further scope as text', { allowFurtherScope: 'read write' }],
      ['details that are no list', { authorizationDetails: { type: 'files' } }],
      ['a lifetime that is over', { lifetime: -5 }],
      ['a lifetime that is no number', { lifetime: Number.NaN }],
    ];
    for (const [what, answer] of MEANT)
      it(`an invalid result of allow issues no token: ${what}`, async () => {
        const { subject, swap, errors } = await made(letting(() => answer as never));
        assert.equal((await swap(subject).expect(500)).body.error, 'server_error');
        assert.match(String(errors.at(-1)), /allow/);
      });

    it('RFC 9396: in details: those of the subject token, or fewer', async () => {
      const detail = (actions: string[]): AuthorizationDetail => ({ type: 'files', actions });
      const details = authorizationDetails<App>({ types: { files: { required: ['actions'], validate: () => true } } });
      const asked = JSON.stringify([detail(['read', 'write'])]);
      const { subject, swapped, swap, tokens } = await made({ plugs: [details] }, { authorization_details: asked });
      const all = await swapped(subject);
      assert.deepEqual(all.authorization_details, [detail(['read', 'write'])]);
      const less = await swapped(subject, { authorization_details: JSON.stringify([detail(['read'])]) });
      assert.deepEqual((await tokens.verify(less.access_token))?.claims?.['authorization_details'], [detail(['read'])]);
      const more = await swap(subject, { authorization_details: JSON.stringify([detail(['delete'])]) });
      assert.equal(more.body.error, 'invalid_authorization_details');
      const plain = await made({ plugs: [details] });
      assert.equal((await plain.swap(plain.subject, { authorization_details: asked })).status, 400);
    });

    it('RFC 9396: in details: allow leaves some of them, and adds none', async () => {
      const [one, two, three] = ['one', 'two', 'three'].map(
        (identifier): AuthorizationDetail => ({ type: 'files', identifier }),
      );
      const details = authorizationDetails<App>({
        types: { files: { required: ['identifier'], validate: () => true } },
      });
      const { subject, swapped } = await made(
        { plugs: [details], ...letting(() => ({ authorizationDetails: [two, three] })) },
        { authorization_details: JSON.stringify([one, two]) },
      );
      assert.deepEqual((await swapped(subject)).authorization_details, [two]);
      const twice = await made(
        { plugs: [details], ...letting(() => ({ authorizationDetails: [two] })) },
        { authorization_details: JSON.stringify([two, one, two]) },
      );
      assert.deepEqual((await twice.swapped(twice.subject)).authorization_details, [two], 'of two equal ones the one');
    });
  });

  describe('§4.1, §4.4 who acts for whom', () => {
    it('the chain of those who acted is kept, the newest first', async () => {
      const { subject, swapped, tokens } = await made();
      const one = (await swapped(subject)).access_token;
      const two = (await swapped(one, {}, STOCK)).access_token;
      const act = (sub: string, before?: object) => ({
        sub,
        client_id: sub,
        iss: ISSUER,
        ...(before && { act: before }),
      });
      assert.deepEqual((await tokens.verify(two))?.claims?.['act'], act('stock', act('orders')));
    });

    it('impersonation leaves out the current actor, and keeps the earlier actors', async () => {
      const { subject, swapped, tokens } = await made(
        letting(({ client }) => ({ namesActor: client.client_id !== 'stock' })),
      );
      const one = (await swapped(subject)).access_token;
      const two = (await swapped(one, {}, STOCK)).access_token;
      assert.deepEqual((await tokens.verify(two))?.claims?.['act'], {
        sub: 'orders',
        client_id: 'orders',
        iss: ISSUER,
      });
      const alone = await made(letting(() => ({ namesActor: false })));
      const only = (await alone.swapped(alone.subject)).access_token;
      assert.equal((await alone.tokens.verify(only))?.claims?.['act'], undefined);
    });

    it('an actor token says who acts', async () => {
      const { subject, swapped, connect, tokens, asked } = await made();
      const actor = (await connect()).access_token;
      const { access_token } = await swapped(subject, { actor_token: actor, actor_token_type: ACCESS_TOKEN });
      const act = { sub: 'alice', client_id: 'client', iss: ISSUER };
      assert.deepEqual((await tokens.verify(access_token))?.claims?.['act'], act);
      assert.equal(asked.at(-1)?.actor?.subject, 'alice');
    });

    it('the chain is bounded', async () => {
      const { subject, swapped, swap } = await made({ exchange: { maxDepth: 2 } });
      const one = (await swapped(subject)).access_token;
      const two = (await swapped(one, {}, STOCK)).access_token;
      assert.equal((await swap(two, {}, PRINTER).expect(400)).body.error, 'invalid_request');
      const hidden = await made({
        exchange: { maxDepth: 1, allow: ({ client }) => ({ namesActor: client.client_id === 'orders' }) },
      });
      const first = (await hidden.swapped(hidden.subject)).access_token;
      await hidden.swapped(first, {}, STOCK); // who is not named adds nothing to it
    });

    it('a chain that cannot be read is refused', async () => {
      const type = 'urn:example:token';
      for (const act of ['admin', null, [], { sub: 'a', act: 7 }]) {
        const tokens = { [type]: () => ({ subject: 'alice', scope: ['read'], claims: { act } }) };
        const { swap } = exchangeServer({ exchange: { tokens } });
        const { status, body } = await swap('x', { subject_token_type: type });
        assert.deepEqual([status, body.error], [400, 'invalid_request'], JSON.stringify(act));
      }
    });

    /** The first exchange says who may act next. */
    const naming = (may_act: unknown): ExchangeSetup =>
      letting(({ client }) => (client.client_id === 'orders' ? { claims: { may_act } } : {}));
    const actors: readonly (readonly [mayAct: unknown, isGood: boolean])[] = [
      [{ sub: 'stock' }, true],
      [{ sub: 'stock', client_id: 'stock' }, true],
      [{ sub: 'stock', iss: ISSUER }, true],
      [{ sub: 'printer' }, false],
      [{ sub: 'stock', iss: 'https://other.example' }, false],
      [{ sub: 'stock', client_id: 'printer' }, false],
      [{ sub: 'stock', email: 'a@b.example' }, false],
      [{}, false],
      [null, false],
      [[], false],
      ['stock', false],
    ];
    for (const [mayAct, isGood] of actors)
      it(`§4.4 may_act ${JSON.stringify(mayAct)}: the client ${isGood ? 'may' : 'may not'} act`, async () => {
        const { subject, swapped, swap, tokens } = await made(naming(mayAct));
        const one = (await swapped(subject)).access_token;
        const answer = await swap(one, {}, STOCK);
        assert.deepEqual([answer.status, answer.body.error], isGood ? [200, undefined] : [400, 'invalid_request']);
        if (isGood)
          assert.deepEqual(
            (await tokens.verify(answer.body.access_token))?.claims?.['may_act'],
            mayAct,
            'and nobody else, later',
          );
      });

    it('§4.4 may_act applies to impersonation, too, and is compared with the actor token if there is one', async () => {
      const { subject, swapped, swap, connect } = await made(
        letting(({ client }) =>
          client.client_id === 'orders' ? { claims: { may_act: { sub: 'alice' } } } : { namesActor: false },
        ),
      );
      const one = (await swapped(subject)).access_token;
      assert.equal((await swap(one, {}, STOCK).expect(400)).body.error, 'invalid_request');
      const actor = { actor_token: (await connect()).access_token, actor_token_type: ACCESS_TOKEN };
      await swapped(one, actor, STOCK);
    });

    it('allow cannot set act', async () => {
      const { subject, swapped, tokens } = await made(
        letting(() => ({ claims: { act: { sub: 'admin' }, tier: 'gold' } })),
      );
      const { claims } = (await tokens.verify((await swapped(subject)).access_token)) ?? {};
      assert.deepEqual(claims, { tier: 'gold', act: { sub: 'orders', client_id: 'orders', iss: ISSUER } });
    });

    it('allow cannot set act in an impersonation, either', async () => {
      const { subject, swapped, tokens } = await made(
        letting(() => ({ namesActor: false, claims: { act: { sub: 'admin' }, tier: 'gold' } })),
      );
      const { claims } = (await tokens.verify((await swapped(subject)).access_token)) ?? {};
      assert.deepEqual(claims, { tier: 'gold' });
    });

    it('§2.1 an actor token may be what a service got for itself: the service is then the one who acts', async () => {
      const { subject, swapped, swap, tokens, app, asked } = await made({
        tokens: { clientScope: () => ['read'] },
        ...letting(({ client }) => ({
          claims: { may_act: { sub: client.client_id === 'orders' ? 'stock' : 'nobody' } },
        })),
      });
      const own = async (client: App) =>
        (await tokenRequest(app, { grant_type: 'client_credentials' }, client).expect(200)).body.access_token;
      const actor = async (client: App) => ({ actor_token: await own(client), actor_token_type: ACCESS_TOKEN });
      const one = (await swapped(subject, await actor(STOCK))).access_token;
      const act = (sub: string) => ({ sub, client_id: sub, iss: ISSUER });
      assert.deepEqual((await tokens.verify(one))?.claims?.['act'], act('stock'));
      assert.equal(asked[0]?.actor?.subject, 'stock');
      assert.equal(
        (await swap(one, await actor(PRINTER), PRINTER).expect(400)).body.error,
        'invalid_request',
        'may_act',
      );
      await swapped(one, await actor(STOCK), PRINTER);
    });

    it('RFC 9068 §6 a pairwise client gets pairwise identifiers in act, and never the internal subject; an API gets the subject', async () => {
      const at = (client: App, host: string) =>
        ({ ...client, redirect_uris: [`https://${host}.example/cb`], subject_type: 'pairwise' }) as App;
      const [orders, stock, printer] = [at(ORDERS, 'orders'), at(STOCK, 'stock'), at(PRINTER, 'printer')];
      const clients = [CLIENT, OTHER, orders, stock, printer];
      const { app, swapped, connect, tokens, server } = exchangeServer({
        clients,
        plugs: [openid({ pairwise: 'a secret of the application, for subjects' })],
        tokens: { accessTokens: jwt({ audience: FILES }), clientScope: () => ['read'] },
        options: {
          issuer: ISSUER,
          keys: await keySet({ signing: await generateSigningKey('RS256') }),
          clients: { find: (id) => clients.find(({ client_id }) => client_id === id) },
        },
      });
      const knownAs = (subject: string, client: App) => server.core.outwardSubject(subject, client);
      const { code } = await browser(app, 'bob').allow();
      const bob = (await exchangeCode(app, code)).body.access_token;
      const asActor = (actor_token: string) => ({ actor_token, actor_token_type: ACCESS_TOKEN });
      const one = (await swapped((await connect()).access_token, asActor(bob), orders)).access_token;
      const acting = (sub: string, act?: object) => ({ sub, client_id: 'client', iss: ISSUER, ...(act && { act }) });
      const { sub, act } = decodeJwt(one);
      assert.deepEqual([sub, act], [await knownAs('alice', orders), acting(await knownAs('bob', orders))]);

      const service = { sub: 'stock', client_id: 'stock', iss: ISSUER };
      const two = (await swapped(one, {}, stock)).access_token;
      assert.deepEqual(decodeJwt(two)['act'], { ...service, act: acting(await knownAs('bob', stock)) });
      const three = (await swapped(two, asActor(bob), printer)).access_token;
      const bobThere = await knownAs('bob', printer);
      assert.deepEqual(decodeJwt(three)['act'], acting(bobThere, { ...service, act: acting(bobThere) }));

      const inside = acting('bob', { ...service, act: acting('bob') });
      assert.deepEqual((await tokens.verify(three))?.claims?.['act'], inside);
      const toldTo = async (client: App) => Reflect.get(await tokens.introspect(three, client), 'act');
      assert.deepEqual([await toldTo(printer), await toldTo(CLIENT)], [decodeJwt(three)['act'], inside]);
    });

    it('UserInfo tells the user, and not who acts', async () => {
      const keys = await keySet({ signing: await generateSigningKey('RS256') });
      const { connect, swapped, app, tokens } = exchangeServer({
        plugs: [openid({ findUser: (id) => ({ id, name: 'Alice' }) })],
        options: {
          issuer: ISSUER,
          keys,
          clients: { find: (id) => [CLIENT, ORDERS].find(({ client_id }) => client_id === id) },
        },
        routes: (router, server) => void router.all('/userinfo', server.route('userinfo')),
      });
      const { access_token: subject } = await connect({ scope: 'openid read' });
      const { access_token } = await swapped(subject);
      assert.ok((await tokens.verify(access_token))?.claims?.['act']);
      const { body } = await request(app.callback())
        .get('/userinfo')
        .auth(access_token, { type: 'bearer' })
        .expect(200);
      assert.deepEqual(body, { sub: 'alice' });
    });
  });

  describe('ending is final', () => {
    it('an exchanged token is revoked with the authorization that it came from, also through a chain', async () => {
      const { subject, swapped, first, tokens, swap } = await made();
      const one = (await swapped(subject)).access_token;
      const two = (await swapped(one, {}, STOCK)).access_token;
      await tokens.revoke(first.refresh_token, CLIENT);
      for (const token of [subject, one, two]) assert.equal(await tokens.verify(token), undefined);
      assert.equal((await swap(subject).expect(400)).body.error, 'invalid_request');
    });

    it('an exchange in progress when its authorization is revoked issues no token', async () => {
      let end: () => Promise<unknown> = async () => undefined;
      const { subject, swap, first, tokens } = await made(
        letting(async () => {
          await end();
          return {};
        }),
      );
      end = () => tokens.revoke(first.refresh_token, CLIENT);
      const { status, body } = await swap(subject);
      assert.deepEqual([status, body.error, body.access_token], [400, 'invalid_grant', undefined]);
    });

    it('the service that gives its token back, or is removed, ends nothing of the others', async () => {
      const { subject, swapped, tokens } = await made();
      const one = (await swapped(subject)).access_token;
      await tokens.revoke(one, ORDERS);
      assert.equal(await tokens.verify(one), undefined);
      assert.ok(await tokens.verify(subject));
      const two = (await swapped(subject)).access_token;
      await tokens.revokeAll({ client: ORDERS });
      assert.equal(await tokens.verify(two), undefined);
      assert.ok(await tokens.verify(subject));
    });

    it('revokeAll of a user and a service ends what the service got for that user, also on a store that lists no authorizations', async () => {
      for (const store of [memoryStore(), recordingStore().store]) {
        const { subject, swapped, tokens } = await made({ store });
        const one = (await swapped(subject)).access_token;
        const two = (await swapped(one, {}, STOCK)).access_token;
        const user: User = { id: 'alice', name: 'Alice' };
        assert.equal(await tokens.revokeAll({ user: { id: 'bob', name: '' }, client: ORDERS }), 0);
        assert.ok(await tokens.verify(one));
        assert.equal(await tokens.revokeAll({ user, client: ORDERS }), 0);
        assert.equal(await tokens.verify(one), undefined);
        for (const token of [subject, two]) assert.ok(await tokens.verify(token));
      }
    });

    it('a token that is all its client has ends, when it gives it back, with what was exchanged for it', async () => {
      const { subject, swapped, tokens } = await made({ tokens: { refreshTokens: () => false } });
      const one = (await swapped(subject)).access_token;
      const two = (await swapped(one, {}, STOCK)).access_token;
      await tokens.revoke(two, STOCK);
      assert.ok(await tokens.verify(subject), 'a service that gives its token back ends nothing of the others');
      assert.ok(await tokens.verify(one));
      await tokens.revoke(subject, CLIENT);
      for (const token of [subject, one]) assert.equal(await tokens.verify(token), undefined);
    });

    it('a client that goes on refreshing gives back an access token alone', async () => {
      const { subject, first, swapped, tokens, refresh } = await made({ tokens: { rotate: () => false } });
      const again = (await refresh(first.refresh_token).expect(200)).body;
      const one = (await swapped(subject)).access_token;
      for (const token of [subject, again.access_token]) await tokens.revoke(token, CLIENT);
      assert.ok(await tokens.verify(one));
      await refresh(first.refresh_token).expect(200);
      await tokens.revoke(first.refresh_token, CLIENT);
      assert.equal(await tokens.verify(one), undefined);
    });

    it('whose it is is told: to APIs, by introspection and in events', async () => {
      const { subject, swapped, tokens } = await made();
      const one = (await swapped(subject)).access_token;
      const told: unknown[] = [];
      for (const name of ['introspected', 'revoked'] as const)
        tokens.events.on(name, (event: TokenEvent) => told.push([name, event.subject, event.clientID]));
      assert.equal((await tokens.verify(one))?.subject, 'alice');
      for (const client of [ORDERS, STOCK])
        assert.equal(Reflect.get(await tokens.introspect(one, client), 'sub'), 'alice');
      await tokens.revoke(one, ORDERS);
      assert.deepEqual(told, [
        ['introspected', 'alice', 'orders'],
        ['introspected', 'alice', 'orders'],
        ['revoked', 'alice', 'orders'],
      ]);
    });

    it('the list of what a user has allowed has one row, of the client that they allowed', async () => {
      const { subject, swapped, tokens } = await made();
      await swapped(subject);
      const listed = await tokens.listAuthorizations({ id: 'alice', name: 'Alice' });
      assert.deepEqual(
        listed.map(({ clientID }) => clientID),
        ['client'],
      );
    });
  });

  describe('tokens that are bound to a key', () => {
    const key = async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = await exportJWK(publicKey);
      return (now: number) =>
        new SignJWT({ htm: 'POST', htu: `${ISSUER}/token`, jti: crypto.randomUUID(), iat: now })
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
          .sign(privateKey);
    };
    const bound = async (exchange: ExchangeSetup['exchange'] = {}) => {
      const server = exchangeServer({ plugs: [dpop()], exchange });
      const [own, others] = [await key(), await key()];
      const { body } = await server.swap('x', {}).set('DPoP', await own(server.clock.now));
      assert.equal(body.error, 'invalid_request');
      return { ...server, own, others };
    };

    it('are exchanged by who proves to have the key, and what comes of it is bound to it', async () => {
      const { swap, own, others, clock, tokens, app } = await bound();
      const { code } = await browser(app).allow();
      const { body } = await exchangeCode(app, code).set('DPoP', await own(clock.now));
      assert.equal(body.token_type, 'DPoP');
      assert.equal((await swap(body.access_token)).body.error, 'invalid_request', 'no proof');
      const wrong = await swap(body.access_token).set('DPoP', await others(clock.now));
      assert.equal(wrong.body.error, 'invalid_request', 'another key');
      const right = await swap(body.access_token).set('DPoP', await own(clock.now));
      assert.equal(right.body.token_type, 'DPoP');
      const [one, two] = await Promise.all([tokens.verify(body.access_token), tokens.verify(right.body.access_token)]);
      assert.deepEqual(one?.confirmation, two?.confirmation);
    });

    it('RFC 8705 §3: by who proves to have the certificate, and what comes of it is bound to it', async () => {
      const [own, others] = [await selfSigned(), await selfSigned()];
      const bound = { ...CLIENT, tls_client_certificate_bound_access_tokens: true } as App;
      const held: { certificate: X509Certificate | undefined } = { certificate: own.certificate };
      const plug = certificateBoundTokens<App, User>({
        certificate: () => (held.certificate ? { certificate: held.certificate, isVerified: false } : undefined),
      });
      const service = { ...ORDERS, tls_client_certificate_bound_access_tokens: true } as App;
      const { connect, swap, tokens } = exchangeServer({ plugs: [plug], clients: [bound, service] });
      const { access_token } = await connect();
      const { confirmation } = (await tokens.verify(access_token)) ?? {};
      assert.deepEqual(Object.keys(confirmation ?? {}), ['x5t#S256']);
      for (const certificate of [undefined, others.certificate]) {
        held.certificate = certificate;
        assert.equal((await swap(access_token, {}, service)).body.error, 'invalid_request');
      }
      held.certificate = own.certificate;
      const { body } = await swap(access_token, {}, service).expect(200);
      assert.deepEqual((await tokens.verify(body.access_token))?.confirmation, confirmation);
    });

    it('a bound actor token is accepted only with its key, too', async () => {
      const { swap, own, clock, app, connect } = await bound();
      const { code } = await browser(app).allow();
      const { body } = await exchangeCode(app, code).set('DPoP', await own(clock.now));
      const subject = (await connect()).access_token;
      const actor = { actor_token: body.access_token, actor_token_type: ACCESS_TOKEN };
      assert.equal((await swap(subject, actor).expect(400)).body.error, 'invalid_request');
      await swap(subject, actor)
        .set('DPoP', await own(clock.now))
        .expect(200);
    });

    it('bound tokens of other clients are accepted only with a relaxation, and the new token is bound to the key of the caller', async () => {
      const { swap, own, others, clock, tokens, app } = await bound({ allowBoundTokensOfOthers: true });
      const { code } = await browser(app).allow();
      const { body } = await exchangeCode(app, code).set('DPoP', await own(clock.now));
      assert.equal((await swap(body.access_token)).body.error, 'invalid_request', 'unbound it gets none');
      const answer = await swap(body.access_token).set('DPoP', await others(clock.now));
      assert.equal(answer.body.token_type, 'DPoP');
      const [one, two] = await Promise.all([tokens.verify(body.access_token), tokens.verify(answer.body.access_token)]);
      assert.ok(two?.confirmation);
      assert.notDeepEqual(one?.confirmation, two?.confirmation);
    });
  });

  describe('§3 other types of tokens', () => {
    it('an ID token of this server, by the client that it is for, while it is good', async () => {
      const keys = await keySet({ signing: await generateSigningKey('RS256') });
      const server = exchangeServer({
        plugs: [openid({ findUser: (id) => ({ id, name: 'Alice' }) })],
        options: {
          issuer: ISSUER,
          keys,
          clients: { find: (id) => [CLIENT, ORDERS].find(({ client_id }) => client_id === id) },
        },
        ...letting(() => ({ scope: ['read'] })),
      });
      const { id_token, access_token } = await server.connect({ scope: 'openid read' });
      const more = { subject_token_type: `${TYPE}id_token` };
      const { body } = await server.swap(id_token, more, CLIENT).expect(200);
      assert.deepEqual([body.scope, (await server.tokens.verify(body.access_token))?.subject], ['read', 'alice']);
      assert.equal((await server.swap(id_token, more, ORDERS)).body.error, 'invalid_request', 'not for this client');
      assert.equal((await server.swap(access_token, more, CLIENT)).body.error, 'invalid_request', 'no ID token');
      server.clock.now += 601;
      assert.equal((await server.swap(id_token, more, CLIENT)).body.error, 'invalid_request', 'expired');
    });

    it('tokens of others, as the application verifies them', async () => {
      const saml = `${TYPE}saml2`;
      const { swap, swapped, tokens } = exchangeServer({
        exchange: {
          allow: ({ subject }) => (subject.claims?.['level'] === 'high' ? { scope: ['read'] } : false),
          tokens: {
            [saml]: (token, { client }) =>
              token.startsWith('<saml') && client.client_id === 'orders'
                ? { subject: 'alice', claims: { level: token.slice(6) }, expiresAt: 1_767_225_600 + 100 }
                : undefined,
          },
        },
      });
      const more = { subject_token_type: saml };
      const { access_token, expires_in } = await swapped('<saml high', more);
      assert.deepEqual([(await tokens.verify(access_token))?.subject, expires_in], ['alice', 100]);
      assert.equal((await swap('<saml low', more)).body.error, 'invalid_request');
      assert.equal((await swap('none', more)).body.error, 'invalid_request');
      assert.equal((await swap('<saml high', more, STOCK)).body.error, 'invalid_request');
    });

    const thing = 'urn:example:thing';
    const UNREADABLE: readonly (readonly [member: string, value: unknown])[] = [
      ['scope', 'readonly'],
      ['scope', ['read', 7]],
      ['scope', new Set(['read'])],
      ['audience', `${FILES}reports`],
      ['audience', null],
      ['expiresAt', new Date(1_767_225_600_000 + 100_000)],
      ['expiresAt', 1_767_225_600_000 - 100_000],
      ['expiresAt', Number.NaN],
      ['confirmation', 'a thumbprint'],
      ['confirmation', null],
    ];
    for (const [member, value] of UNREADABLE)
      it(`a token of others whose ${member} is ${JSON.stringify(value)} is a mistake of the application: it is exchanged for nothing`, async () => {
        const { swap, errors, asked } = exchangeServer({
          exchange: {
            tokens: { [thing]: () => ({ subject: 'alice', scope: ['read'], audience: [FILES], [member]: value }) },
            allow: () => ({ scope: ['read'] }),
          },
        });
        const { status, body } = await swap('x', { subject_token_type: thing, audience: FILES });
        assert.deepEqual([status, body.error, asked.length], [500, 'server_error', 0]);
        assert.match(String(errors.at(-1)), new RegExp(`TypeError: .*${thing}.*${member}`));
      });

    it('a token of others whose subject cannot stand for a user is refused: its issuer may have written it', async () => {
      const tokens = { [thing]: () => ({ subject: '\u0001registered client:x', scope: ['read'] }) };
      const { swap, errors, asked } = exchangeServer({ exchange: { tokens, allow: () => ({ scope: ['read'] }) } });
      const { status, body } = await swap('x', { subject_token_type: thing });
      assert.deepEqual([status, body.error, asked.length], [400, 'invalid_request', 0]);
      assert.match(String(errors.at(-1)?.cause), /control characters.*tokenExchange\(\{ tokens \}\)/);
    });

    it('tokens of others give no refresh token, and one that is huge is not read', async () => {
      const read: string[] = [];
      const { swap, swapped } = exchangeServer({
        exchange: {
          allow: () => ({ scope: ['read'] }),
          tokens: {
            'urn:example:thing': (token) => {
              read.push(token);
              return { subject: 'alice' };
            },
          },
        },
      });
      const more = { subject_token_type: 'urn:example:thing' };
      assert.equal('refresh_token' in (await swapped('one', more)), false);
      assert.equal((await swap('x'.repeat(33_000), more).expect(400)).body.error, 'invalid_request');
      assert.deepEqual(read, ['one']);
    });

    it('an ID token whose sub is another one for each client is refused: it is no subject here', async () => {
      const keys = await keySet({ signing: await generateSigningKey('RS256') });
      const clients = [CLIENT, ORDERS];
      const subjectFor = (subject: string) => `pairwise-${subject}`;
      const server = exchangeServer({
        plugs: [openid({ subjectFor, findUser: (id) => ({ id, name: 'Alice' }) })],
        options: { issuer: ISSUER, keys, clients: { find: (id) => clients.find(({ client_id }) => client_id === id) } },
        ...letting(() => ({ scope: ['read'] })),
      });
      const { id_token } = await server.connect({ scope: 'openid read' });
      assert.equal(decodeJwt(id_token).sub, 'pairwise-alice');
      const { body } = await server.swap(id_token, { subject_token_type: `${TYPE}id_token` }, CLIENT).expect(400);
      assert.equal(body.error, 'invalid_request');
      assert.equal(server.asked.length, 0);
    });

    it('§2.2.1 tokens of another type are issued by the application, and are no access tokens', async () => {
      const type = 'urn:example:ticket';
      const { subject, swapped } = await made({
        exchange: {
          issues: {
            [type]: ({ subject: { subject }, grantedScope, endsAt, act }) => ({
              token: JSON.stringify([subject, grantedScope, endsAt, act?.['sub']]),
              expiresIn: 60,
            }),
          },
        },
      });
      const answer = await swapped(subject, { requested_token_type: type, scope: 'read', audience: 'printer' });
      assert.deepEqual(answer, {
        access_token: JSON.stringify(['alice', ['read'], 1_767_225_600 + 3600, 'orders']),
        issued_token_type: type,
        token_type: 'N_A',
        expires_in: 60,
        scope: 'read',
      });
    });
  });

  it('no chain of exchanges gives more than its first subject token', async () => {
    const [words, actions] = [
      ['a', 'b', 'c', 'd'],
      ['x', 'y', 'z'],
    ];
    const apis = [FILES, MAIL, 'https://calendar.example/'];
    // most leave most things unsaid: all that is said together is mostly too much, and then nothing is exchanged
    const some = (from: readonly string[], minLength = 1) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.subarray([...from], { minLength }) },
      );
    const detailsOf = (of: readonly string[] | undefined) => of && [{ type: 'files', actions: of }];
    const asJSON = (of: readonly string[] | undefined) => of && JSON.stringify(detailsOf(of));
    const begin = fc.record({
      scope: fc.subarray(words, { minLength: 2 }),
      resource: fc.subarray(apis),
      details: fc.option(fc.subarray(actions, { minLength: 1 }), { nil: undefined }),
    });
    const step = fc.record({
      by: fc.constantFrom(ORDERS, STOCK, PRINTER, OTHER),
      asks: some(words),
      gives: some(words, 0),
      resource: some(apis),
      audience: some(apis),
      details: some(actions),
      givesDetails: some(actions),
      lifetime: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
      namesActor: fc.boolean(),
      wait: fc.integer({ min: 0, max: 900 }),
      from: fc.nat(),
    });
    const plugs = [
      resourceIndicators<App>({ resources: Object.fromEntries(apis.map((api) => [api, {}])) }),
      authorizationDetails<App>({ types: { files: { required: ['actions'], validate: () => true } } }),
    ];
    const depth = (act: unknown): number => (act ? 1 + depth(Reflect.get(Object(act), 'act')) : 0);
    const actionsOf = (claims: Claims | undefined): readonly string[] => {
      const details = claims?.['authorization_details'];
      return Array.isArray(details) ? details.flatMap((detail) => detail.actions) : [];
    };
    let exchanged = 0;
    await fc.assert(
      fc.asyncProperty(begin, fc.array(step, { maxLength: 6 }), async (begun, steps) => {
        let given: Awaited<ReturnType<Allow>> = {};
        const server = exchangeServer({ plugs, exchange: { maxDepth: 3, allow: () => given } });
        const first = await server.connect({
          scope: begun.scope.join(' '),
          resource: begun.resource,
          authorization_details: asJSON(begun.details),
        });
        const known = [String(first.access_token)];
        for (const {
          by,
          asks,
          gives,
          resource,
          audience,
          details,
          givesDetails,
          lifetime,
          namesActor,
          wait,
          from,
        } of steps) {
          const subject = known[from % known.length] ?? '';
          given = { scope: gives, audience, authorizationDetails: detailsOf(givesDetails), lifetime, namesActor };
          const asked = { scope: asks?.join(' '), resource, authorization_details: asJSON(details) };
          const { status, body } = await server.swap(subject, asked, by);
          assert.ok(status === 200 || status === 400, `${status}`);
          if (status === 200) {
            exchanged += 1;
            const [old, own] = await Promise.all([
              server.tokens.verify(subject),
              server.tokens.verify(body.access_token),
            ]);
            assert.ok(old && own);
            assert.ok(own.scope.length > 0 && own.scope.every((word) => old.scope.includes(word)));
            assert.ok(own.expiresAt <= old.expiresAt);
            assert.equal(own.audience === undefined, old.audience === undefined);
            assert.ok((own.audience ?? []).every((one) => old.audience?.includes(one)));
            assert.ok(actionsOf(own.claims).every((one) => actionsOf(old.claims).includes(one)));
            assert.equal(own.subject, 'alice');
            assert.equal(depth(own.claims?.['act']), depth(old.claims?.['act']) + (namesActor ? 1 : 0));
            assert.ok(depth(own.claims?.['act']) <= 3);
            known.push(body.access_token);
          }
          server.clock.now += wait;
        }
        await server.tokens.revoke(first.refresh_token, CLIENT);
        for (const token of known) assert.equal(await server.tokens.verify(token), undefined);
      }),
      { numRuns: 60 },
    );
    assert.ok(exchanged > 10, `only ${exchanged} exchanges were allowed`);
  }).timeout(60_000);
});
