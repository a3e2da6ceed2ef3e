/** RFC 8707: Resource Indicators for OAuth 2.0, over HTTP. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import Koa, { type Middleware } from 'koa';
import {
  authorizationDetails,
  createServer,
  exchange,
  grant,
  introspection,
  pkce,
  pushedRequests,
  type Resource,
  type ResourceIndicatorsOptions,
  requestObjects,
  resourceIndicators,
  scopes,
} from 'koauthorize';
import { type SigningKeys, toParams } from 'koauthorize/extending';
import {
  generateSigningKey,
  jwt,
  keySet,
  memoryStore,
  opaque,
  rotatingKeys,
  type TokenStore,
} from 'koauthorize/tokens';
import request from 'supertest';
import {
  type App,
  authenticateClient,
  browser,
  CALLBACK,
  CLIENT,
  ISSUER,
  OTHER,
  type Params,
  REQUEST,
  redirected,
  tokenRequest,
  type User,
  VERIFIER,
} from '../support/authorization-server.js';
import { assertErrorHere, encode } from '../support/form.js';
import { type PluggedSetup, pluggedServer, type TestPlug } from '../support/plugged-server.js';
import { claimsOf, sign, signer } from '../support/request-object.js';

const FILES = 'https://files.example/';
const MAIL = 'https://mail.example/';
const CALENDAR = 'urn:example:calendar';
const ELSEWHERE = 'https://elsewhere.example/';

const client = (client_id: string): App => ({ client_id, client_name: client_id, redirect_uris: [CALLBACK] });
const [FILES_API, BOTH_API] = [client('files-api'), client('both-api')];

const RESOURCES: ResourceIndicatorsOptions<App>['resources'] = {
  [FILES]: { scopes: ['read', 'write'], introspectedBy: ['files-api', 'both-api'] },
  [MAIL]: { scopes: ['send'], lifetime: 300, introspectedBy: ['both-api'] },
  [CALENDAR]: { allows: ({ client_id }) => client_id === 'other' },
};

interface ResourceSetup extends PluggedSetup {
  readonly more?: Partial<ResourceIndicatorsOptions<App>>;
  readonly after?: readonly TestPlug[];
  readonly complete?: () => void;
}

function resourceServer({ more, complete, options, plugs = [], after = [], ...setup }: ResourceSetup = {}) {
  const clients = [CLIENT, OTHER, FILES_API, BOTH_API, ...(setup.clients ?? [])];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  let introspect: Middleware;
  const made = pluggedServer({
    ...setup,
    clients,
    plugs: [...plugs, resourceIndicators<App>({ resources: RESOURCES, ...more }), ...after],
    options: { issuer: ISSUER, clients: { find }, ...options },
    decision: (server) =>
      server.decision(
        {},
        (ctx: { request: { body?: unknown } }) => {
          const granted = (ctx.request.body as { granted?: string } | undefined)?.granted;
          return granted === undefined ? {} : { resources: granted.split(' ').filter(Boolean) };
        },
        complete,
      ),
    tokens: { clientScope: () => ['read', 'send', 'openid'], ...setup.tokens },
    plug(server, tokens) {
      introspect = server.endpoint(introspection(tokens.introspect));
      setup.plug?.(server, tokens);
    },
    routes(router, server) {
      const authenticate = authenticateClient(clients);
      router.post('/introspect', authenticate, introspect);
      if (server.core.routes.has('pushed_authorization_request'))
        router.post('/par', authenticate, server.route('pushed_authorization_request'));
    },
  });
  const { app, tokens } = made;
  const post = (path: string, params: Params, by: App = CLIENT) =>
    request(app.callback()).post(path).auth(by.client_id, `${by.client_id}-secret`).type('form').send(encode(params));
  const open = (params: Params) => {
    const agent = request.agent(app.callback());
    return {
      agent,
      page: agent
        .get('/authorize')
        .set('X-User', 'alice')
        .query(encode({ ...REQUEST, ...params })),
    };
  };
  const allow = async (params: Params, decision: object = {}): Promise<Record<string, string>> => {
    const { agent, page } = open(params);
    const shown = await page.expect(200);
    const answer = agent.post('/decision').set('X-User', 'alice').type('form');
    return redirected(await answer.send({ transaction_id: shown.body.transactionID, ...decision }));
  };
  const redeem = async (params: Params, more: Params = {}, decision: object = {}) => {
    const { code } = await allow(params, decision);
    const redemption = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
    return post('/token', { ...redemption, ...more });
  };
  const refresh = (refresh_token: string, more: Params = {}) =>
    post('/token', { grant_type: 'refresh_token', refresh_token, ...more });
  return {
    ...made,
    ...{ post, allow, redeem, refresh },
    refusal: async (params: Params) => redirected(await open(params).page)['error'],
    page: async (params: Params) => (await open(params).page.expect(200)).body,
    audience: async ({ body }: { body: { access_token?: string } }) =>
      (await tokens.verify(body.access_token ?? ''))?.audience,
    introspect: async (token: string, by: App) => (await post('/introspect', { token }, by).expect(200)).body,
    credentials: (more: Params = {}, by?: App) => post('/token', { grant_type: 'client_credentials', ...more }, by),
  };
}

const rows: readonly (readonly [what: string, resource: string | readonly string[]])[] = [
  ['§2 a path', '/files'],
  ['§2 a host', 'files.example'],
  ['§2 a fragment', `${FILES}#all`],
  ['§2 an empty fragment', `${FILES}#`],
  ['§2 a resource that is not there', ELSEWHERE],
  ['§2 one that is there and one that is not', [FILES, ELSEWHERE]],
  ['RFC 3986 §6.2.1 without the slash', FILES.slice(0, -1)],
  ['RFC 3986 §6.2.1 in capitals', FILES.toUpperCase()],
  ['RFC 3986 §6.2.1 with its port', 'https://files.example:443/'],
  ['RFC 3986 §6.2.1 with an encoded letter', 'https://file%73.example/'],
  ['a space behind it', `${FILES} `],
  ['two in one parameter', `${FILES} ${MAIL}`],
  ['a name that every object inherits', '__proto__'],
  ['constructor', 'constructor'],
  ['one that is for another client', CALENDAR],
  ['more than one request may name', Array.from({ length: 21 }, () => FILES)],
];

describe('RFC 8707 §2: resource', () => {
  for (const [what, resource] of rows) {
    it(`${what}: invalid_target at both endpoints`, async () => {
      const server = resourceServer();
      assert.equal(await server.refusal({ resource }), 'invalid_target');
      assertErrorHere(await server.credentials({ resource }), 400, 'invalid_target');
    });
  }

  it('§2.1 the dialog sees what is asked for, each once', async () => {
    const { page } = resourceServer({
      dialog: (ctx) => {
        ctx.body = ctx.state['oauth2'].req.resources;
      },
    });
    assert.deepEqual(await page({ resource: [FILES, MAIL, FILES] }), [FILES, MAIL]);
  });

  it('§2.1 the audience of a token of the authorization endpoint is the resource', async () => {
    const server = resourceServer();
    const { access_token } = await server.allow({ response_type: 'token', resource: MAIL, scope: 'send' });
    assert.deepEqual((await server.tokens.verify(access_token ?? ''))?.audience, [MAIL]);
  });

  it('defaultResource is for requests that name none, and may differ by client', async () => {
    const more = { defaultResource: ({ client_id }: App) => (client_id === 'client' ? MAIL : undefined) };
    const server = resourceServer({ more });
    assert.deepEqual(await server.audience(await server.redeem({ scope: 'send' })), [MAIL]);
    assert.deepEqual(await server.audience(await server.credentials().expect(200)), [MAIL]);
    assert.equal(await server.audience(await server.credentials({}, OTHER).expect(200)), undefined);
    assert.throws(() => resourceServer({ more: { defaultResource: ELSEWHERE } }), /not in resourceIndicators/);
  });

  it('defaultResource gives no token for an API that the client may not have', async () => {
    const resources = { [MAIL]: { allows: (client: App) => client.client_id !== CLIENT.client_id } };
    const server = resourceServer({ more: { resources, defaultResource: MAIL } });
    for (const asked of [{ resource: MAIL }, {}])
      assertErrorHere(await server.credentials(asked), 400, 'invalid_target');
    assert.deepEqual(await server.audience(await server.credentials({}, OTHER).expect(200)), [MAIL]);
  });

  it('defaultResource applies to client credentials under another name, too', async () => {
    const alias = 'urn:example:client';
    const find = (id: string) => [CLIENT].find(({ client_id }) => client_id === id);
    const { app, tokens } = pluggedServer({
      options: { issuer: ISSUER, clients: { find } },
      tokens: { clientScope: () => ['read'] },
      plugs: [resourceIndicators<App>({ resources: RESOURCES, defaultResource: FILES })],
      plug: (server, tokens) => void server.exchange(alias, exchange.clientCredentials(tokens.clientCredentials)),
    });
    const { body } = await tokenRequest(app, { grant_type: alias }).expect(200);
    assert.deepEqual((await tokens.verify(body.access_token))?.audience, [FILES]);
  });

  it('without a resource and a default everything goes on as without the extension', async () => {
    const server = resourceServer();
    const first = (await server.redeem({})).body;
    const { audience, scope } = (await server.tokens.verify(first.access_token)) ?? {};
    assert.deepEqual([audience, scope, first.scope], [undefined, ['read', 'write'], 'read write']);
    assert.equal((await server.refresh(first.refresh_token).expect(200)).body.scope, 'read write');
  });

  it('ignoreTrailingSlash: both spellings are the one of the table', async () => {
    const server = resourceServer({ more: { ignoreTrailingSlash: true } });
    for (const resource of [FILES, FILES.slice(0, -1)])
      assert.deepEqual(await server.audience(await server.credentials({ resource }).expect(200)), [FILES]);
    assert.equal(await server.refusal({ resource: `${FILES}/` }), 'invalid_target');
  });
});

describe('RFC 8707 §2.2: the token request', () => {
  const table: readonly (readonly [string, granted: readonly string[], asked: readonly string[], given: unknown])[] = [
    ['all that was granted, if it asks for none', [FILES, MAIL], [], [FILES, MAIL]],
    ['what it asks for', [FILES, MAIL], [MAIL], [MAIL]],
    ['all, if it asks for all', [FILES, MAIL], [MAIL, FILES], [MAIL, FILES]],
    ['nothing that was not granted', [FILES], [MAIL], 'invalid_target'],
    ['nothing, if one of them was not granted', [FILES], [FILES, MAIL], 'invalid_target'],
    ['no resource, if none was granted', [], [FILES], 'invalid_target'],
    ['nothing that is not there', [FILES], [ELSEWHERE], 'invalid_target'],
  ];
  for (const [what, granted, resource, given] of table) {
    it(`a code gives ${what}; and so does a refresh token`, async () => {
      const server = resourceServer();
      const scope = 'read send';
      const answer = await server.redeem({ resource: granted, scope }, { resource });
      const { refresh_token } = (await server.redeem({ resource: granted, scope })).body;
      const refreshed = await server.refresh(refresh_token, { resource });
      for (const one of [answer, refreshed]) {
        if (typeof given === 'string') assertErrorHere(one, 400, given);
        else assert.deepEqual(await server.audience(one), given);
      }
    });
  }

  it('a resource that was not granted spends neither code nor refresh token', async () => {
    const server = resourceServer();
    const { code } = await server.allow({ resource: FILES });
    const redemption = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
    await server.post('/token', { ...redemption, resource: MAIL }).expect(400);
    const { refresh_token } = (await server.post('/token', redemption).expect(200)).body;
    await server.refresh(refresh_token, { resource: MAIL }).expect(400);
    await server.refresh(refresh_token).expect(200);
  });

  it('a refresh that was narrowed does not narrow the next', async () => {
    const server = resourceServer();
    const first = (await server.redeem({ resource: [FILES, MAIL], scope: 'read send' })).body;
    const second = await server.refresh(first.refresh_token, { resource: MAIL }).expect(200);
    assert.equal(second.body.scope, 'send');
    const third = await server.refresh(second.body.refresh_token).expect(200);
    assert.deepEqual([await server.audience(third), third.body.scope], [[FILES, MAIL], 'read send']);
  });

  it('a token has only scopes of its own resources, and scopes that belong to no resource', async () => {
    const server = resourceServer();
    const answer = await server.redeem({ resource: [FILES, MAIL], scope: 'read send openid' }, { resource: FILES });
    assert.equal(answer.body.scope, 'read openid');
    assert.deepEqual((await server.tokens.verify(answer.body.access_token))?.scope, ['read', 'openid']);
  });

  it('where no word is for the resource, invalid_scope, and nothing is spent', async () => {
    const server = resourceServer();
    const { refresh_token } = (await server.redeem({ resource: [FILES, MAIL], scope: 'read send' })).body;
    const refused = await server.refresh(refresh_token, { resource: MAIL, scope: 'read' });
    assertErrorHere(refused, 400, 'invalid_scope');
    await server.refresh(refresh_token).expect(200);
    // at invalid_grant the client would throw its refresh token away
    const other = (await server.redeem({ resource: [FILES, MAIL], scope: 'read' })).body;
    assertErrorHere(await server.refresh(other.refresh_token, { resource: MAIL }), 400, 'invalid_scope');
  });

  it('RFC 6749 §4.1.2.1 where no word is for the resource, nobody is asked, and there is no code', async () => {
    const refused = { resource: FILES, scope: 'send' };
    const server = resourceServer({ plugs: [pushedRequests()] });
    assert.equal(await server.refusal(refused), 'invalid_scope');
    assertErrorHere(await server.post('/par', { ...REQUEST, ...refused }), 400, 'invalid_scope');
    const usual = resourceServer({ more: { defaultResource: FILES } });
    assert.equal(await usual.refusal({ scope: 'send' }), 'invalid_scope');
    const after = resourceServer({ after: [scopes(['read', 'send'], { default: ['send'] })] });
    assert.equal(await after.refusal({ resource: FILES, scope: undefined }), 'invalid_scope');
    const decided = await server.allow({ resource: [FILES, MAIL], scope: 'read' }, { granted: MAIL });
    assert.deepEqual([decided['error'], decided['code']], ['invalid_scope', undefined]);
  });

  it('client credentials: the audience is the resource, and its words alone', async () => {
    const server = resourceServer({ plugs: [scopes(['read', 'send', 'openid'])] });
    const answer = await server.credentials({ resource: MAIL, scope: 'send' }).expect(200);
    assert.deepEqual(await server.audience(answer), [MAIL]);
    assertErrorHere(await server.credentials({ resource: MAIL, scope: 'read' }), 400, 'invalid_scope');
  });

  it('a token without a requested scope has no scopes of other resources, whatever issues it', async () => {
    const tickets: TestPlug = (_core) => ({
      name: 'tickets',
      exchanges: [
        {
          name: 'urn:ticket',
          redeem: (asked) => ({
            issue: (_check, respond) =>
              server.tokens.issue({ user: { id: 'alice', name: 'Alice' }, scope: ['read', 'send'] }, asked, respond),
          }),
        },
      ],
    });
    const server = resourceServer({
      plugs: [tickets],
      plug: (as, tokens) => as.exchange(exchange.password(tokens.password)),
      tokens: { authenticate: (id) => ({ id, name: id }) },
    });
    const told = async ({ body }: { body: { access_token?: string; scope?: string } }) => {
      const { audience, scope } = (await server.tokens.verify(body.access_token ?? '')) ?? {};
      return [audience, scope?.join(' '), body.scope];
    };
    const password = { grant_type: 'password', username: 'alice', password: 'secret' };
    assert.deepEqual(await told(await server.credentials({ resource: MAIL })), [[MAIL], 'send openid', 'send openid']);
    assert.deepEqual(await told(await server.post('/token', { ...password, resource: MAIL })), [
      [MAIL],
      'send openid',
      'send openid',
    ]);
    const ticket = await server.post('/token', { grant_type: 'urn:ticket', resource: MAIL });
    assert.deepEqual(await told(ticket), [[MAIL], 'send', 'send']);
    const implicit = await server.allow({ response_type: 'token', resource: MAIL, scope: 'read send' });
    assert.deepEqual(await told({ body: implicit }), [[MAIL], 'send', 'send']);
    const other = { response_type: 'token', resource: MAIL, scope: 'read' };
    assert.equal(await server.refusal(other), 'invalid_scope');
  });

  it('a refresh gives no more than the token request asked for, if no grant came before it', async () => {
    const server = resourceServer({
      plug: (as, tokens) => as.exchange(exchange.password(tokens.password)),
      tokens: { authenticate: (id) => ({ id, name: id }) },
    });
    const password = { grant_type: 'password', username: 'alice', password: 'secret', resource: MAIL };
    const { refresh_token } = (await server.post('/token', password).expect(200)).body;
    assertErrorHere(await server.refresh(refresh_token, { resource: FILES }), 400, 'invalid_target');
    assert.deepEqual(await server.audience(await server.refresh(refresh_token).expect(200)), [MAIL]);
  });

  it('one refresh token gives, at the same moment, a token for each resource, with its own words', async () => {
    const server = resourceServer();
    const { refresh_token } = (await server.redeem({ resource: [FILES, MAIL], scope: 'read send' })).body;
    for (const [resource, scope] of [
      [FILES, 'read'],
      [MAIL, 'send'],
      [[FILES, MAIL], 'read send'],
    ] as const) {
      const answer = await server.refresh(refresh_token, { resource }).expect(200);
      assert.deepEqual([await server.audience(answer), answer.body.scope], [[resource].flat(), scope]);
    }
  });

  it('what the decision grants may be less, and never more', async () => {
    const server = resourceServer();
    const asked = { resource: [FILES, MAIL], scope: 'read send' };
    assert.deepEqual(await server.audience(await server.redeem(asked, {}, { granted: MAIL })), [MAIL]);
    assertErrorHere(await server.redeem(asked, { resource: FILES }, { granted: MAIL }), 400, 'invalid_target');
    assert.equal((await server.allow(asked, { granted: '' }))['error'], 'access_denied');
    for (const granted of [CALENDAR, `${FILES} ${CALENDAR}`, ELSEWHERE])
      assert.equal((await server.allow(asked, { granted }))['error'], 'invalid_target', granted);
    assert.equal((await server.allow({}, { granted: FILES }))['error'], 'invalid_target');
  });

  it('a resource that the client may not have any more is given no longer', async () => {
    const allowed = new Set([FILES, MAIL]);
    const row = (resource: string) => ({ allows: async () => allowed.has(resource) });
    const server = resourceServer({ more: { resources: { [FILES]: row(FILES), [MAIL]: row(MAIL) } } });
    const { refresh_token } = (await server.redeem({ resource: [FILES, MAIL] })).body;
    allowed.delete(FILES);
    const second = await server.refresh(refresh_token).expect(200);
    assert.deepEqual(await server.audience(second), [MAIL]);
    allowed.delete(MAIL);
    assertErrorHere(await server.refresh(second.body.refresh_token), 400, 'invalid_grant');
  });

  it('a decision that grants too much is refused before the application is told that it was allowed', async () => {
    let completed = 0;
    const server = resourceServer({ complete: () => void completed++ });
    assert.equal((await server.allow({ resource: FILES }, { granted: MAIL }))['error'], 'invalid_target');
    assert.equal(completed, 0);
    assert.ok((await server.allow({ resource: FILES }))['code']);
    assert.equal(completed, 1);
  });

  it('tokens.issue gives no token for more than was allowed', async () => {
    const { tokens } = resourceServer();
    const { body, params } = { body: {}, params: toParams(new Map()) };
    const request = { grantType: 'urn:example:own', client: CLIENT, params, body };
    const allowed = { subject: 'alice', scope: ['read'], audience: [FILES] };
    await assert.rejects(async () => tokens.issue(allowed, { ...request, audience: [MAIL] }), /not among the APIs/);
    const { access_token } = await tokens.issue(allowed, request);
    assert.deepEqual((await tokens.verify(access_token))?.audience, [FILES]);
  });

  it('only true allows a client a resource, also when the table changes while the dialog is open', async () => {
    const answers: { of: unknown } = { of: true };
    const allows = () => answers.of as boolean;
    const server = resourceServer({ more: { resources: { [FILES]: { allows } } } });
    for (const no of [false, undefined, 'yes', 1, {}]) {
      answers.of = no;
      assertErrorHere(await server.credentials({ resource: FILES }), 400, 'invalid_target');
    }
    answers.of = true;
    const agent = request.agent(server.app.callback());
    const page = agent.get('/authorize').set('X-User', 'alice');
    const { transactionID } = (await page.query({ ...REQUEST, resource: FILES }).expect(200)).body;
    answers.of = false;
    const answer = agent.post('/decision').set('X-User', 'alice').type('form');
    assert.equal(redirected(await answer.send({ transaction_id: transactionID }))['error'], 'access_denied');
  });

  it('no sequence of refreshes gives a token for more than was granted', async () => {
    const all = [FILES, MAIL];
    const some = fc.subarray(all);
    const property = fc.asyncProperty(
      fc.subarray(all, { minLength: 1 }),
      fc.array(some, { maxLength: 5 }),
      async (granted, asks) => {
        const server = resourceServer({ tokens: { grace: 0 } });
        let { refresh_token } = (await server.redeem({ resource: granted, scope: 'read send' })).body;
        for (const resource of asks) {
          const answer = await server.refresh(refresh_token, { resource });
          if (answer.status !== 200) continue;
          refresh_token = answer.body.refresh_token;
          const audience = (await server.audience(answer)) ?? assert.fail('a token for all APIs');
          assert.ok(audience.length > 0 && audience.every((one) => granted.includes(one)), `${audience} of ${granted}`);
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('RFC 8707: what tokens for a resource are', () => {
  it('their format and lifetime are those of the row, the shorter of two, and one format for each token', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const resources = {
      [FILES]: { accessTokens: opaque(), lifetime: 600 },
      [MAIL]: { accessTokens: jwt({ audience: MAIL }), lifetime: 300 },
      [CALENDAR]: { lifetime: 100_000 },
    };
    const server = resourceServer({ options: { keys }, more: { resources } });
    const mail = (await server.credentials({ resource: MAIL }).expect(200)).body;
    assert.deepEqual([decodeJwt(mail.access_token).aud, mail.expires_in], [MAIL, 300]);
    const files = (await server.credentials({ resource: FILES }).expect(200)).body;
    assert.throws(() => decodeJwt(files.access_token));
    assert.equal(files.expires_in, 600);
    assert.equal((await server.credentials({ resource: CALENDAR }).expect(200)).body.expires_in, 3600);
    const alike = { [FILES]: { lifetime: 600 }, [MAIL]: { lifetime: 300 } };
    const two = resourceServer({ more: { resources: alike } });
    assert.equal((await two.credentials({ resource: [FILES, MAIL] }).expect(200)).body.expires_in, 300);
    const { refresh_token, error } = (await server.redeem({ resource: [MAIL, FILES] })).body;
    assert.deepEqual([refresh_token, error], [undefined, 'invalid_target']);
    const narrowed = await server.redeem({ resource: [MAIL, FILES] }, { resource: MAIL });
    assert.equal(decodeJwt(narrowed.body.access_token).aud, MAIL);
  });

  describe('after a restart', () => {
    /** A process over a store, with the formats of two APIs. */
    function started(store: TokenStore, keys: SigningKeys, files: Resource<App>) {
      const { app, tokens } = pluggedServer({
        store,
        options: { issuer: ISSUER, keys, clients: { find: () => CLIENT } },
        tokens: { clientScope: () => ['read', 'send'] },
        plugs: [
          resourceIndicators<App>({ resources: { [FILES]: files, [MAIL]: { accessTokens: jwt({ audience: MAIL }) } } }),
        ],
      });
      const issue = async (resource: string): Promise<string> =>
        (await tokenRequest(app, { grant_type: 'client_credentials', resource }).expect(200)).body.access_token;
      return { tokens, issue };
    }
    const asJWT = { accessTokens: jwt({ audience: FILES }) };
    const asOpaque = { accessTokens: opaque() };

    for (const [what, first, then] of [
      ['a JWT of an API whose tokens are opaque by now', asJWT, asOpaque],
      ['an opaque token of an API whose tokens are JWTs by now', asOpaque, asJWT],
    ] as const)
      it(`${what} is found, introspected and revoked, whatever was issued since`, async () => {
        const [store, keys] = [memoryStore(), await keySet({ signing: await generateSigningKey('ES256') })];
        const token = await started(store, keys, first).issue(FILES);
        const { tokens, issue } = started(store, keys, then);
        for (const issued of [undefined, FILES, MAIL]) {
          if (issued) await issue(issued);
          assert.deepEqual((await tokens.verify(token))?.audience, [FILES]);
          assert.equal((await tokens.introspect(token, CLIENT)).active, true);
        }
        await tokens.revoke(token, CLIENT);
        assert.equal(await tokens.verify(token), undefined);
      });

    it('a token that a revoked key signed is refused everywhere, also before another token is issued', async () => {
      const store = memoryStore();
      const options = { store, secret: 'x'.repeat(32), algorithms: ['ES256'], now: () => 1_767_225_600 } as const;
      const keys = await rotatingKeys(options);
      const first = started(store, keys, asJWT);
      const token = await first.issue(FILES);
      assert.ok(await first.tokens.verify(token));
      await keys.revoke(String(keys.signing().kid));
      assert.equal(await first.tokens.verify(token), undefined);
      const { tokens } = started(store, await rotatingKeys(options), asJWT);
      assert.equal(await tokens.verify(token), undefined);
      assert.deepEqual(await tokens.introspect(token, CLIENT), { active: false });
    });
  });

  it('introspection tells an API of tokens for itself, and of nothing that is for another API', async () => {
    const server = resourceServer();
    const asked = { resource: [FILES, MAIL], scope: 'read send openid' };
    const [both, files, mail, none] = await Promise.all([
      server.redeem(asked),
      server.redeem(asked, { resource: FILES }),
      server.redeem(asked, { resource: MAIL }),
      server.redeem({}),
    ]);
    const told = async ({ body }: { body: { access_token: string } }, by: App) => {
      const { active, aud, scope } = await server.introspect(body.access_token, by);
      return active ? [aud, scope] : active;
    };
    assert.deepEqual(await told(both, FILES_API), [FILES, 'read openid']);
    assert.deepEqual(await told(both, BOTH_API), [[FILES, MAIL], 'read send openid']);
    assert.deepEqual(await told(files, FILES_API), [FILES, 'read openid']);
    for (const token of [mail, none]) assert.equal(await told(token, FILES_API), false);
    assert.equal(await told(none, BOTH_API), false);
    assert.equal(await told(both, OTHER), false);
    assert.deepEqual(await told(both, CLIENT), [[FILES, MAIL], 'read send openid']);
  });

  it('introspection tells an API only the details for itself, and client credentials get no details for another API', async () => {
    const types = { pay: { optional: ['locations'], validate: () => true, clientMayHave: () => true } };
    const setup = { after: [authorizationDetails<App>({ types })] };
    const server = resourceServer(setup);
    const details = [{ type: 'pay', locations: [MAIL] }, { type: 'pay', locations: [FILES] }, { type: 'pay' }];
    const authorization_details = JSON.stringify(details);
    const asked = { resource: [FILES, MAIL], scope: 'read send', authorization_details };
    const { access_token } = (await server.redeem(asked)).body;
    const told = async (by: App) => (await server.introspect(access_token, by)).authorization_details;
    assert.deepEqual(await told(FILES_API), details.slice(1));
    assert.deepEqual(await told(BOTH_API), details);
    assert.deepEqual(await told(CLIENT), details);
    const refused = await server.credentials({ resource: FILES, authorization_details });
    assertErrorHere(refused, 400, 'invalid_authorization_details');
    const mail = await server.redeem({ ...asked, authorization_details: JSON.stringify(details.slice(0, 1)) });
    const nothing = await server.introspect(mail.body.access_token, FILES_API);
    assert.deepEqual([nothing.active, 'authorization_details' in nothing], [true, false]);
  });

  it('the list of what a user has allowed, and the audit log, name the resources', async () => {
    const server = resourceServer();
    const events: unknown[] = [];
    server.tokens.events.on('issued', ({ kinds, audience }) => events.push([kinds, audience]));
    await server.redeem({ resource: [FILES, MAIL], scope: 'read send' }, { resource: FILES });
    assert.deepEqual(events, [
      [['code'], [FILES, MAIL]],
      [['access_token', 'refresh_token'], [FILES]],
    ]);
    const listed = await server.tokens.listAuthorizations({ id: 'alice', name: 'Alice' });
    assert.deepEqual(listed.map(({ audience }) => audience).at(-1), [FILES, MAIL]);
  });

  it('an application that loses the audience of an authorization of its own gets no token', async () => {
    const kept = new Map<string, string>();
    const server = createServer<App, User>({
      clients: { find: (id) => (id === CLIENT.client_id ? CLIENT : undefined) },
    })
      .grant(
        grant.code<App, User>({
          issue(_txn, { audience: _, ...authorization }) {
            kept.set('a code', JSON.stringify(authorization));
            return 'a code';
          },
        }),
      )
      .exchange(
        exchange.code({
          redeem: (code) => JSON.parse(kept.get(code) ?? 'null') ?? undefined,
          issue: () => ({ access_token: 'a token for every API' }),
        }),
      )
      .extend(pkce())
      .extend(resourceIndicators({ resources: RESOURCES }));
    const router = new Router();
    const alice: Middleware = (ctx, next) => {
      ctx.state['user'] = { id: 'alice' };
      return next();
    };
    router.get('/authorize', alice, server.authorization({ immediate: () => true }) as Middleware);
    router.post('/token', authenticateClient([CLIENT]), server.token());
    const app = new Koa();
    app.on('error', () => {});
    app.use(server.errorHandler()).use(router.routes());
    const { code } = redirected(
      await request(app.callback())
        .get('/authorize')
        .query({ ...REQUEST, resource: FILES }),
    );
    const redemption = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
    const answer = await request(app.callback())
      .post('/token')
      .auth('client', 'client-secret')
      .type('form')
      .send(redemption);
    assert.equal(answer.status, 500);
  });

  it('pushed: judged once, whole, and what stands beside the reference is ignored', async () => {
    const server = resourceServer({ plugs: [pushedRequests()] });
    const pushed = await server.post('/par', { ...REQUEST, resource: [FILES, MAIL], scope: 'read send' }).expect(201);
    const beside = { client_id: 'client', request_uri: pushed.body.request_uri, resource: ELSEWHERE };
    const { agent, page } = { agent: request.agent(server.app.callback()), page: encode(beside) };
    const shown = await agent.get(`/authorize?${page}`).set('X-User', 'alice').expect(200);
    const answer = agent.post('/decision').set('X-User', 'alice').type('form');
    const { code } = redirected(await answer.send({ transaction_id: shown.body.transactionID }));
    const redemption = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
    assert.deepEqual(await server.audience(await server.post('/token', redemption).expect(200)), [FILES, MAIL]);
    assertErrorHere(await server.post('/par', { ...REQUEST, resource: ELSEWHERE }), 400, 'invalid_target');
  });

  it('in a request object: one, or a list', async () => {
    const key = await signer();
    const signing = { ...client('signing'), jwks: key.jwks } as App;
    const server = resourceServer({ clients: [signing], plugs: [requestObjects()] });
    for (const resource of [FILES, [FILES, MAIL]]) {
      const object = await sign(claimsOf('signing', server.clock.now, { resource, scope: 'read send' }), key);
      const shown = await browser(server.app).authorize({ client_id: 'signing', request: object });
      assert.equal(shown.status, 200, shown.text);
    }
    const object = await sign(claimsOf('signing', server.clock.now, { resource: [FILES, ELSEWHERE] }), key);
    const refused = await browser(server.app).authorize({ client_id: 'signing', request: object });
    assert.equal(redirected(refused)['error'], 'invalid_target');
  });

  it('options that cannot be meant are refused when the extension is made', () => {
    const made = (options: object) => () => resourceIndicators(options as ResourceIndicatorsOptions);
    const row = (resource: object) => made({ resources: { [FILES]: resource } });
    for (const wrong of [
      made({}),
      made({ resources: {} }),
      made({ resources: { 'files.example': {} } }),
      made({ resources: { [`${FILES}#`]: {} } }),
      made({ resources: { [FILES]: {} }, resource: FILES }),
      row({ scope: ['read'] }),
      row({ scopes: 'read' }),
      row({ introspectedBy: 'files-api' }),
      row({ lifetime: 0 }),
      row({ lifetime: '60' }),
      row({ accessTokens: 'jwt' }),
    ])
      assert.throws(wrong, TypeError);
  });
});
