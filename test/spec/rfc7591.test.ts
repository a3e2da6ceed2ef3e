/** RFC 7591 §2: what a client registered binds every endpoint. */
import assert from 'node:assert/strict';
import { grant, type Server } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  plugAll,
  redirected,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

/** All grants, for whoever may use them. */
function plugEverything(server: Server<App, User>): void {
  plugAll(server);
  server.grant(grant.token(() => 'a token')).grant('code token');
}

function registered(registration: object, plug = plugEverything) {
  const client = { ...CLIENT, ...registration } as App;
  return { client, ...authorizationServer({ clients: [client], plug }) };
}

/** What the client hears: `asked` where the user is asked, else the error of the redirect. */
async function outcomeOf(registration: object, params: Record<string, string>, plug = plugEverything): Promise<string> {
  const dialog = await browser(registered(registration, plug).app).authorize(params);
  if (dialog.status === 200) return 'asked';
  assert.ok(dialog.headers['location']?.startsWith(CALLBACK), dialog.text);
  const { error = '', state } = redirected(dialog);
  assert.equal(state, 'a state');
  return error;
}

/** What the operator is told while something runs. */
async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const said: string[] = [];
  const listener = ({ message }: Error): unknown => said.push(message);
  process.on('warning', listener);
  await run();
  await new Promise(setImmediate);
  process.off('warning', listener);
  return said;
}

describe('RFC 7591 §2.1 grant_types apply to the authorization endpoint', () => {
  const CODE = ['authorization_code', 'refresh_token'];
  const ALL = ['authorization_code', 'implicit'];
  const cases: readonly [type: string, grantTypes: unknown, outcome: string][] = [
    ['code', CODE, 'asked'],
    ['token', CODE, 'unauthorized_client'],
    ['code token', CODE, 'unauthorized_client'],
    ['token', ['implicit'], 'asked'],
    ['code', ['implicit'], 'unauthorized_client'],
    ['code token', ['implicit'], 'unauthorized_client'],
    ['token code', ALL, 'asked'],
    ['code', ['client_credentials'], 'unauthorized_client'],
    ['code', [], 'unauthorized_client'],
    ['token', undefined, 'asked'],
    ['token', null, 'asked'],
  ];
  for (const [type, grant_types, outcome] of cases)
    it(`RFC 6749 §4.1.2.1, §4.2.2.1: ${type} with grant_types ${JSON.stringify(grant_types)}: ${outcome}`, async () => {
      assert.equal(await outcomeOf({ grant_types }, { response_type: type }), outcome);
    });

  it('a code that a function by hand answers, or a grant under another name, needs them as well', async () => {
    const byHand = (server: Server<App, User>): void => {
      server.grant('code', 'response', () => {});
      server.grant(
        'other',
        grant.code<App, User>(() => 'a code'),
      );
      server.grant({ name: 'own', responseMode: 'query', grantType: 'urn:own', issue: () => ({}) });
      server.grant({ name: 'free', responseMode: 'query', issue: () => ({}) });
      server.grant({ name: 'free more', responseMode: 'query', grantType: 'urn:own', issue: () => ({}) });
    };
    const grant_types = ['client_credentials'];
    for (const response_type of ['code', 'other', 'own', 'more free'])
      assert.equal(await outcomeOf({ grant_types }, { response_type }, byHand), 'unauthorized_client', response_type);
    assert.equal(await outcomeOf({ grant_types }, { response_type: 'free' }, byHand), 'asked');
    assert.equal(await outcomeOf({ grant_types: ['urn:own'] }, { response_type: 'own' }, byHand), 'asked');
  });

  it('a registration that lost the grant type while the dialog was open gives no code', async () => {
    const client = { ...CLIENT, grant_types: ['authorization_code'] };
    const { app } = authorizationServer({ clients: [client] });
    const { authorize, decide } = browser(app);
    const dialog = await authorize();
    client.grant_types = ['client_credentials'];
    const { code, error } = redirected(await decide(dialog.body.transactionID));
    assert.deepEqual([code, error], [undefined, 'unauthorized_client']);
  });

  it('a middleware by hand that answers a grant type is not called for a client that did not register it', async () => {
    const calls: string[] = [];
    const { app, client } = registered({ grant_types: ['authorization_code'] }, (server) => {
      server.exchange('urn:own', (ctx) => {
        calls.push('called');
        ctx.body = {};
      });
    });
    assertErrorHere(await tokenRequest(app, { grant_type: 'urn:own' }, client), 400, 'unauthorized_client');
    assert.deepEqual(calls, []);
  });
});

describe('RFC 7591 §2 response_types bind the authorization endpoint', () => {
  const cases: readonly [type: string, responseTypes: unknown, outcome: string][] = [
    ['code', ['code'], 'asked'],
    ['token', ['code'], 'unauthorized_client'],
    ['code token', ['code', 'token'], 'unauthorized_client'],
    ['token code', ['code token'], 'asked'],
    ['code', ['code token'], 'unauthorized_client'],
    ['code', new Set(['code']), 'asked'],
    ['code', [], 'unauthorized_client'],
    ['code', 'code', 'unauthorized_client'],
    ['token', null, 'asked'],
  ];
  for (const [type, response_types, outcome] of cases)
    it(`§3.1.1 ${type} with response_types ${Array.from((response_types ?? ['null']) as string[])}: ${outcome}`, async () => {
      assert.equal(await outcomeOf({ response_types }, { response_type: type }), outcome);
    });
});

describe('RFC 7591 §2 a member that cannot be read allows nothing, and the operator is told', () => {
  const UNREADABLE = [
    'authorization_code',
    { 0: 'authorization_code' },
    ['authorization_code', 7],
    7,
    true,
    '["authorization_code"]',
  ];
  for (const [index, grant_types] of UNREADABLE.entries())
    it(`grant_types ${JSON.stringify(grant_types)}`, async () => {
      const { app, client } = registered({ grant_types, client_id: `unreadable-${index}` });
      const said = await warningsOf(async () => {
        const dialog = await browser(app).authorize({ client_id: client.client_id });
        assert.equal(redirected(dialog)['error'], 'unauthorized_client');
        const params = { grant_type: 'client_credentials' };
        assertErrorHere(await tokenRequest(app, params, client), 400, 'unauthorized_client');
      });
      assert.equal(said.length, 1, 'once');
      assert.match(said[0] ?? '', /^grant_types of the client "unreadable-.*" cannot be read/);
    });

  for (const [what, grant_types] of [
    ['an array', ['authorization_code']],
    ['a Set', new Set(['authorization_code'])],
  ] as const)
    it(`grant_types as ${what} are read as a list`, async () => {
      assert.equal(await outcomeOf({ grant_types }, {}), 'asked');
      assert.equal(await outcomeOf({ grant_types }, { response_type: 'token' }), 'unauthorized_client');
    });

  const scopes: readonly [scope: unknown, asked: string, outcome: string][] = [
    [['read'], 'read', 'asked'],
    [['read'], 'write', 'invalid_scope'],
    [new Set(['read', 'write']), 'write', 'asked'],
    [new Set(['read']), 'write', 'invalid_scope'],
    ['read  write', 'write', 'asked'],
    ['read', 'write', 'invalid_scope'],
    ['', 'read', 'invalid_scope'],
    [[], 'read', 'invalid_scope'],
    [7, '7', 'invalid_scope'],
    [{ read: true }, 'read', 'invalid_scope'],
    [['read', null], 'read', 'invalid_scope'],
    ['["read"]', 'read', 'invalid_scope'],
    [null, 'read', 'asked'],
    [undefined, 'read', 'asked'],
  ];
  for (const [scope, asked, outcome] of scopes)
    it(`scope ${scope instanceof Set ? `Set of ${[...scope]}` : JSON.stringify(scope)}: ${asked} is ${outcome}`, async () => {
      assert.equal(await outcomeOf({ scope }, { scope: asked }), outcome);
    });

  it('an authentication method that cannot be read gives none of the rights of a confidential client', async () => {
    const { app, client } = registered({ token_endpoint_auth_method: ['none'] });
    const params = { grant_type: 'client_credentials' };
    assertErrorHere(await tokenRequest(app, params, client), 400, 'unauthorized_client');
  });
});

describe('RFC 6749 §4 an application without registrations of that kind', () => {
  it('uses every grant, as under oauth2orize', async () => {
    const { app } = authorizationServer({ plug: plugEverything });
    for (const response_type of ['code', 'token', 'code token'])
      assert.equal((await browser(app).authorize({ response_type })).status, 200);
    assert.equal((await tokenRequest(app, { grant_type: 'client_credentials' })).status, 200);
  });
});
