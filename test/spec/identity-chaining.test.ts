/**
 * draft-ietf-oauth-identity-assertion-authz-grant-03 and draft-ietf-oauth-identity-chaining-17 across two servers of ours: an exchange (RFC 8693) at
 * the first gives a grant, by which the second gives an access token.
 */
import assert from 'node:assert/strict';
import {
  authorizationDetails,
  dpop,
  idJAG,
  issueGrants,
  issueIDJAG,
  metadata,
  resourceIndicators,
  tokenExchange,
} from 'koauthorize';
import { signJWT, toParams } from 'koauthorize/extending';
import type { WantedGrant } from 'koauthorize/id-jag';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import request from 'supertest';
import { AGENT, type AssertionSetup, assertionServer, IDP, issuers } from '../support/assertion-server.js';
import { type App, CLIENT, ISSUER, tokenRequest, type User } from '../support/authorization-server.js';
import { clientKey, proofFor } from '../support/dpop.js';
import { assertErrorHere } from '../support/form.js';
import { pluggedServer } from '../support/plugged-server.js';

const NOW = 1_767_225_600;
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPE = 'urn:ietf:params:oauth:token-type:';
const FILES = 'https://files.b.example/';

/** A client of the first server, which registered a scope there that says nothing of other servers. */
const WIKI: App & { readonly scope: string } = { ...CLIENT, client_id: 'wiki', scope: 'openid profile' };
const STRANGER: App = { ...CLIENT, client_id: 'stranger' };

describe('identity chaining: two servers of ours', () => {
  let keys: KeySet;
  before(async () => {
    keys = await keySet({ signing: await generateSigningKey('ES256') });
  });

  type Asked = Parameters<Parameters<typeof tokenExchange<App, User>>[0]['allow']>[0];

  /** The first server. Its policy lets the wiki ask for what it wants at the second one. */
  function first(allow: (asked: Asked) => object | false = () => ({ scope: ['read', 'write'] })) {
    const made = pluggedServer({
      clients: [WIKI, STRANGER],
      options: { issuer: IDP, keys },
      plugs: [
        // what this server knows of APIs and of details has nothing to do with the other one
        resourceIndicators<App, User>({ resources: { 'https://api.a.example/': {} } }),
        authorizationDetails<App, User>({ types: { here: { validate: () => true } } }),
        dpop<App, User>(),
      ],
      plug(server) {
        const clientID = ({ client_id }: App) => (client_id === WIKI.client_id ? AGENT.client_id : undefined);
        const claims = ({ subject }: WantedGrant<App>) => ({ mail: `${subject.subject}@a.example`, limit: 10 });
        const servers = { [ISSUER]: { clientID, claims } };
        server.extend(
          tokenExchange<App, User>({
            allow,
            issues: {
              ...issueIDJAG<App>({ server, servers }),
              ...issueGrants<App>({ server, servers }),
              'urn:example:ticket': () => ({ token: 'a ticket' }), // of this server
            },
          }),
        );
      },
      routes: (router, server) => router.get('/metadata', server.endpoint(metadata())),
    });
    const idToken = (more: object = {}) =>
      signJWT(
        keys.signing(),
        { iss: IDP, sub: 'alice', aud: WIKI.client_id, iat: NOW, exp: NOW + 600, ...more },
        'JWT',
      );
    const exchange = async (kind: 'id-jag' | 'jwt', more: object = {}, client: App = WIKI) => {
      const subject = { subject_token: await idToken(), subject_token_type: `${TYPE}id_token` };
      const wanted = { grant_type: EXCHANGE, requested_token_type: TYPE + kind, audience: ISSUER };
      return tokenRequest(made.app, { ...wanted, ...subject, ...more }, client);
    };
    const accessToken = async (scope: readonly string[]): Promise<string> => {
      const asked = { grantType: 'urn:example:sent', client: STRANGER, params: toParams(new Map()), body: {} };
      return (await made.tokens.issue({ user: { id: 'alice', name: 'Alice' }, scope }, asked)).access_token;
    };
    return { ...made, idToken, exchange, accessToken };
  }

  /** The second server, which trusts the first for one kind of grant, and knows alice by what the first one says of her mail. */
  const second = async (kind: 'id-jag' | 'jwt', setup: AssertionSetup = {}) =>
    assertionServer(await issuers(), {
      ...setup,
      plugs: [resourceIndicators<App, User>({ resources: { [FILES]: {} } }), dpop<App, User>()],
      trusted: { jwks: keys.jwks(), ...(kind === 'id-jag' ? { profile: idJAG() } : { namesClient: true }) },
      bearer: {
        authorize: ({ claims }) =>
          claims['mail'] === 'alice@a.example' && {
            user: { id: 'alice-at-b', name: 'A' },
            claims: { limit: claims['limit'] },
          },
      },
    });

  it('an ID token at the first gives an ID-JAG, and that an access token at the second', async () => {
    const [a, b] = [first(), await second('id-jag')];
    const { body } = await await a.exchange('id-jag', { resource: FILES, scope: 'read' });
    assert.deepEqual(
      [body.issued_token_type, body.token_type, body.expires_in, body.scope, body.refresh_token],
      [`${TYPE}id-jag`, 'N_A', 300, 'read', undefined],
    );
    const given = (await b.present(body.access_token).expect(200)).body;
    const token = await b.tokens.verify(given.access_token);
    assert.deepEqual(
      [token?.subject, token?.clientID, token?.scope, token?.audience, given.resource],
      ['alice-at-b', AGENT.client_id, ['read'], [FILES], FILES],
    );
  });

  it('an access token at the first gives a grant, and that an access token at the second; claims are transcribed', async () => {
    const [a, b] = [first(), await second('jwt')];
    const subject_token = await a.accessToken(['read', 'write', 'profile']);
    const sent = {
      subject_token,
      subject_token_type: `${TYPE}access_token`,
      scope: 'read',
      resource: ISSUER,
      audience: [],
    };
    const { body } = await a.exchange('jwt', sent);
    assert.equal(body.issued_token_type, `${TYPE}jwt`, JSON.stringify(body));
    const given = (await b.present(body.access_token, { resource: FILES }).expect(200)).body;
    const known: Readonly<Record<string, unknown>> = { ...(await b.tokens.introspect(given.access_token)) };
    assert.deepEqual([known['sub'], known['limit'], known['scope'], known['aud']], ['alice-at-b', 10, 'read', FILES]);
  });

  it('Chaining §2.5 of an access token the grant has no more scope than it has itself', async () => {
    const a = first();
    const subject_token = await a.accessToken(['read']);
    const sent = { subject_token, subject_token_type: `${TYPE}access_token`, audience: ISSUER };
    assert.equal((await a.exchange('jwt', sent)).body.scope, 'read');
    assertErrorHere(await a.exchange('jwt', { ...sent, scope: 'write' }), 400, 'invalid_scope');
  });

  it('Chaining §2.5 words of the other server, which no token here has, are had by a name that says what is given up', async () => {
    const rows: readonly (readonly [allowed: object, asked: string | undefined, scope: string | undefined])[] = [
      [{ scope: ['stock:read', 'stock:write'] }, 'stock:read', undefined],
      [{ scope: ['stock:read', 'stock:write'], allowFurtherScope: ['stock:read'] }, undefined, 'stock:read'],
      [{ scope: ['stock:read', 'stock:write'], allowFurtherScope: ['stock:read'] }, 'stock:read', 'stock:read'],
      [{ scope: ['stock:read', 'stock:write'], allowFurtherScope: ['stock:read'] }, 'stock:write', undefined],
      [{ allowFurtherScope: ['stock:read'] }, 'stock:read read', 'read stock:read'],
      [{ allowFurtherScope: ['stock:read'] }, undefined, 'read'],
      [{ scope: ['read'], allowFurtherScope: ['stock:read'] }, 'stock:read', undefined],
      [{ allowFurtherScope: ['read'] }, 'read', 'read'],
    ];
    for (const [allowed, scope, given] of rows) {
      const a = first(() => allowed);
      const subject = { subject_token: await a.accessToken(['read']), subject_token_type: `${TYPE}access_token` };
      const answer = await a.exchange('jwt', { ...subject, audience: ISSUER, scope });
      if (given === undefined) assertErrorHere(answer, 400, 'invalid_scope');
      else assert.equal(answer.body.scope, given, JSON.stringify(allowed));
    }
  });

  it('Chaining §2.5 such words are in no token of this server', async () => {
    const a = first(() => ({ scope: ['read', 'admin'], allowFurtherScope: ['admin'] }));
    const subject = { subject_token: await a.accessToken(['read']), subject_token_type: `${TYPE}access_token` };
    for (const requested_token_type of [undefined, `${TYPE}access_token`, 'urn:example:ticket']) {
      const wanted = { ...subject, requested_token_type, audience: [] };
      assert.equal((await a.exchange('jwt', wanted, STRANGER)).body.scope, 'read');
      assertErrorHere(await a.exchange('jwt', { ...wanted, scope: 'admin' }, STRANGER), 400, 'invalid_scope');
    }
  });

  it('ID-JAG §4.3.3 the scope is what the policy gives, whatever the client registered at the identity provider', async () => {
    const a = first();
    assert.equal((await a.exchange('id-jag', { scope: 'read other' })).body.scope, 'read');
    assertErrorHere(await a.exchange('id-jag', { scope: 'other' }), 400, 'invalid_scope');
    assertErrorHere(await a.exchange('id-jag', { scope: 'a"b' }), 400, 'invalid_scope');
    assertErrorHere(await first(() => ({})).exchange('id-jag', { scope: 'read' }), 400, 'invalid_scope');
  });

  it('RFC 6749 §3.3 a scope without a word is an error here, too', async () => {
    const a = first(() => ({}));
    const sent = { subject_token: await a.accessToken([]), subject_token_type: `${TYPE}access_token` };
    assert.equal((await a.exchange('jwt', sent)).status, 200);
    assertErrorHere(await a.exchange('jwt', { ...sent, scope: ' ' }), 400, 'invalid_scope');
  });

  it('nobody may until the policy says so', async () => {
    assertErrorHere(await first(() => false).exchange('id-jag'), 400, 'invalid_request');
  });

  it('the policy is told of the server, the API, the scope and the token', async () => {
    const asked: Asked[] = [];
    const a = first((one) => {
      asked.push(one);
      return { scope: ['read'] };
    });
    await a.exchange('id-jag', { resource: FILES, scope: 'read' });
    const [one] = asked;
    assert.deepEqual(
      [one?.audience, one?.resource, one?.scope, one?.requestedTokenType, one?.subject.subject],
      [[ISSUER], [FILES], ['read'], `${TYPE}id-jag`, 'alice'],
    );
  });

  it('ID-JAG §4.3.3 the audience of an ID token must be the client: that of another gives nothing', async () => {
    const a = first();
    const subject_token = await a.idToken({ aud: STRANGER.client_id });
    assertErrorHere(await a.exchange('id-jag', { subject_token }), 400, 'invalid_request');
  });

  it('ID-JAG §5 a client that the other server does not know gets nothing', async () => {
    const a = first();
    const subject_token = await a.idToken({ aud: STRANGER.client_id });
    assertErrorHere(await a.exchange('id-jag', { subject_token }, STRANGER), 400, 'invalid_target');
  });

  it('ID-JAG §4.3 an access token gives no ID-JAG', async () => {
    const a = first();
    const sent = { subject_token: await a.accessToken(['read']), subject_token_type: `${TYPE}access_token` };
    assertErrorHere(await a.exchange('id-jag', sent), 400, 'invalid_request');
  });

  it('a grant ends with the token that it is given for', async () => {
    const a = first();
    const { body } = await a.exchange('id-jag', { subject_token: await a.idToken({ exp: NOW + 100 }) });
    assert.equal(body.expires_in, 100);
  });

  it('ID-JAG §8.6.1 it is bound to the key of the DPoP proof at the first, and good with that key at the second', async () => {
    const [a, b] = [first(), await second('id-jag')];
    const [key, other] = [await clientKey(), await clientKey()];
    const proof = (of: typeof key, issuer: string) => proofFor(of, { method: 'POST', url: `${issuer}/token`, at: NOW });
    const sent = {
      grant_type: EXCHANGE,
      requested_token_type: `${TYPE}id-jag`,
      audience: ISSUER,
      subject_token: await a.idToken(),
      subject_token_type: `${TYPE}id_token`,
    };
    const answer = await tokenRequest(a.app, sent, WIKI).set('DPoP', await proof(key, IDP));
    assert.deepEqual([answer.status, answer.body.token_type], [200, 'N_A'], answer.text);
    const grant = answer.body.access_token;
    assertErrorHere(await b.present(grant), 400, 'invalid_grant');
    assertErrorHere(await b.present(grant).set('DPoP', await proof(other, ISSUER)), 400, 'invalid_grant');
    const { body } = await b
      .present(grant)
      .set('DPoP', await proof(key, ISSUER))
      .expect(200);
    assert.equal(body.token_type, 'DPoP');
  });

  it('ID-JAG §7.1, Chaining §3 the metadata of the first names what it issues for others', async () => {
    const { body } = await request(first().app.callback()).get('/metadata').expect(200);
    assert.deepEqual(body.identity_chaining_requested_token_types_supported, [`${TYPE}id-jag`, `${TYPE}jwt`]);
  });

  it('RFC 8707 a resource of this server is judged as before where an access token is asked for', async () => {
    const a = first();
    const sent = {
      subject_token: await a.accessToken(['profile']),
      subject_token_type: `${TYPE}access_token`,
      audience: [],
    };
    assertErrorHere(
      await a.exchange('jwt', { ...sent, requested_token_type: `${TYPE}access_token`, resource: FILES }),
      400,
      'invalid_target',
    );
  });
});
