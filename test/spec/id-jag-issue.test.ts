/** draft-ietf-oauth-identity-assertion-authz-grant-03 §3, §4.3, §5 and draft-ietf-oauth-identity-chaining-17 §2.3, §2.5: what is issued for other servers. */
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { createServer } from 'koauthorize';
import { type AcceptingServer, idJAG, issueIDJAG, type WantedGrant } from 'koauthorize/id-jag';
import { issueGrants } from 'koauthorize/identity-chaining';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import { AGENT, assertionServer, IDP, issuers } from '../support/assertion-server.js';
import { ISSUER } from '../support/authorization-server.js';

const NOW = 1_767_225_600;
const TYPE = 'urn:ietf:params:oauth:token-type:';
const FILES = 'https://files.example/';

interface App {
  readonly client_id: string;
  readonly id_there?: string;
}
const WIKI: App = { client_id: 'wiki', id_there: AGENT.client_id };
const CHAT: App = { client_id: 'chat-as-relying-party' };
const clients = { find: (id: string) => [WIKI, CHAT].find(({ client_id }) => client_id === id) };

describe('grants for other authorization servers', () => {
  let keys: KeySet;
  before(async () => {
    keys = await keySet({ signing: await generateSigningKey('ES256') });
  });

  /** The server that issues; what its clients know users by differs from client to client. */
  const made = () => {
    const server = createServer<App, { id: string }>({ issuer: IDP, keys, clients, now: () => NOW });
    server.extend({ name: 'pairwise', outwardSubject: (subject, { client_id }) => `${subject}@${client_id}` });
    return server;
  };
  const THERE: AcceptingServer<App> = { clientID: ({ id_there }) => id_there };
  const wanted = (more: Partial<WantedGrant<App>> = {}): WantedGrant<App> => ({
    client: WIKI,
    subject: { type: `${TYPE}id_token`, subject: 'alice@idp', claims: { email: 'alice@idp.example' } },
    audience: [ISSUER],
    resource: [],
    grantedScope: ['read'],
    ...more,
  });
  const jag = (there: AcceptingServer<App> = THERE, more: object = {}) =>
    issueIDJAG<App>({ server: made(), servers: { [ISSUER]: there }, ...more })[`${TYPE}id-jag`];
  const chained = (there: AcceptingServer<App> = THERE) =>
    issueGrants<App>({ server: made(), servers: { [ISSUER]: there } })[`${TYPE}jwt`];
  const read = async (token: string) =>
    (await jwtVerify(token, createLocalJWKSet(keys.jwks() as JSONWebKeySet), { currentDate: new Date(NOW * 1000) }))
      .payload;

  it('§3.1 an ID-JAG has each claim that is REQUIRED, and says by typ what it is', async () => {
    const { token, expiresIn, scope } = await jag()(wanted({ resource: [FILES] }));
    const { jti, ...claims } = await read(token);
    assert.equal(decodeProtectedHeader(token).typ, 'oauth-id-jag+jwt');
    assert.match(String(jti), /^[\w-]{22}$/);
    const about = { iss: IDP, sub: 'alice@idp', aud: ISSUER, client_id: AGENT.client_id, iat: NOW, exp: NOW + 300 };
    assert.deepEqual(claims, { ...about, resource: FILES, scope: 'read' });
    assert.deepEqual([expiresIn, scope], [300, ['read']]);
  });

  it('§3.1 several resources are a list; without a scope and resource there are no such claims', async () => {
    const several = await read((await jag()(wanted({ resource: [FILES, 'https://mail.example/'] }))).token);
    assert.deepEqual(several['resource'], [FILES, 'https://mail.example/']);
    const none = await read((await jag()(wanted({ grantedScope: [] }))).token);
    assert.deepEqual(['scope' in none, 'resource' in none, 'cnf' in none, 'act' in none], [false, false, false, false]);
  });

  it('§3.1, §5 sub is what that server knows the user by from logins here', async () => {
    const { sub } = await read((await jag({ ...THERE, relyingParty: CHAT.client_id })(wanted())).token);
    assert.equal(sub, 'alice@idp@chat-as-relying-party');
    await assert.rejects(
      jag({ ...THERE, relyingParty: 'nobody' })(wanted()),
      /relyingParty is nobody, and there is no such client/,
    );
  });

  it('§5 client_id is the identifier of the client at that server; a client without one gets no grant', async () => {
    await assert.rejects(jag()(wanted({ client: CHAT })), { code: 'invalid_target', status: 400 });
  });

  const targets: readonly [title: string, audience: readonly string[], code: string][] = [
    ['no audience', [], 'invalid_request'],
    ['two audiences', [ISSUER, 'https://other.example'], 'invalid_request'],
    ['an audience that is not one of the configured servers', ['https://other.example'], 'invalid_target'],
    ['an audience of the prototype', ['__proto__'], 'invalid_target'],
    ['an audience that differs in a slash', [`${ISSUER}/`], 'invalid_target'],
  ];
  for (const [title, audience, code] of targets)
    it(`§4.3 ${title}: ${code}`, async () => {
      await assert.rejects(jag()(wanted({ audience })), { code, status: 400 });
    });

  it('§4.3 the resource does not name the server', async () => {
    await assert.rejects(jag()(wanted({ audience: [], resource: [ISSUER] })), { code: 'invalid_request' });
  });

  it('§4.3 an access token is not an identity assertion: an API that receives one cannot exchange it for an ID-JAG', async () => {
    const subject = { ...wanted().subject, type: `${TYPE}access_token` };
    await assert.rejects(jag()(wanted({ subject })), { code: 'invalid_request' });
  });

  it('RFC 8693 §5 it never ends later than the token that it is issued for', async () => {
    const { token, expiresIn } = await jag()(wanted({ endsAt: NOW + 20.5 }));
    assert.deepEqual([(await read(token)).exp, expiresIn], [NOW + 20, 20]);
    assert.equal((await read((await jag(THERE, { lifetime: 60 })(wanted())).token)).exp, NOW + 60);
  });

  it('§8.6.1.1 it is bound to the key that the request has proved', async () => {
    assert.deepEqual((await read((await jag()(wanted({ confirmation: { jkt: 'x' } }))).token))['cnf'], { jkt: 'x' });
  });

  it('§8.5 only an actor that was presented is named: the client is in client_id', async () => {
    const act = { sub: 'robot' };
    assert.equal((await read((await jag()(wanted({ act }))).token))['act'], undefined);
    assert.deepEqual((await read((await jag()(wanted({ act, actor: {} }))).token))['act'], act);
  });

  it('§8.5, §5 who acts is named by what that server knows the user by, as sub is; a client and users of others by what they are', async () => {
    const user = (sub: string) => ({ sub, client_id: 'wiki', iss: IDP });
    const others = [
      { sub: 'wiki', client_id: 'wiki', iss: IDP },
      { sub: 'carol', iss: 'https://other.example' },
      { sub: 'dave' },
    ];
    for (const one of others) {
      const act = { ...user('bob'), act: { ...one, act: user('erin') } };
      const there = { ...THERE, relyingParty: CHAT.client_id };
      const told = await read((await jag(there)(wanted({ act, actor: {} }))).token);
      const at = (sub: string) => user(`${sub}@chat-as-relying-party`);
      assert.deepEqual(told['act'], { ...at('bob'), act: { ...one, act: at('erin') } });
      assert.deepEqual((await read((await jag()(wanted({ act, actor: {} }))).token))['act'], act);
    }
  });

  it('§3.1 claims of the user are there only where they are said, and replace none of the server', async () => {
    assert.equal('email' in (await read((await jag()(wanted())).token)), false);
    const told = { ...THERE, claims: ({ subject }: WantedGrant<App>) => ({ email: subject.claims?.['email'] }) };
    assert.equal((await read((await jag(told)(wanted())).token))['email'], 'alice@idp.example');
    await assert.rejects(
      jag({ ...THERE, claims: () => ({ aud: 'https://other.example' }) })(wanted()),
      /would replace "aud"/,
    );
  });

  it('Identity chaining §2.3.1, §2.3.3 a grant is for the one server that resource or audience names, and says by typ that it is a grant', async () => {
    const subject = { ...wanted().subject, type: `${TYPE}access_token` };
    for (const named of [
      { audience: [], resource: [ISSUER] },
      { audience: [ISSUER] },
      { audience: [ISSUER], resource: [ISSUER] },
    ]) {
      const { token } = await chained()(wanted({ subject, ...named }));
      assert.deepEqual(
        [decodeProtectedHeader(token).typ, (await read(token)).aud],
        ['authorization-grant+jwt', ISSUER],
      );
      assert.equal('resource' in (await read(token)), false);
    }
    const two = { audience: [ISSUER], resource: ['https://other.example'] };
    await assert.rejects(chained()(wanted({ subject, ...two })), { code: 'invalid_request' });
    await assert.rejects(chained()(wanted({ subject, audience: [] })), { code: 'invalid_request' });
  });

  const cannot: readonly [title: string, options: object, why: RegExp][] = [
    ['no servers', { servers: {} }, /servers.*is needed/],
    ['no server that issues', { server: undefined }, /server.*is needed/],
    ['a server by a name that is no issuer', { servers: { chat: THERE } }, /An issuer is/],
    ['a server that calls clients nothing', { servers: { [ISSUER]: {} } }, /needs clientID/],
    ['a member that there is not', { servers: { [ISSUER]: { ...THERE, clientId: 1 } } }, /Did you mean clientID/],
    ['an option that there is not', { lifetimes: 60 }, /no option lifetimes/],
    ['a lifetime of a day', { lifetime: 86_400 }, /lifetime/],
    ['a lifetime that is none', { lifetime: Number.NaN }, /lifetime/],
  ];
  for (const [title, options, why] of cannot)
    it(`${title}: an error at start`, () => {
      const all = { server: made(), servers: { [ISSUER]: THERE }, ...options };
      assert.throws(() => issueIDJAG(all as never), why);
      assert.throws(() => issueGrants(all as never), why);
    });

  it('without keys, or an issuer: an error that says which option', async () => {
    const server = createServer<App, { id: string }>({ clients });
    const issue = issueIDJAG<App>({ server, servers: { [ISSUER]: THERE } })[`${TYPE}id-jag`];
    await assert.rejects(issue(wanted()), /createServer\(\{ issuer, keys \}\)/);
  });

  describe('both sides', () => {
    const jwks = () => keys.jwks();

    it('the other server accepts an ID-JAG once, and no JWT authorization grant of another type instead', async () => {
      const there = assertionServer(await issuers(), { trusted: { jwks: jwks(), profile: idJAG() } });
      const { token } = await jag()(wanted({ grantedScope: ['read', 'write'] }));
      const { body } = await there.present(token).expect(200);
      assert.deepEqual([body.scope, (await there.tokens.verify(body.access_token))?.subject], ['read write', 'alice']);
      await there.present(token).expect(400);
      await there.present((await chained()(wanted())).token).expect(400);
    });

    it('the other server accepts a grant, and no ID-JAG in its place; claims are transcribed on both sides', async () => {
      const there = assertionServer(await issuers(), {
        trusted: { jwks: jwks() },
        bearer: {
          authorize: ({ claims }) => ({
            subject: String(claims['mail']).replace('@idp.example', ''),
            claims: { limit: claims['limit'] },
          }),
        },
      });
      const told = {
        ...THERE,
        claims: ({ subject }: WantedGrant<App>) => ({ mail: subject.claims?.['email'], limit: 10 }),
      };
      const { body } = await there.present((await chained(told)(wanted())).token).expect(200);
      const known: Readonly<Record<string, unknown>> = { ...(await there.tokens.introspect(body.access_token)) };
      assert.deepEqual([known['sub'], known['limit'], known['mail'], known['scope']], ['alice', 10, undefined, 'read']);
      await there.present((await jag()(wanted())).token).expect(400);
    });
  });
});
