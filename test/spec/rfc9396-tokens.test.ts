/** RFC 9396: OAuth 2.0 Rich Authorization Requests: what tokens have, over HTTP. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import Koa from 'koa';
import {
  type Authorization,
  type AuthorizationDetail,
  createServer,
  exchange,
  grant,
  type Plug,
  resourceIndicators,
} from 'koauthorize';
import { bearer, detailsOf, introspectionVerifier, jwtVerifier, type Verify } from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, memoryStore } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, CLIENT, ISSUER, REQUEST, type User, VERIFIER } from '../support/authorization-server.js';
import { ACCOUNTS, detailsServer, isPayment, json, PAYMENT, TYPES } from '../support/details-server.js';
import { assertErrorHere } from '../support/form.js';

const INVALID = 'invalid_authorization_details';
const BOTH = { authorization_details: json(PAYMENT, ACCOUNTS) };
const redemption = { grant_type: 'authorization_code', redirect_uri: REQUEST.redirect_uri, code_verifier: VERIFIER };
const LIST = { ...ACCOUNTS, actions: ['list'] };
const reversed = (detail: object) =>
  Object.fromEntries(Object.entries(detail).reverse()) as unknown as AuthorizationDetail;

describe('RFC 9396 §6: the token request', () => {
  const { locations: _, ...NOWHERE } = ACCOUNTS;
  const rows: readonly (readonly [
    what: string,
    asked: readonly AuthorizationDetail[] | undefined,
    given: readonly unknown[] | undefined,
  ])[] = [
    ['§7 nothing: all that was granted', undefined, [PAYMENT, ACCOUNTS]],
    ['§6 what was granted', [PAYMENT, ACCOUNTS], [PAYMENT, ACCOUNTS]],
    ['§6 in another order', [ACCOUNTS, PAYMENT], [ACCOUNTS, PAYMENT]],
    ['§6 one element', [PAYMENT], [PAYMENT]],
    ['§6.1 fewer actions', [LIST], [LIST]],
    [
      '§6.1 fewer actions, in two elements',
      [LIST, { ...ACCOUNTS, actions: ['balances'] }],
      [LIST, { ...ACCOUNTS, actions: ['balances'] }],
    ],
    ['§6.1 one payment twice', [PAYMENT, PAYMENT], undefined],
    ['§6.1 one payment twice, its fields in another order', [PAYMENT, reversed(PAYMENT)], undefined],
    [
      '§6.1 fewer actions, in two elements that share one',
      [LIST, { ...ACCOUNTS, actions: ['balances', 'list'] }],
      undefined,
    ],
    ['§6.1 all, and a part of it besides', [LIST, ACCOUNTS], undefined],
    ['§6.1 the same with its fields in another order', [reversed(PAYMENT)], [PAYMENT]],
    ['§6.1 another action', [{ ...ACCOUNTS, actions: ['list', 'pay'] }], undefined],
    ['§6.1 another location', [{ ...ACCOUNTS, locations: ['https://evil.example/accounts'] }], undefined],
    [
      '§6.1 a location more',
      [{ ...ACCOUNTS, locations: [...(ACCOUNTS.locations ?? []), 'https://evil.example'] }],
      undefined,
    ],
    ['§6.1 no location, which may mean all', [NOWHERE], undefined],
    ['§6.1 no actions, which may mean all', [{ type: 'accounts', locations: ACCOUNTS.locations ?? [] }], undefined],
    ['§6.1 an empty list of actions, which may mean all', [{ ...ACCOUNTS, actions: [] }], undefined],
    ['§6.1 a common field more', [{ ...LIST, identifier: 'one' }], undefined],
    ['§6.1 privileges more', [{ ...LIST, privileges: ['admin'] }], undefined],
    ['§6.1 another amount', [{ ...PAYMENT, instructedAmount: { currency: 'EUR', amount: '9999' } }], undefined],
    [
      '§6.1 an amount more exactly described',
      [{ ...PAYMENT, instructedAmount: { currency: 'EUR', amount: '123.50', x: 1 } as never }],
      undefined,
    ],
    ['§6.1 one that was granted and one that was not', [PAYMENT, { type: 'files', actions: ['read'] }], undefined],
    ['§6.1 another type with fields that were granted of this one', [{ type: 'files', actions: ['list'] }], undefined],
    ['§6.1 a type that was not granted', [{ type: 'files', actions: ['read'] }], undefined],
  ];
  const more = (asked: readonly AuthorizationDetail[] | undefined) =>
    asked ? { authorization_details: json(...asked) } : {};
  for (const [what, asked, given] of rows) {
    it(`${what}: ${given ? 'given' : 'refused'}, for a code`, async () => {
      const { code, ask, introspect } = detailsServer();
      const params = { ...redemption, code: await code(BOTH) };
      const answer = await ask({ ...params, ...more(asked) });
      if (!given) {
        assertErrorHere(answer, 400, INVALID);
        await ask(params).expect(200); // nothing was spent
        return;
      }
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.body.authorization_details, given); // §7: MUST also return
      assert.deepEqual((await introspect(answer.body.access_token)).authorization_details, given); // §9.2
    });

    it(`${what}: ${given ? 'given' : 'refused'}, for a refresh token, and the authorization is as it was`, async () => {
      const { redeem, refresh } = detailsServer();
      const { body } = await redeem(BOTH, more([PAYMENT]));
      assert.deepEqual(body.authorization_details, [PAYMENT]);
      const answer = await refresh(body.refresh_token, more(asked));
      if (!given) assertErrorHere(answer, 400, INVALID);
      else assert.deepEqual([answer.status, answer.body.authorization_details], [200, given]);
      const { refresh_token = body.refresh_token } = answer.body;
      assert.deepEqual((await refresh(refresh_token).expect(200)).body.authorization_details, [PAYMENT, ACCOUNTS]);
    });
  }

  it('§6.1 what was granted twice can be had twice in a token, and no third time', async () => {
    const { redeem, refresh } = detailsServer();
    const times = (count: number) => ({ authorization_details: json(...Array.from({ length: count }, () => PAYMENT)) });
    const { body } = await redeem(times(2), times(2));
    assert.deepEqual(body.authorization_details, [PAYMENT, PAYMENT]);
    assertErrorHere(await refresh(body.refresh_token, times(3)), 400, INVALID);
    assert.deepEqual((await refresh(body.refresh_token, times(1)).expect(200)).body.authorization_details, [PAYMENT]);
  });

  it('§6.1 elements of which each has a granted one of its own may share values, in whatever order', async () => {
    const of = (...actions: string[]): AuthorizationDetail => ({ type: 'accounts', actions });
    const granted = [of('list', 'balances'), of('list', 'transactions')];
    for (const asked of [
      [of('list'), of('list')],
      [of('list'), of('list', 'balances')],
      [of('list', 'transactions'), of('list')],
      [of('list'), of('list', 'transactions')],
      [of('list'), of('balances'), of('list'), of('transactions')],
    ]) {
      const { redeem } = detailsServer();
      const { body } = await redeem(
        { authorization_details: json(...granted) },
        { authorization_details: json(...asked) },
      );
      assert.deepEqual(body.authorization_details, asked, json(...asked));
    }
  });

  it('§6.1 a covers function does not let one granted element stand for the same twice', async () => {
    const { code, ask } = detailsServer();
    const [write, read] = ['write', 'read'].map((action) => ({ type: 'files', actions: [action] }));
    const params = { ...redemption, code: await code({ authorization_details: json(write) }) };
    assertErrorHere(await ask({ ...params, authorization_details: json(read, read) }), 400, INVALID);
    const { body } = await ask({ ...params, authorization_details: json(read, write) }).expect(200);
    assert.deepEqual(body.authorization_details, [read, write]);
  });

  it('§6.1 a type with a covers function: write includes read, and read does not include write', async () => {
    const { redeem, refresh } = detailsServer();
    const write = { type: 'files', actions: ['write'] };
    const read = { type: 'files', actions: ['read'] };
    const { body } = await redeem({ authorization_details: json(write) }, { authorization_details: json(read) });
    assert.deepEqual(body.authorization_details, [read]);
    const other = (await redeem({ authorization_details: json(read) })).body;
    assertErrorHere(await refresh(other.refresh_token, { authorization_details: json(write) }), 400, INVALID);
  });

  for (const gives of [false, 'true', 1, {}, undefined])
    it(`§6.1 a covers function that gives ${JSON.stringify(gives)} covers nothing`, async () => {
      const types = { payment: { ...TYPES['payment'], covers: () => gives as boolean } } as unknown as typeof TYPES;
      const { code, ask } = detailsServer({ details: { types } });
      const asked = { authorization_details: json(PAYMENT) };
      assertErrorHere(await ask({ ...redemption, code: await code(asked), ...asked }), 400, INVALID);
    });

  it('§6 details for an authorization that has none', async () => {
    const { code, ask } = detailsServer();
    const params = { ...redemption, code: await code({}) };
    assertErrorHere(await ask({ ...params, authorization_details: json(PAYMENT) }), 400, INVALID);
    await ask(params).expect(200); // nothing was spent
  });

  it("§6 the same in an exchange of an application's own: refused before anything is issued", async () => {
    let issued = 0;
    const authorization: Authorization = {
      clientID: 'client',
      redirectURI: REQUEST.redirect_uri,
      scope: ['read'],
      request: { type: 'code', clientID: 'client' },
    };
    const own = exchange.refreshToken<App>({
      redeem: () => authorization,
      issue: () => ({ access_token: `token ${++issued}` }),
    });
    const { ask } = detailsServer({ plug: (server) => server.exchange('urn:example:refresh', own) });
    const params = { grant_type: 'urn:example:refresh', refresh_token: 'x' };
    assertErrorHere(await ask({ ...params, authorization_details: json(PAYMENT) }), 400, INVALID);
    assert.equal(issued, 0);
    await ask(params).expect(200);
  });

  it('RFC 6749 §6 narrowed details leave the scope as it is, and a narrowed scope leaves the details', async () => {
    const { redeem, refresh } = detailsServer();
    const { body } = await redeem(BOTH);
    const narrowed = (await refresh(body.refresh_token, { authorization_details: json(PAYMENT) })).body;
    assert.deepEqual([narrowed.scope, narrowed.authorization_details], ['read write', [PAYMENT]]);
    const read = (await refresh(narrowed.refresh_token, { scope: 'read' })).body;
    assert.deepEqual([read.scope, read.authorization_details], ['read', [PAYMENT, ACCOUNTS]]);
  });

  it('§7.1 what was enriched stands in every token', async () => {
    const enriched = { ...ACCOUNTS, accounts: ['DE02100100109307118603'] };
    const { redeem, refresh } = detailsServer({
      decision: (server) => server.decision(() => ({ authorizationDetails: [enriched] })),
    });
    const { body } = await redeem(BOTH);
    assert.deepEqual(body.authorization_details, [enriched]);
    assert.deepEqual((await refresh(body.refresh_token)).body.authorization_details, [enriched]);
    // asked for again without the accounts it would mean another thing: the type has no covers function that says so
    assertErrorHere(await refresh(body.refresh_token, { authorization_details: json(ACCOUNTS) }), 400, INVALID);
  });

  describe('for a client itself', () => {
    const NIGHTLY = { type: 'jobs', identifier: 'nightly' };
    const clientCredentials = { grant_type: 'client_credentials' };

    it('§6 what the policy of the type allows is given', async () => {
      const { ask, introspect } = detailsServer();
      const { body } = await ask({ ...clientCredentials, authorization_details: json(NIGHTLY) }).expect(200);
      assert.deepEqual(body.authorization_details, [NIGHTLY]);
      assert.deepEqual((await introspect(body.access_token)).authorization_details, [NIGHTLY]);
    });

    for (const [what, details] of [
      ['a type without a policy', json(PAYMENT)],
      ['what the policy does not allow', json({ type: 'jobs', identifier: 'hourly' })],
      ['a field that its type does not have', json({ ...NIGHTLY, all: true })],
      ['both', json(NIGHTLY, PAYMENT)],
    ] as const)
      it(`§6 ${what} is refused`, async () => {
        const { ask } = detailsServer();
        assertErrorHere(await ask({ ...clientCredentials, authorization_details: details }), 400, INVALID);
      });

    for (const gives of ['true', 1, {}, undefined])
      it(`§6 a policy that gives ${JSON.stringify(gives)} allows nothing`, async () => {
        const types = { jobs: { ...TYPES['jobs'], clientMayHave: () => gives as boolean } } as unknown as typeof TYPES;
        const { ask } = detailsServer({ details: { types } });
        assertErrorHere(await ask({ ...clientCredentials, authorization_details: json(NIGHTLY) }), 400, INVALID);
      });

    it('§3.1 a request with details and no scope gets no scope; with a scope it gets both; and with neither as before', async () => {
      const clients = [{ ...CLIENT, scope: 'read write', grant_types: ['client_credentials'] } as App];
      const { ask, introspect } = detailsServer({ clients });
      const scopeOf = async (more: object) =>
        (await introspect((await ask({ ...clientCredentials, ...more }).expect(200)).body.access_token)).scope;
      const authorization_details = json(NIGHTLY);
      assert.equal(await scopeOf({ authorization_details }), undefined);
      assert.equal(await scopeOf({ authorization_details, scope: 'read' }), 'read');
      assert.equal(await scopeOf({}), 'read write');
    });

    it('§6 client credentials under another name get the same checks', async () => {
      const grant_type = 'urn:example:client';
      const { ask, introspect } = detailsServer({
        clients: [{ ...CLIENT, scope: 'read write' } as App],
        plug: (server, tokens) =>
          void server.exchange(grant_type, exchange.clientCredentials(tokens.clientCredentials)),
      });
      const { body } = await ask({ grant_type, authorization_details: json(NIGHTLY) }).expect(200);
      assert.deepEqual(body.authorization_details, [NIGHTLY]);
      assert.equal((await introspect(body.access_token)).scope, undefined, '§3.1');
      assertErrorHere(await ask({ grant_type, authorization_details: json(PAYMENT) }), 400, INVALID);
    });
  });

  it('§6 a grant type without an earlier grant refuses details, and issues no token', async () => {
    let issued = 0;
    const { ask } = detailsServer({
      plug: (server) =>
        server.exchange({ name: 'urn:example:x', redeem: () => ({ issue: () => ({ access_token: `t${++issued}` }) }) }),
    });
    await ask({ grant_type: 'urn:example:x' }).expect(200);
    assertErrorHere(await ask({ grant_type: 'urn:example:x', authorization_details: json(PAYMENT) }), 400, INVALID);
  });

  it('a callback in the form of oauth2orize, which cannot put details into its tokens, gives none', async () => {
    const authorization: Authorization = {
      clientID: 'client',
      redirectURI: REQUEST.redirect_uri,
      scope: [],
      request: { type: 'code', clientID: 'client', authorizationDetails: [PAYMENT] },
      authorizationDetails: [PAYMENT],
    };
    const { ask, errors } = detailsServer({
      plug: (server) =>
        server.exchange(
          'urn:example:refresh',
          exchange.refreshToken(async (_client, _token, _scope, _body, _info, check) => {
            await check(authorization);
            return 'a token';
          }),
        ),
    });
    assertErrorHere(await ask({ grant_type: 'urn:example:refresh', refresh_token: 'x' }), 500, 'server_error');
    assert.match(String(errors[0]), /only the checked form/);
  });
});

describe('RFC 9396 §6, §7: what changes after the grant', () => {
  it('a type that is removed from the registration is not in new tokens, and cannot be requested', async () => {
    const registration = { ...CLIENT, authorization_details_types: ['payment', 'accounts'] };
    const { redeem, refresh } = detailsServer({ clients: [registration] });
    const { body } = await redeem(BOTH);
    registration.authorization_details_types = ['payment'];
    assertErrorHere(await refresh(body.refresh_token, { authorization_details: json(ACCOUNTS) }), 400, INVALID);
    assert.deepEqual((await refresh(body.refresh_token)).body.authorization_details, [PAYMENT]);
  });

  it('where nothing is left of an authorization it is invalid_grant, and with a scope the rest goes on', async () => {
    for (const scope of [undefined, 'read']) {
      const registration = { ...CLIENT, authorization_details_types: ['payment'] };
      const { redeem, refresh } = detailsServer({ clients: [registration] });
      const { body } = await redeem({ scope, authorization_details: json(PAYMENT) });
      registration.authorization_details_types = [];
      const answer = await refresh(body.refresh_token);
      if (scope) assert.deepEqual([answer.status, answer.body.authorization_details], [200, []]);
      else assertErrorHere(answer, 400, 'invalid_grant');
    }
  });

  it('a type that the server has no longer is not in new tokens', async () => {
    const store = memoryStore();
    const { body } = await detailsServer({ store }).redeem(BOTH);
    const { accounts: _, ...left } = TYPES;
    const later = detailsServer({ store, details: { types: left } });
    assert.deepEqual((await later.refresh(body.refresh_token)).body.authorization_details, [PAYMENT]);
  });

  const lost: readonly (readonly [what: string, change: (authorization: Record<string, unknown>) => void])[] = [
    ['drops the member', (authorization) => delete authorization['authorizationDetails']],
    ['gives null', (authorization) => Object.assign(authorization, { authorizationDetails: null })],
    ['gives text', (authorization) => Object.assign(authorization, { authorizationDetails: json(PAYMENT) })],
    ['drops a type', (authorization) => Object.assign(authorization, { authorizationDetails: [{}] })],
  ];
  for (const [what, change] of lost)
    it(`a store of an application's own that ${what}: no token, and the operator is told`, async () => {
      const kept = new Map<string, Authorization>();
      const { code, ask, errors } = detailsServer({
        plug: (server) =>
          server.exchange(
            'urn:example:code',
            Object.assign(
              exchange.code<App>({
                redeem: () => kept.get('code'),
                issue: () => ({ access_token: 'a token' }),
              }),
              { stepsFor: 'authorization_code' },
            ),
          ),
        plugs: [
          {
            name: 'watch',
            token: {
              grantTypes: ['authorization_code'],
              check: (authorization) => void kept.set('code', authorization),
            },
          },
        ],
      });
      await ask({ ...redemption, code: await code(BOTH) }).expect(200);
      const copy = structuredClone(kept.get('code')) as unknown as Record<string, unknown>;
      change(copy);
      kept.set('code', copy as unknown as Authorization);
      for (const more of [{}, { authorization_details: json(PAYMENT) }])
        assertErrorHere(
          await ask({ ...redemption, grant_type: 'urn:example:code', code: 'x', ...more }),
          500,
          'server_error',
        );
      assert.match(String(errors.at(-1)), /lost its authorizationDetails/);
    });

  it('the token service detects a token store that drops the member', async () => {
    const store = memoryStore();
    const get = store.get.bind(store);
    const { code, ask, errors } = detailsServer({ store });
    const granted = await code(BOTH);
    store.get = async (id, now) => {
      const record = structuredClone(await get(id, now));
      const { extended } = Object(record?.data) as { extended: { authorization: Record<string, unknown> } };
      delete extended.authorization['authorizationDetails'];
      return record;
    };
    assertErrorHere(await ask({ ...redemption, code: granted }), 500, 'server_error');
    assert.match(String(errors.at(-1)), /cannot be read/);
  });
});

describe('RFC 9396 §9.1, RFC 8707: a token for one API', () => {
  const OTHER: AuthorizationDetail = { ...ACCOUNTS, locations: ['https://other.example/accounts'] };
  const NEAR: AuthorizationDetail = { ...ACCOUNTS, locations: ['https://api.example.evil.example/accounts'] };
  const ANYWHERE: AuthorizationDetail = { type: 'accounts', actions: ['list'] };
  const EXACT: AuthorizationDetail = { ...ACCOUNTS, locations: ['https://elsewhere.example', 'https://api.example'] };
  const all = { authorization_details: json(ACCOUNTS, OTHER, NEAR, ANYWHERE, EXACT) };
  /** As an extension of resource indicators says for which API a token is. */
  const resource = (step: 'parse' | 'check'): Plug<App, User> => {
    const audience = ['https://api.example'];
    return {
      name: 'resource',
      token: step === 'parse' ? { parse: () => ({ audience }) } : { check: () => ({ audience }) },
    };
  };

  for (const step of ['parse', 'check'] as const)
    it(`details for other APIs are left out, where the audience is known in ${step}`, async () => {
      const { redeem, refresh } = detailsServer({ plugs: [resource(step)] });
      const { body } = await redeem(all);
      assert.deepEqual(body.authorization_details, [ACCOUNTS, ANYWHERE, EXACT]);
      assertErrorHere(await refresh(body.refresh_token, { authorization_details: json(OTHER) }), 400, INVALID);
      assert.deepEqual(
        (await refresh(body.refresh_token, { authorization_details: json(ACCOUNTS) })).body.authorization_details,
        [ACCOUNTS],
      );
    });

  it('an extension that says the audience in parse may be plugged in later, too', async () => {
    const { redeem } = detailsServer({ plug: (server) => server.extend(resource('parse')) });
    assert.deepEqual((await redeem(all)).body.authorization_details, [ACCOUNTS, ANYWHERE, EXACT]);
  });

  it('resourceIndicators() that is plugged in later is told at start', () => {
    const resources = { 'https://api.example': {} };
    const after = detailsServer({ plug: (server) => server.extend(resourceIndicators<App, User>({ resources })) });
    assert.throws(() => after.server.check(), /Plug authorizationDetails\(\) in after resourceIndicators\(\)/);
    detailsServer({ plugs: [resourceIndicators<App, User>({ resources })] }).server.check();
  });

  it('an extension that gives the audience in check, and is plugged in later, gets no token with details for other APIs', async () => {
    const { redeem, errors } = detailsServer({ plug: (server) => server.extend(resource('check')) });
    assertErrorHere(await redeem(all), 500, 'server_error');
    assert.match(String(errors.at(-1)), /Plug authorizationDetails\(\) in after/);
  });
});

describe('RFC 9396 §9: what an API reads', () => {
  it('the same of verify, of introspection and of a JWT, and only of the type that it asks for', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const accessTokens = jwt({ issuer: ISSUER, audience: 'https://api.example', keys });
    for (const settings of [{}, { tokens: { accessTokens } }]) {
      const { redeem, tokens, app, clock } = detailsServer(settings);
      const { access_token: token } = (await redeem(BOTH)).body;
      const fetch: typeof globalThis.fetch = async (_url, init) => {
        const sent = request(app.callback()).post('/introspect').auth('client', 'client-secret').type('form');
        return Response.json((await sent.send(String(init?.body))).body);
      };
      const now = () => clock.now;
      const verifiers: Verify[] = [
        tokens.verify,
        introspectionVerifier({
          endpoint: `${ISSUER}/introspect`,
          clientID: 'client',
          clientSecret: 'client-secret',
          fetch,
          now,
        }),
      ];
      if ('tokens' in settings)
        verifiers.push(
          jwtVerifier({
            issuer: ISSUER,
            audience: 'https://api.example',
            jwksURI: `${ISSUER}/jwks`,
            fetch: async () => Response.json(keys.jwks()),
            now,
          }),
        );
      for (const verify of verifiers) {
        const api = new Koa().use(bearer({ verify, now })).use((ctx) => {
          const is = ['payment', 'accounts', 'files', 'Payment'].map((type) => detailsOf(ctx['state'].token, type));
          ctx.body = [
            ...is,
            detailsOf(ctx['state'].token, 'payment', isPayment).map(({ creditorName }) => creditorName),
          ];
        });
        const { body } = await request(api.callback()).get('/').auth(token, { type: 'bearer' }).expect(200);
        assert.deepEqual(body, [[PAYMENT], [ACCOUNTS], [], [], ['Merchant A']]);
      }
    }
  });

  const malformed: readonly unknown[] = [
    ...[undefined, null, 'payment', json(PAYMENT), PAYMENT, [null], ['payment'], [{}], [{ type: 1 }]],
    ...[
      [PAYMENT, {}],
      [PAYMENT, { type: 'x', locations: 'y' }],
      [PAYMENT, { type: 'x', identifier: 1 }],
    ],
  ];
  for (const authorization_details of malformed)
    it(`detailsOf: what is malformed permits nothing: ${JSON.stringify(authorization_details)}`, () => {
      assert.deepEqual(detailsOf({ claims: { authorization_details } }, 'payment'), []);
    });

  it('detailsOf: no claims, inherited claims, and elements that are not of the fields of their type', () => {
    assert.deepEqual(detailsOf({}, 'payment'), []);
    assert.deepEqual(detailsOf({ claims: Object.create({ authorization_details: [PAYMENT] }) }, 'payment'), []);
    const wrong = { type: 'payment' };
    assert.deepEqual(detailsOf({ claims: { authorization_details: [wrong, PAYMENT] } }, 'payment', isPayment), [
      PAYMENT,
    ]);
  });
});

describe('RFC 9396: what the application is told', () => {
  it('listAuthorizations has what was granted, and not what the last refresh narrowed it to; without a refresh token what is left of it', async () => {
    const { redeem, refresh, tokens } = detailsServer();
    const { body } = await redeem(BOTH);
    await refresh(body.refresh_token, { authorization_details: json(PAYMENT) }).expect(200);
    const [row] = await tokens.listAuthorizations({ id: 'alice', name: '' });
    assert.deepEqual(row?.authorizationDetails, [PAYMENT, ACCOUNTS]);
    assert.deepEqual(row && detailsOf(row, 'accounts'), [ACCOUNTS]);

    const other = detailsServer({ tokens: { refreshTokens: () => false } });
    await other.redeem(BOTH, { authorization_details: json(PAYMENT) });
    const [only] = await other.tokens.listAuthorizations({ id: 'alice', name: '' });
    assert.deepEqual(only && [detailsOf(only, 'payment'), detailsOf(only, 'accounts')], [[PAYMENT], []]);
  });

  it('audit events have what was granted with a code, and what each token has', async () => {
    const { redeem, refresh, tokens, ask } = detailsServer();
    const seen: unknown[] = [];
    for (const name of ['issued', 'refreshed'] as const)
      tokens.events.on(name, (event) =>
        seen.push([event.kinds[0], ['payment', 'accounts'].flatMap((type) => detailsOf(event, type))]),
      );
    const { body } = await redeem(BOTH, { authorization_details: json(ACCOUNTS) });
    await refresh(body.refresh_token, { authorization_details: json(PAYMENT) }).expect(200);
    await ask({ grant_type: 'client_credentials' });
    assert.deepEqual(seen, [
      ['code', [PAYMENT, ACCOUNTS]],
      ['access_token', [ACCOUNTS]],
      ['access_token', [PAYMENT]],
      ['access_token', []],
    ]);
  });

  it('a code exchange without the extension goes on as before', async () => {
    const server = createServer<App, User>().grant(grant.code(() => 'x'));
    assert.equal(server.core.parameters.has('authorization_details'), false);
  });
});

describe('RFC 9396 §6.1: whatever a client asks for, in whatever order', () => {
  const actions = fc.subarray(['list', 'balances', 'transactions', 'pay']);
  const locations = fc.subarray(['https://api.example/accounts', 'https://api.example/other']);
  const identifier = fc.option(fc.constantFrom('one', 'two'), { nil: undefined });
  const element = fc
    .record({
      actions: fc.option(actions, { nil: undefined }),
      locations: fc.option(locations, { nil: undefined }),
      identifier,
    })
    .map((fields) => JSON.parse(JSON.stringify({ type: 'accounts', ...fields })) as AuthorizationDetail);
  const elements = fc.array(element, { minLength: 1, maxLength: 3 });

  /** Written anew, as an API would enforce it: each single permission must be one that a granted element has. */
  const single = ({ actions = ['-'], locations = ['-'], identifier = '-' }: AuthorizationDetail): string[] =>
    [actions.length > 0 ? actions : ['none']]
      .flat()
      .flatMap((action) =>
        [locations.length > 0 ? locations : ['none']].flat().map((location) => `${action} ${location} ${identifier}`),
      );

  it('no sequence of token requests gives details that no granted element covers', async function () {
    this.timeout(60_000);
    let given = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        elements,
        fc.array(fc.option(elements, { nil: undefined }), { maxLength: 5 }),
        async (granted, requests) => {
          const { redeem, refresh, introspect } = detailsServer();
          const allowed = new Set(granted.flatMap(single));
          let { body } = await redeem({ authorization_details: json(...granted) });
          let refreshToken: string = body.refresh_token;
          for (const asked of [undefined, ...requests]) {
            const answer = await refresh(refreshToken, asked && { authorization_details: json(...asked) });
            body = answer.body;
            if (answer.status !== 200) {
              assertErrorHere(answer, 400, INVALID);
              refused += 1;
              continue;
            }
            given += 1;
            refreshToken = body.refresh_token;
            assert.deepEqual(body.authorization_details, asked ?? granted);
            const told = (await introspect(body.access_token)).authorization_details as AuthorizationDetail[];
            assert.deepEqual(told, asked ?? granted);
            for (const permission of told.flatMap(single)) assert.ok(allowed.has(permission), permission);
          }
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(given > 60 && refused > 20, `${given} given, ${refused} refused`);
  });
});
