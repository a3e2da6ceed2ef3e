/** draft-ietf-oauth-identity-assertion-authz-grant-03: what a server that accepts ID-JAGs must do. */
import assert from 'node:assert/strict';
import { dpop, metadata, resourceIndicators } from 'koauthorize';
import { idJAG } from 'koauthorize/id-jag';
import request from 'supertest';
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
import { ISSUER, OTHER } from '../support/authorization-server.js';
import { clientKey, proofFor } from '../support/dpop.js';
import { assertErrorHere } from '../support/form.js';

const NOW = 1_767_225_600;
const TYPE = 'oauth-id-jag+jwt';
const PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag';
type More = Readonly<Record<string, unknown>>;

describe('ID-JAG: the server that accepts it', () => {
  let keys: Issuers;
  before(async () => {
    keys = await issuers();
  });

  const made = (setup: AssertionSetup = {}) =>
    assertionServer(keys, { ...setup, trusted: { profile: idJAG(), ...setup.trusted } });
  const good = (more: More = {}, header: More = {}) =>
    sign(keys.first, goodGrant({ client_id: AGENT.client_id, scope: 'read write', ...more }), { typ: TYPE, ...header });

  function assertRefused(
    { errors }: AssertionServer,
    answer: Awaited<ReturnType<AssertionServer['present']>>,
    why: RegExp,
  ) {
    assertErrorHere(answer, 400, 'invalid_grant');
    assert.match(String((errors.at(-1) as Error | undefined)?.cause), why);
  }

  it('§4.4 gives an access token with the scope of the ID-JAG, narrowed to what authorize allows and the client registered', async () => {
    const { present, tokens } = made();
    const { body } = await present(good({ scope: 'read delete other' })).expect(200);
    assert.deepEqual([body.token_type, body.scope], ['Bearer', 'read']);
    assert.equal((await tokens.verify(body.access_token))?.subject, 'alice');
  });

  it('§4.4.3 gives no refresh token', async () => {
    const { body } = await made().present(good()).expect(200);
    assert.equal(body.refresh_token, undefined);
  });

  const wrong: readonly [title: string, claims: More, header: More, why: RegExp][] = [
    ['§3.1 without typ', {}, { typ: undefined }, /typ is of another kind/],
    ['§3.1 typ JWT, such as an ID token of the same identity provider', {}, { typ: 'JWT' }, /typ is of another kind/],
    ['§3.1 typ of a grant without a profile', {}, { typ: 'authorization-grant+jwt' }, /typ is of another kind/],
    ['§3.1 without iat', { iat: undefined }, {}, /iat is missing/],
    ['§3.1 without jti', { jti: undefined }, {}, /jti is missing/],
    ['§3.1 without exp', { exp: undefined }, {}, /is not a number/],
    ['§4.4.1 aud of another server', { aud: 'https://other.example' }, {}, /aud is not/],
    ['§4.4.1 aud of this server and of another', { aud: [ISSUER, 'https://other.example'] }, {}, /aud is not/],
    ['§4.4.1 aud of this server twice', { aud: [ISSUER, ISSUER] }, {}, /aud is not/],
    ['§4.4.1 aud is an empty list', { aud: [] }, {}, /aud is not/],
    ['§4.4.1 aud is the token endpoint', { aud: `${ISSUER}/token` }, {}, /aud is not/],
    ['§4.4.1 client_id of another client', { client_id: OTHER.client_id }, {}, /client_id is not/],
    ['§4.4.1 without client_id', { client_id: undefined }, {}, /client_id is not/],
    ['§4.4.1 client_id in a list', { client_id: [AGENT.client_id] }, {}, /client_id is not/],
    [
      '§4.4.1 authorization_details that are no list',
      { authorization_details: { type: 'x' } },
      {},
      /no list of objects/,
    ],
    ['§4.4.1 authorization_details of no objects', { authorization_details: ['x'] }, {}, /no list of objects/],
    ['§3.1 act that is no object', { act: 'agent' }, {}, /act is no object/],
  ];
  for (const [title, claims, header, why] of wrong)
    it(`${title}: invalid_grant`, async () => {
      const server = made();
      assertRefused(server, await server.present(good(claims, header)), why);
      assert.deepEqual(server.asked, [], 'and the application is not asked');
    });

  it('§4.4.1 aud may be a list of the issuer alone, and typ may say application/', async () => {
    await made()
      .present(good({ aud: [ISSUER] }, { typ: `application/${TYPE}` }))
      .expect(200);
  });

  it('§4.4.1 only the client that it names may present it', async () => {
    const server = made();
    const assertion = good();
    assertRefused(server, await server.present(assertion, {}, OTHER), /client_id is not/);
    await server.present(assertion).expect(200); // a wrong client has not spent it
  });

  it('§4.4.1 the audience may not be said to be the token endpoint, too', () => {
    assert.throws(() => made({ trusted: { allowTokenEndpointAudience: true } }), /issuer identifier alone/);
  });

  it('an issuer that is trusted without the profile gives no ID-JAGs', async () => {
    const server = made();
    const claims = goodGrant({ iss: SECOND_IDP, client_id: AGENT.client_id });
    assertRefused(server, await server.present(sign(keys.second, claims, { typ: TYPE })), /typ is of another kind/);
  });

  it('§4.4.1 the token is for the resources of the ID-JAG that are here, and the response names them', async () => {
    const files = 'https://files.example/';
    const table = resourceIndicators<never, never>({ resources: { [files]: {} } }) as never;
    const { present, tokens } = made({ plugs: [table] });
    const { body } = await present(good({ resource: [files, 'https://elsewhere.example/'] })).expect(200);
    assert.deepEqual((await tokens.verify(body.access_token))?.audience, [files]);
    assert.equal(body.resource, files);
    assertErrorHere(await present(good({ resource: 'https://elsewhere.example/' })), 400, 'invalid_grant');
  });

  it('§8.3 the server does not accept what it has issued itself: an error at start, or at the request', async () => {
    const own = { jwks: { keys: [keys.first.publicKey] }, profile: idJAG() };
    const authorize = () => ({ subject: 'alice' });
    assert.throws(
      () => made({ bearer: { issuers: { [ISSUER]: own }, authorize } }).server.check(),
      /this server itself/,
    );
    const server = made({ bearer: { issuers: () => own, authorize } });
    assertRefused(server, await server.present(good({ iss: ISSUER })), /this server itself/);
  });

  it('§8.6.1.2 with cnf it needs a proof by that key, and the token is bound to it', async () => {
    const server = made({ plugs: [dpop() as never] });
    const [key, other] = [await clientKey(), await clientKey()];
    const prove = (by: typeof key) => proofFor(by, { method: 'POST', url: `${ISSUER}/token`, at: NOW });
    const assertion = good({ cnf: { jkt: key.thumbprint } });
    assertRefused(server, await server.present(assertion), /cnf of the assertion/);
    assertRefused(server, await server.present(assertion).set('DPoP', await prove(other)), /cnf of the assertion/);
    const { body } = await server
      .present(assertion)
      .set('DPoP', await prove(key))
      .expect(200);
    assert.equal(body.token_type, 'DPoP');
  });

  it('§7.2 the metadata names the profile, beside the grant type, and no issuer', async () => {
    const { app } = made({
      routes: (router, server) => router.get('/metadata', server.endpoint(metadata())),
    });
    const { body } = await request(app.callback()).get('/metadata').expect(200);
    assert.deepEqual(body.authorization_grant_profiles_supported, [PROFILE]);
    assert.ok(body.grant_types_supported.includes(JWT_BEARER));
    assert.doesNotMatch(JSON.stringify(body), new RegExp(IDP));
  });
});
