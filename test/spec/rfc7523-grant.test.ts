/** RFC 7523 §2.1 and §3, with RFC 7521 §4.1: JWTs as authorization grants. And RFC 8725, where they are attacked. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { type AddressInfo, createServer as createTCPServer } from 'node:net';
import { dpop, resourceIndicators, setAuthenticatedClient } from 'koauthorize';
import { jwtBearer } from 'koauthorize/jwt-bearer';
import {
  AGENT,
  type AssertionServer,
  type AssertionSetup,
  assertionServer,
  goodGrant,
  IDP,
  type Issuers,
  issuers,
  JWT_BEARER,
  SECOND_IDP,
  sign,
} from '../support/assertion-server.js';
import { signed } from '../support/assertions.js';
import { ISSUER, OTHER, tokenRequest } from '../support/authorization-server.js';
import { clientKey, proofFor } from '../support/dpop.js';
import { assertErrorHere } from '../support/form.js';
import { type KeyServer, keyPair, keyServer } from '../support/key-server.js';

const TOKEN_ENDPOINT = `${ISSUER}/token`;
const NOW = 1_767_225_600;

type Answer = Awaited<ReturnType<AssertionServer['present']>>;

describe('RFC 7523 §2.1: a JWT as an authorization grant', () => {
  let keys: Issuers;

  before(async () => {
    keys = await issuers();
  });

  const made = (setup?: AssertionSetup) => assertionServer(keys, setup);
  const good = (more: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}) =>
    sign(keys.first, goodGrant(more), header);

  /** RFC 7523 §3.1: `invalid_grant`, and the operator alone is told why. */
  function assertRefused({ errors }: AssertionServer, answer: Answer, why: RegExp): void {
    assertErrorHere(answer, 400, 'invalid_grant');
    assert.equal(answer.body['error_description'], 'Invalid assertion');
    assert.match(String((errors.at(-1) as Error | undefined)?.cause), why);
  }

  /** What an API is told of a token. */
  const told = async ({ tokens }: AssertionServer, { access_token }: { readonly access_token: string }) =>
    ({ ...(await tokens.introspect(access_token)) }) as Readonly<Record<string, unknown>>;

  describe('§2.1 what a good client presents', () => {
    it('gives an access token for the user whom the application names, with what it allows of what the client registered', async () => {
      const { present, tokens } = made();
      const { body } = await present(good()).expect(200);
      assert.deepEqual([body.token_type, body.scope, body.refresh_token], ['Bearer', 'read write', undefined]);
      const token = await tokens.verify(body.access_token);
      assert.deepEqual([token?.subject, token?.clientID, token?.scope], ['alice', 'agent', ['read', 'write']]);
    });

    it('the application sees who vouches for whom, all claims, the client and the scope that it asks for', async () => {
      const { present, asked } = made();
      await present(good({ email: 'alice@idp.example' }), { scope: 'read' }).expect(200);
      const [one] = asked;
      assert.deepEqual([one?.issuer, one?.subject, one?.client, one?.scope], [IDP, 'alice@idp', AGENT, ['read']]);
      assert.equal(one?.claims['email'], 'alice@idp.example');
    });

    it('RFC 7521 §4.1 the scope that the client asks for is limited to what is allowed', async () => {
      const { present } = made();
      assert.equal((await present(good(), { scope: 'read' }).expect(200)).body.scope, 'read');
      assert.equal((await present(good(), { scope: 'read delete' }).expect(200)).body.scope, 'read');
      assertErrorHere(await present(good(), { scope: 'delete' }), 400, 'invalid_scope');
    });

    it('a scope in the assertion limits the grant, too, and is the default if the application gives no scope', async () => {
      const { present } = made();
      assert.equal((await present(good({ scope: 'read other' })).expect(200)).body.scope, 'read');
      const quiet = made({ bearer: { authorize: () => ({ subject: 'alice' }) } });
      assert.equal((await quiet.present(good({ scope: 'write other' })).expect(200)).body.scope, 'write');
      assert.equal((await quiet.present(good()).expect(200)).body.scope, undefined);
      assertRefused(quiet, await quiet.present(good({ scope: 7 })), /scope is no text/);
    });

    it('a token without a scope is not given where nothing of the assertion is allowed', async () => {
      const server = made();
      assertRefused(server, await server.present(good({ scope: 'other' })), /nothing of its scope/);
    });

    it('without an assertion: invalid_request', async () => {
      const { app } = made();
      assertErrorHere(await tokenRequest(app, { grant_type: JWT_BEARER }, AGENT), 400, 'invalid_request');
    });

    it('is announced among the grant types', async () => {
      const { server } = made();
      assert.ok(server.core.exchanges.has(JWT_BEARER));
    });
  });

  describe('§3 what an assertion must say', () => {
    const wrong: readonly [title: string, claims: Readonly<Record<string, unknown>>, why: RegExp][] = [
      ['item 1 without iss', { iss: undefined }, /issuer is not trusted/],
      ['item 1 an iss that nobody trusts', { iss: 'https://evil.example' }, /issuer is not trusted/],
      ['item 1 an iss that differs in a slash', { iss: `${IDP}/` }, /issuer is not trusted/],
      ['item 1 an iss of the prototype', { iss: '__proto__' }, /issuer is not trusted/],
      ['item 1 an iss that is a list', { iss: [IDP] }, /issuer is not trusted/],
      ['item 2 without sub', { sub: undefined }, /sub is missing/],
      ['item 2 an empty sub', { sub: '' }, /sub is missing/],
      ['item 2 a sub that is a number', { sub: 7 }, /sub is missing/],
      ['item 3 without aud', { aud: undefined }, /aud is not/],
      ['item 3 aud of another server', { aud: 'https://other-as.example' }, /aud is not/],
      ['item 3 aud of another server, too', { aud: [ISSUER, 'https://other-as.example'] }, /aud is not/],
      ['item 3 aud is an empty list', { aud: [] }, /aud is not/],
      ['item 3 aud differs in case', { aud: ISSUER.toUpperCase() }, /aud is not/],
      ['item 3 aud is the token endpoint, for which the issuer is not said to', { aud: TOKEN_ENDPOINT }, /aud is not/],
      ['item 4 without exp', { exp: undefined }, /is not a number/],
      ['item 4 exp is text', { exp: '9999999999' }, /is not a number/],
      ['item 4 it has expired', { exp: NOW - 31 }, /exp has passed/],
      ['item 4 it ends in a year', { exp: NOW + 31_536_000 }, /too far off/],
      ['item 5 nbf is to come', { nbf: NOW + 40 }, /nbf is in the future/],
      ['item 6 iat is to come', { iat: NOW + 40 }, /iat is in the future/],
      ['item 7 without jti', { jti: undefined }, /jti is missing/],
      ['item 7 an empty jti', { jti: '' }, /jti is missing/],
      ['item 7 a jti as long as a book', { jti: 'x'.repeat(513) }, /jti is missing, or too long/],
      ['a resource that is none', { resource: [7] }, /resource is neither/],
      ['cnf with a whole key, which nothing compares', { cnf: { jwk: { kty: 'EC' } } }, /cnf has no member/],
      ['an empty cnf', { cnf: {} }, /cnf has no member/],
    ];
    for (const [title, claims, why] of wrong)
      it(`${title}: invalid_grant`, async () => {
        const server = made();
        assertRefused(server, await server.present(good(claims)), why);
        assert.deepEqual(server.asked, [], 'and the application is not asked');
      });

    it('item 3 aud may be a list of the issuer alone', async () => {
      await made()
        .present(good({ aud: [ISSUER] }))
        .expect(200);
    });

    it('item 3 the URL of the token endpoint is an audience for an issuer of which that is said, and for no other', async () => {
      const server = made({ trusted: { allowTokenEndpointAudience: true } });
      await server.present(good({ aud: TOKEN_ENDPOINT })).expect(200);
      const second = sign(keys.second, goodGrant({ iss: SECOND_IDP, aud: TOKEN_ENDPOINT }));
      assertRefused(server, await server.present(second), /aud is not/);
    });

    it('item 4 its clock may be 30 s off, and a shorter life may be asked for', async () => {
      await made()
        .present(good({ exp: NOW - 29 }))
        .expect(200);
      const server = made({ trusted: { maxLifetime: 20 } });
      assertRefused(server, await server.present(good({ exp: NOW + 60 })), /too far off/);
    });

    it('item 7 it is accepted once, also among fifty concurrent requests', async () => {
      const server = made();
      const assertion = good();
      const answers = await Promise.all(Array.from({ length: 50 }, () => server.present(assertion)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      assertRefused(server, await server.present(assertion), /it was used before/);
    });

    it('item 7 the same jti of another issuer is another assertion', async () => {
      const server = made({ bearer: { authorize: () => ({ subject: 'alice' }) } });
      await server.present(good({ jti: 'one' })).expect(200);
      await server.present(sign(keys.second, goodGrant({ iss: SECOND_IDP, jti: 'one' }))).expect(200);
    });

    it('item 7 an assertion that was refused for another reason is not spent', async () => {
      const server = made();
      const assertion = good();
      assertErrorHere(await server.present(assertion, { scope: 'delete' }), 400, 'invalid_scope');
      await server.present(assertion).expect(200);
    });

    it('item 7 of an issuer of which that is said it may be used until it expires, and may lack a jti', async () => {
      const server = made({ trusted: { allowReuse: true } });
      const assertion = good({ jti: undefined });
      await server.present(assertion).expect(200);
      await server.present(assertion).expect(200);
      server.clock.now += 91;
      assertRefused(server, await server.present(assertion), /exp has passed/);
    });
  });

  describe('client_id, which RFC 8693 §4.3 has for a client of the issuer', () => {
    it('is not compared where nobody said that it names a client of this server', async () => {
      await made()
        .present(good({ client_id: 'a client of the issuer' }))
        .expect(200);
    });

    it('names the client that may present the assertion, of an issuer of which that is said', async () => {
      const server = made({ trusted: { namesClient: true } });
      await server.present(good({ client_id: AGENT.client_id }, { typ: 'authorization-grant+jwt' })).expect(200);
      for (const client_id of ['somebody-else', '', undefined, null, 7, [AGENT.client_id], { agent: true }])
        assertRefused(server, await server.present(good({ client_id })), /client_id is not the client/);
      assertRefused(server, await server.present(good({ client_id: AGENT.client_id }), {}, OTHER), /client_id is not/);
    });

    it('counts of that issuer alone', async () => {
      const authorize = () => ({ subject: 'bob', scope: ['read'] });
      const server = made({ trusted: { namesClient: true }, bearer: { authorize } });
      await server.present(sign(keys.second, goodGrant({ iss: SECOND_IDP, client_id: 'x' }))).expect(200);
    });
  });

  describe('§3 items 8 to 10, RFC 8725: who signed it', () => {
    const pem = () =>
      createPublicKey({ key: keys.first.publicKey as never, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
    const forged: readonly [title: string, make: () => string, why: RegExp][] = [
      [
        '§3.1 alg none',
        () => `${signed('', { alg: 'none' }, goodGrant(), 'HS256').split('.').slice(0, 2).join('.')}.`,
        /algorithm is not allowed/,
      ],
      [
        '§3.1 alg NONE',
        () => `${signed('', { alg: 'NONE' }, goodGrant(), 'HS256').split('.').slice(0, 2).join('.')}.`,
        /algorithm is not allowed/,
      ],
      [
        '§2.1 HS256 with the public key as PEM',
        () => signed(String(pem()), { alg: 'HS256', kid: 'k1' }, goodGrant(), 'HS256'),
        /algorithm is not allowed/,
      ],
      [
        '§2.1 HS256 with the public key as JSON',
        () => signed(JSON.stringify(keys.first.publicKey), { alg: 'HS256', kid: 'k1' }, goodGrant(), 'HS256'),
        /algorithm is not allowed/,
      ],
      [
        'the key of another trusted issuer, under the same kid',
        () => sign(keys.second, goodGrant()),
        /signature is wrong/,
      ],
      [
        'a kid that only another issuer has',
        () => sign(keys.rsa, goodGrant(), { kid: 'k2' }, 'RS256'),
        /no key for it/,
      ],
      [
        'a key that the header brings',
        () => sign(keys.rsa, goodGrant(), { kid: undefined, jwk: keys.rsa.publicKey }, 'RS256'),
        /no key for it/,
      ],
      ['no signature', () => good().replace(/[^.]*$/, ''), /signature is wrong/],
      ['§3.11 typ of an access token', () => good({}, { typ: 'at+jwt' }), /typ is of another kind/],
      [
        '§3.11 typ of a client assertion',
        () => good({}, { typ: 'client-authentication+jwt' }),
        /typ is of another kind/,
      ],
      [
        '§3.11 typ of a profile that the issuer is not trusted for',
        () => good({}, { typ: 'oauth-id-jag+jwt' }),
        /typ is of another kind/,
      ],
      ['§3.11 typ that is no text', () => good({}, { typ: 7 }), /typ is of another kind/],
      ['RFC 7515 §4.1.11 crit', () => good({}, { crit: ['b64'], b64: true }), /crit names/],
      ['no JWT', () => 'no-jwt', /malformed/],
      ['claims that are no object', () => sign(keys.first, '[1]'), /malformed/],
      [
        'claims that are nested without an end',
        () => sign(keys.first, goodGrant({ x: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) })),
        /more than 32 levels/,
      ],
      ['a JWT as long as a book', () => good({ x: 'x'.repeat(20_000) }), /malformed: RangeError: It is too long/],
    ];
    for (const [title, make, why] of forged)
      it(`${title}: invalid_grant`, async () => {
        const server = made();
        assertRefused(server, await server.present(make()), why);
        assert.deepEqual(server.asked, [], 'and the application is not asked');
      });

    it('§3.1 an algorithm that the issuer is not trusted for', async () => {
      const server = made({ trusted: { algorithms: ['ES384'] } });
      assertRefused(server, await server.present(good()), /algorithm is not allowed/);
    });

    it('typ may be missing, JWT, or that of a grant', async () => {
      for (const typ of [undefined, 'JWT', 'jwt', 'application/authorization-grant+jwt'])
        await made().present(good({}, { typ })).expect(200);
    });
  });

  describe('keys at a URL', () => {
    let place: KeyServer;
    beforeEach(async () => {
      place = await keyServer();
    });
    afterEach(() => place.close());
    const remote = (): AssertionSetup => ({ trusted: { jwksURI: place.url }, bearer: { allowHTTP: 'loopback' } });

    it('are fetched when they are needed, and again when they have changed', async () => {
      const server = made(remote());
      place.publish(keys.first.publicKey);
      await server.present(good()).expect(200);
      const next = await keyPair('ES256', 'k3');
      place.publish(next.publicKey);
      server.clock.now += 31;
      await server.present(sign(next, goodGrant(), { kid: 'k3' })).expect(200);
    });

    it('that cannot be fetched: temporarily_unavailable, and the assertion can be presented again', async () => {
      const server = made(remote());
      place.answer = (_request, response) => response.writeHead(500).end();
      const assertion = good();
      assertErrorHere(await server.present(assertion), 503, 'temporarily_unavailable');
      place.publish(keys.first.publicKey);
      server.clock.now += 5;
      await server.present(assertion).expect(200);
    });

    it('are not fetched for an issuer that nobody trusts, nor by an algorithm that is not allowed', async () => {
      const server = made(remote());
      await server.present(good({ iss: 'https://evil.example' })).expect(400);
      await server.present(signed('s', { alg: 'HS256' }, goodGrant(), 'HS256')).expect(400);
      assert.equal(place.requests.length, 0);
    });

    it('inside the network are not fetched: no connection is made', async () => {
      let connections = 0;
      const inside = createTCPServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
      const { port } = inside.address() as AddressInfo;
      const server = made({ trusted: { jwksURI: `https://127.0.0.1:${port}/jwks` } });
      assertErrorHere(await server.present(good()), 503, 'temporarily_unavailable');
      assert.equal(connections, 0);
      inside.close();
    });

    it('on this machine are fetched only where that is said', async () => {
      place.publish(keys.first.publicKey);
      const server = made({ trusted: { jwksURI: place.url } });
      assertErrorHere(await server.present(good()), 503, 'temporarily_unavailable');
      assert.equal(place.requests.length, 0);
    });
  });

  describe('an assertion is refused until the application allows it', () => {
    for (const nothing of [undefined, null, false] as const)
      it(`authorize gives ${nothing}: invalid_grant, and the assertion is not spent`, async () => {
        let answer: { subject: string } | undefined | null | false = nothing;
        const server = made({ bearer: { authorize: () => answer } });
        const assertion = good();
        assertRefused(server, await server.present(assertion), /authorize refused it/);
        answer = { subject: 'alice' };
        await server.present(assertion).expect(200);
      });

    it('authorize names nobody: an error of the application, and no token of the client’s own', async () => {
      const server = made({ bearer: { authorize: () => ({ scope: ['read'] }) } });
      await server.present(good()).expect(500);
      assert.match(String(server.errors.at(-1)), /neither a user nor a subject/);
    });

    const MEANT: readonly (readonly [what: string, answer: object])[] = [
      ['scope that is misspelt', { scopes: ['read'] }],
      ['audience that is misspelt', { audiences: ['https://files.example/'] }],
      ['audience that is text', { audience: 'https://files.example/' }],
      ['refreshToken that is misspelt', { refreshTokens: false }],
      ['claims that are misspelt', { claim: {} }],
    ];
    for (const [what, answer] of MEANT)
      it(`authorize gives what cannot be meant: ${what}`, async () => {
        const authorize = () => ({ subject: 'alice', ...answer }) as never;
        const server = made({ bearer: { allowRefreshTokens: true, authorize } });
        await server.present(good({ scope: 'read write' })).expect(500);
        assert.match(String(server.errors.at(-1)), /^TypeError: What jwtBearer\(\{ authorize \}\) gives/);
      });

    it('further members that authorize gives are kept with the authorization, as tokens.issue has it', async () => {
      const seen: unknown[] = [];
      const plug = { name: 'seeing', token: { check: (one: object) => void seen.push(Reflect.get(one, 'tenant')) } };
      const authorize = () => ({ subject: 'alice', scope: ['read'], tenant: 7 });
      await made({ plugs: [plug], bearer: { authorize } })
        .present(good())
        .expect(200);
      assert.deepEqual(seen, [7]);
    });

    it('a user who has the identifier of a client gets nothing', async () => {
      const server = made({ bearer: { authorize: () => ({ subject: 'agent' }) } });
      await server.present(good()).expect(500);
    });

    it('a subject that cannot stand for a user is refused, as the issuer may have written it', async () => {
      const server = made({ bearer: { authorize: ({ subject }) => ({ subject }) } });
      const answer = await server.present(good({ sub: '\u0001registered client:x' }));
      assertRefused(server, answer, /jwtBearer\(\{ authorize \}\) gives as subject has control characters/);
    });

    it('claims of the assertion are in no token unless authorize says so', async () => {
      const server = made();
      const { body } = await server.present(good({ department: 'sales' })).expect(200);
      assert.deepEqual((await told(server, body))['department'], undefined);
      const telling = made({
        bearer: { authorize: ({ claims }) => ({ subject: 'alice', claims: { department: claims['department'] } }) },
      });
      const { body: second } = await telling.present(good({ department: 'sales' })).expect(200);
      assert.equal((await told(telling, second))['department'], 'sales');
    });

    it('a claim that would replace one of the server’s own is an error of the application', async () => {
      const server = made({ bearer: { authorize: () => ({ subject: 'alice', claims: { sub: 'bob' } }) } });
      await server.present(good()).expect(500);
    });
  });

  describe('RFC 7521 §4.1 the client', () => {
    it('that did not register the grant type may not use it', async () => {
      const server = made({ clients: [{ ...AGENT, grant_types: ['authorization_code'] } as never, OTHER] });
      assertErrorHere(await server.present(good()), 400, 'unauthorized_client');
    });

    it('that has not authenticated: invalid_client', async () => {
      const { app } = made();
      const answer = await tokenRequest(
        app,
        { grant_type: JWT_BEARER, assertion: good() },
        { ...AGENT, client_id: 'nobody' },
      );
      assert.equal(answer.body.error, 'invalid_client');
    });

    const publicly = (allowPublicClients?: true): AssertionSetup => ({
      bearer: { ...(allowPublicClients && { allowPublicClients }) },
      authenticate: () => async (ctx, next) => {
        setAuthenticatedClient(ctx, AGENT, 'none');
        await next();
      },
    });

    it('that proves nothing: unauthorized_client, and its assertion is not looked at', async () => {
      const server = made(publicly());
      assertErrorHere(await server.present(good()), 400, 'unauthorized_client');
      assert.deepEqual(server.asked, []);
    });

    it('that proves nothing may where that is said', async () => {
      await made(publicly(true)).present(good()).expect(200);
    });

    it('gets a refresh token only where that is said, and each refresh has the claims again', async () => {
      const server = made({
        bearer: {
          allowRefreshTokens: true,
          authorize: () => ({ subject: 'alice', scope: ['read'], claims: { team: 7 } }),
        },
      });
      const { body } = await server.present(good()).expect(200);
      const refreshed = await tokenRequest(
        server.app,
        { grant_type: 'refresh_token', refresh_token: body.refresh_token },
        AGENT,
      ).expect(200);
      assert.equal((await told(server, refreshed.body))['team'], 7);
      const refused = made({
        bearer: { allowRefreshTokens: true, authorize: () => ({ subject: 'a', refreshToken: false }) },
      });
      assert.equal((await refused.present(good()).expect(200)).body.refresh_token, undefined);
    });
  });

  describe('RFC 8707, RFC 9449: with other extensions', () => {
    const [files, mail] = ['https://files.example/', 'https://mail.example/'];
    const table = () => resourceIndicators<never, never>({ resources: { [files]: {}, [mail]: {} } }) as never;

    it('RFC 8707 a token is for the API that the client names, and for none that is not here', async () => {
      const server = made({ plugs: [table()] });
      const { body } = await server.present(good(), { resource: files }).expect(200);
      assert.deepEqual((await server.tokens.verify(body.access_token))?.audience, [files]);
      assertErrorHere(await server.present(good(), { resource: 'https://x.example/' }), 400, 'invalid_target');
    });

    it('RFC 8707 never for more than the resource of the assertion, nor than authorize allows', async () => {
      const server = made({ plugs: [table()] });
      const { body } = await server.present(good({ resource: mail })).expect(200);
      assert.deepEqual((await server.tokens.verify(body.access_token))?.audience, [mail]);
      assertErrorHere(await server.present(good({ resource: mail }), { resource: files }), 400, 'invalid_target');
      const strict = made({ plugs: [table()], bearer: { authorize: () => ({ subject: 'alice', audience: [files] }) } });
      assertRefused(strict, await strict.present(good({ resource: mail })), /none of its resources/);
      const both = await strict.present(good({ resource: [mail, files] })).expect(200);
      assert.deepEqual((await strict.tokens.verify(both.body.access_token))?.audience, [files]);
    });

    it('RFC 9449 the token is bound to the key of the request', async () => {
      const server = made({ plugs: [dpop() as never] });
      const key = await clientKey('ES256');
      const proof = await proofFor(key, { method: 'POST', url: TOKEN_ENDPOINT, at: NOW });
      const { body } = await server.present(good()).set('DPoP', proof).expect(200);
      assert.equal(body.token_type, 'DPoP');
      assert.equal((await server.tokens.verify(body.access_token))?.confirmation?.jkt, key.thumbprint);
    });

    it('RFC 7800 an assertion that is bound to a key is accepted only with that key, and is not spent without it', async () => {
      const server = made({ plugs: [dpop() as never] });
      const [key, other] = [await clientKey('ES256'), await clientKey('ES256')];
      const assertion = good({ cnf: { jkt: key.thumbprint } });
      const prove = (by: typeof key) => proofFor(by, { method: 'POST', url: TOKEN_ENDPOINT, at: NOW });
      assertErrorHere(await server.present(assertion), 400, 'invalid_grant');
      assertErrorHere(await server.present(assertion).set('DPoP', await prove(other)), 400, 'invalid_grant');
      await server
        .present(assertion)
        .set('DPoP', await prove(key))
        .expect(200);
    });

    it('RFC 7800 what comes of an assertion that is bound to a key stays bound to it, at every refresh', async () => {
      const server = made({ bearer: { allowRefreshTokens: true }, plugs: [dpop() as never] });
      const [key, other] = [await clientKey('ES256'), await clientKey('ES256')];
      const prove = (by: typeof key) => proofFor(by, { method: 'POST', url: TOKEN_ENDPOINT, at: NOW });
      const refresh = (refresh_token: string) =>
        tokenRequest(server.app, { grant_type: 'refresh_token', refresh_token }, AGENT);
      const first = server.present(good({ cnf: { jkt: key.thumbprint } })).set('DPoP', await prove(key));
      let { refresh_token } = (await first.expect(200)).body;
      for (let time = 1; time <= 2; time++) {
        assertErrorHere(await refresh(refresh_token), 400, 'invalid_grant');
        assertErrorHere(await refresh(refresh_token).set('DPoP', await prove(other)), 400, 'invalid_grant');
        const { body } = await refresh(refresh_token)
          .set('DPoP', await prove(key))
          .expect(200);
        assert.equal((await server.tokens.verify(body.access_token))?.confirmation?.jkt, key.thumbprint);
        ({ refresh_token } = body);
      }
      const { body } = await server.present(good()).expect(200);
      assert.equal(
        (await refresh(body.refresh_token).expect(200)).body.token_type,
        'Bearer',
        'unbound it stays unbound',
      );
    });

    it('RFC 7800 a key that authorize names is needed, too, at the first time and at every refresh', async () => {
      const [key, other] = [await clientKey('ES256'), await clientKey('ES256')];
      const authorize = () => ({ subject: 'alice', scope: ['read'], confirmation: { jkt: key.thumbprint } });
      const server = made({ bearer: { allowRefreshTokens: true, authorize }, plugs: [dpop() as never] });
      const prove = (by: typeof key) => proofFor(by, { method: 'POST', url: TOKEN_ENDPOINT, at: NOW });
      assertErrorHere(await server.present(good()), 400, 'invalid_grant');
      for (const by of [key, other])
        assertErrorHere(
          await server.present(good({ cnf: { jkt: other.thumbprint } })).set('DPoP', await prove(by)),
          400,
          'invalid_grant',
        );
      const { body } = await server
        .present(good())
        .set('DPoP', await prove(key))
        .expect(200);
      const params = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      assertErrorHere(await tokenRequest(server.app, params, AGENT), 400, 'invalid_grant');
    });

    it('RFC 7800 an assertion that is bound to a key is refused if no extension verifies proofs', async () => {
      assertErrorHere(await made().present(good({ cnf: { jkt: 'x'.repeat(43) } })), 400, 'invalid_grant');
    });
  });

  describe('what cannot be meant', () => {
    const cannot: readonly [title: string, options: () => unknown, why: RegExp][] = [
      ['no issuers', () => ({ issuers: {}, authorize: () => false }), /issuers.*is needed/],
      [
        'no authorize',
        () => ({ issuers: { [IDP]: { jwks: { keys: [keys.first.publicKey] } } } }),
        /authorize.*is needed/,
      ],
      ['no keys', () => ({ issuers: { [IDP]: {} }, authorize: () => false }), /either jwksURI or jwks/],
      [
        'an empty key set',
        () => ({ issuers: { [IDP]: { jwks: { keys: [] } } }, authorize: () => false }),
        /jwks is a key set/,
      ],
      [
        'keys at a URL that anybody on the way can change',
        () => ({ issuers: { [IDP]: { jwksURI: 'http://idp.example' } }, authorize: () => false }),
        /jwksURI/,
      ],
      [
        'HMAC',
        () => ({ issuers: { [IDP]: { jwksURI: IDP, algorithms: ['HS256'] } }, authorize: () => false }),
        /algorithms are some of/,
      ],
      [
        'a lifetime that is none',
        () => ({ issuers: { [IDP]: { jwksURI: IDP, maxLifetime: Number.NaN } }, authorize: () => false }),
        /maxLifetime/,
      ],
      [
        'a name that is misspelt',
        () => ({ issuers: { [IDP]: { jwksURI: IDP, algorithm: ['ES256'] } }, authorize: () => false }),
        /no option algorithm\. Did you mean algorithms/,
      ],
      [
        'no algorithms',
        () => ({ issuers: { [IDP]: { jwksURI: IDP, algorithms: [] } }, authorize: () => false }),
        /algorithms are some of/,
      ],
      ['an option that there is not', () => ({ issuers: {}, authorise: () => false }), /authorize/],
    ];
    for (const [title, options, why] of cannot)
      it(`${title}: an error at start`, () => {
        assert.throws(() => jwtBearer(options() as never), why);
      });

    it('without an issuer, or a token service that issues: an error before the first request', () => {
      assert.throws(
        () => made({ options: { issuer: undefined as never } }).server.check(),
        /createServer\(\{ issuer \}\)/,
      );
      assert.throws(
        () => made({ options: { tokens: { useOnce: async () => true } as never } }).server.check(),
        /createServer\(\{ tokens/,
      );
    });

    it('issuers may be found by a function, and what it gives is judged', async () => {
      const found = made({
        bearer: { issuers: async (iss) => iss === IDP && { jwks: { keys: [keys.first.publicKey] } } },
      });
      await found.present(good()).expect(200);
      const jwks = { keys: [keys.first.publicKey] };
      const wrong = made({ bearer: { issuers: () => ({ jwks, algorithms: ['HS256' as never] }) } });
      await wrong.present(good()).expect(500);
      assert.match(String(wrong.errors.at(-1)), /algorithms are some of/);
    });
  });
});
