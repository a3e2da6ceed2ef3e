/** RFC 9396: OAuth 2.0 Rich Authorization Requests: the authorization request, and what is granted, over HTTP. */
import assert from 'node:assert/strict';
import {
  type AuthorizationDetail,
  type AuthorizationDetailsOptions,
  authorizationDetails,
  pushedRequests,
  requestObjects,
  scopes,
} from 'koauthorize';
import request from 'supertest';
import {
  type App,
  browser,
  CLIENT,
  REQUEST,
  redirected,
  type User,
  VERIFIER,
} from '../support/authorization-server.js';
import { ACCOUNTS, detailsServer, json, PAYMENT, TYPES } from '../support/details-server.js';
import { assertErrorHere } from '../support/form.js';
import { claimsOf, sign, signer } from '../support/request-object.js';

const INVALID = 'invalid_authorization_details';

describe('RFC 9396 §2, §5: what a client asks for', () => {
  const { type: _, ...UNTYPED } = PAYMENT;
  const amount = (instructedAmount: unknown) => json({ ...PAYMENT, instructedAmount });
  const refused: readonly (readonly [what: string, value: string])[] = [
    ['§2 no JSON', '[{"type":"payment"'],
    ['§2 an object in place of the array', JSON.stringify(PAYMENT)],
    ['§2 a text', '"payment"'],
    ['§2 null', 'null'],
    ['§2 an empty array', '[]'],
    ['§2 an array of texts', '["payment"]'],
    ['§2 an array of null', '[null]'],
    ['§2 an array of arrays', '[[]]'],
    ['§2 an element without type', json(UNTYPED)],
    ['§2 a type that is a number', json({ ...PAYMENT, type: 1 })],
    ['§2 an empty type', json({ ...PAYMENT, type: '' })],
    ['§5 an unknown type', json({ ...PAYMENT, type: 'refund' })],
    ['§5 an unknown type behind a known one', json(PAYMENT, { type: 'refund' })],
    ['§12 a type in capitals', json({ ...PAYMENT, type: 'Payment' })],
    ['§5 a type that every object inherits', json({ type: 'constructor' })],
    ['§5 the type __proto__', json({ type: '__proto__' })],
    ['§5 an unknown field', json({ ...PAYMENT, priority: 'high' })],
    ['§5 a field that every object inherits', json({ ...PAYMENT, toString: 'x' })],
    ['§5 a missing field', json({ type: 'payment', creditorName: 'x' })],
    ['§5 a missing field that validate does not look at', json({ type: 'files' })],
    ['§5 a field of the wrong type', amount('123.50 EUR')],
    ['§5 a field with an invalid value', amount({ currency: 'XXX', amount: '1' })],
    ['§2.2 locations that are a text', json({ ...PAYMENT, locations: 'https://api.example' })],
    ['§2.2 actions that are numbers', json({ ...ACCOUNTS, actions: [1] })],
    ['§2.2 datatypes that are null', json({ ...ACCOUNTS, datatypes: null })],
    ['§2.2 privileges that are an object', json({ ...ACCOUNTS, privileges: { 0: 'admin', length: 1 } })],
    ['§2.2 an identifier that is a list', json({ ...ACCOUNTS, identifier: ['one'] })],
    ['RFC 8259 §4 a field twice', '[{"type":"accounts","identifier":"mine","identifier":"all"}]'],
    [
      'RFC 8259 §4 a field twice, once with an escape',
      '[{"type":"accounts","identifier":"mine","\\u0069dentifier":"all"}]',
    ],
    [
      'RFC 8259 §4 a field twice, deep inside',
      '[{"type":"payment","creditorName":"x","instructedAmount":{"currency":"EUR","amount":"1","amount":"1000"}}]',
    ],
    [
      'RFC 8259 §6 a number that would be rounded',
      amount({ currency: 'EUR', amount: '1', account: 0 }).replace('0}', '9007199254740993}'),
    ],
    ['RFC 8259 §6 a number beyond all', amount({ currency: 'EUR', amount: '1', account: 0 }).replace('0}', '1e999}')],
    ['§12 __proto__ among the fields', '[{"type":"accounts","__proto__":{"privileges":["admin"]}}]'],
    [
      '§12 __proto__, deep inside',
      '[{"type":"payment","creditorName":"x","instructedAmount":{"currency":"EUR","amount":"1","__proto__":{"x":1}}}]',
    ],
    ['§12 NUL in a text', json({ ...PAYMENT, creditorName: 'Merchant\0' })],
    [
      '§12 half of a surrogate pair',
      '[{"type":"payment","creditorName":"\\ud800","instructedAmount":{"currency":"EUR","amount":"1"}}]',
    ],
    ['§12 33 elements', json(...Array.from({ length: 33 }, () => ACCOUNTS))],
    ['§12 more than 16,384 characters', json({ ...PAYMENT, remittance: 'x'.repeat(16_384) })],
    [
      '§12 nested too deep',
      json({ ...PAYMENT, remittance: null }).replace('null', `${'['.repeat(40)}${']'.repeat(40)}`),
    ],
  ];
  for (const [what, value] of refused) {
    it(`${what}: invalid_authorization_details, by way of the client, and at /par`, async () => {
      const { errors, post } = detailsServer({ plugs: [pushedRequests()] });
      const asked = { ...REQUEST, authorization_details: value };
      assert.equal(redirected(await post('/authorize', asked))['error'], INVALID); // a query has no room for the longest
      assert.match(String(errors[0]?.cause), /./);
      assertErrorHere(await post('/par', asked), 400, INVALID);
    });
  }

  it('§2 the client is told what is wrong: an empty array, or no array', async () => {
    const { post } = detailsServer();
    const descriptionOf = async (value: string) =>
      redirected(await post('/authorize', { ...REQUEST, authorization_details: value }))['error_description'];
    assert.equal(await descriptionOf('[]'), 'authorization_details is an empty array');
    assert.equal(await descriptionOf('{}'), 'authorization_details is not an array of objects');
  });

  it('§5, §8 the same at the token endpoint, and the code is not spent', async () => {
    const { code, ask } = detailsServer();
    const grant = { grant_type: 'authorization_code', code: await code({ authorization_details: json(PAYMENT) }) };
    const { redirect_uri } = REQUEST;
    const code_verifier = VERIFIER;
    for (const [, authorization_details] of refused)
      assertErrorHere(await ask({ ...grant, redirect_uri, code_verifier, authorization_details }), 400, INVALID);
    await ask({ ...grant, redirect_uri, code_verifier }).expect(200);
  });

  it('RFC 6749 §3.1 the parameter twice is refused', async () => {
    const { refusal } = detailsServer();
    assert.equal(await refusal({ authorization_details: [json(PAYMENT), json(ACCOUNTS)] }), 'invalid_request');
  });

  it('§5 nothing that a stranger has written is repeated in the error', async () => {
    const { dialog } = detailsServer();
    const answer = redirected(
      await dialog({ authorization_details: json({ ...PAYMENT, 'x<script>': 1 }, { type: 'y<script>' }) }),
    );
    assert.equal(answer['error_description'], 'authorization_details[0] has a field that its type does not have');
  });

  for (const gives of [false, 'true', 1, undefined, {}] as readonly unknown[])
    it(`§5 a validate function that gives ${JSON.stringify(gives)} refuses: only true allows`, async () => {
      const types = {
        payment: { ...TYPES['payment'], validate: () => gives },
      } as AuthorizationDetailsOptions<App>['types'];
      assert.equal(
        await detailsServer({ details: { types } }).refusal({ authorization_details: json(PAYMENT) }),
        INVALID,
      );
    });

  it('§2 several elements, also of one type; §2.2 with the common fields', async () => {
    const details = [PAYMENT, ACCOUNTS, { ...ACCOUNTS, identifier: 'one', datatypes: [], privileges: ['read'] }];
    const { body } = await detailsServer()
      .dialog({ authorization_details: json(...details) })
      .expect(200);
    assert.deepEqual(body.req.authorizationDetails, details);
  });

  it('§2.1 a type may be a URI', async () => {
    const type = 'https://scheme.example.org/files';
    const { dialog } = detailsServer({ details: { types: { [type]: { validate: () => true } } } });
    await dialog({ authorization_details: json({ type }) }).expect(200);
  });
});

describe('RFC 9396 §3: the authorization request', () => {
  it('§3 the dialog finds what is asked for, and §3.1 the scope beside it', async () => {
    const { body } = await detailsServer()
      .dialog({ authorization_details: json(PAYMENT) })
      .expect(200);
    assert.deepEqual(body.req.authorizationDetails, [PAYMENT]);
    assert.deepEqual(body.req.scope, ['read', 'write']);
  });

  it('§3 a pushed request is judged once, and the dialog finds its details', async () => {
    let judged = 0;
    const types = {
      payment: { ...TYPES['payment'], validate: () => ++judged > 0 },
    } as AuthorizationDetailsOptions<App>['types'];
    const { post, app } = detailsServer({ plugs: [pushedRequests()], details: { types } });
    const pushed = await post('/par', { ...REQUEST, authorization_details: json(PAYMENT) }).expect(201);
    const { agent, decide } = browser(app);
    const beside = { authorization_details: json({ ...PAYMENT, creditorName: 'Mallory' }) };
    const { body } = await agent
      .get('/authorize')
      .set('X-User', 'alice')
      .query({ client_id: 'client', request_uri: pushed.body.request_uri, ...beside })
      .expect(200);
    assert.deepEqual(body.req.authorizationDetails, [PAYMENT]);
    assert.equal(judged, 1);
    assert.notEqual(redirected(await decide(body.transactionID))['code'], undefined);
  });

  for (const [what, value] of [
    ['a JSON array', [PAYMENT]],
    ['its text', json(PAYMENT)],
  ] as const)
    it(`§3, RFC 9101 §4 in a request object it is ${what}`, async () => {
      const key = await signer();
      const clients = [{ ...CLIENT, jwks: key.jwks } as App];
      const { app, clock } = detailsServer({ clients, plugs: [requestObjects()] });
      const objectWith = (authorization_details: unknown) =>
        sign(claimsOf('client', clock.now, { authorization_details }), key);
      const open = async (object: string) =>
        request(app.callback())
          .get('/authorize')
          .set('X-User', 'alice')
          .query({ client_id: 'client', request: object });
      const { body } = await open(await objectWith(value));
      assert.deepEqual(body.req.authorizationDetails, [PAYMENT]);
      for (const wrong of [{}, [], [{ type: 'refund' }], 1])
        assert.equal(redirected(await open(await objectWith(wrong)))['error'], INVALID);
    });

  it('§3 a request without the parameter goes on as before', async () => {
    const { redeem } = detailsServer();
    const { body } = await redeem({});
    assert.equal('authorization_details' in body, false);
    assert.equal(body.scope, 'read write');
  });

  it('§3.2 resource does not change how details are judged', async () => {
    const { body } = await detailsServer().dialog({
      authorization_details: json(ACCOUNTS),
      resource: 'https://other.example',
    });
    assert.deepEqual(body.req.authorizationDetails, [ACCOUNTS]);
  });

  for (const order of ['before', 'after'])
    it(`§3.1 a request with details and no scope gets no default scope, of scopes() that is plugged in ${order} it, and also where the client registered none of it`, async () => {
      const usual = scopes<App, User>(['read', 'write'], { default: ['read'] });
      for (const registered of [{}, { scope: 'write' }]) {
        const { redeem, introspect } = detailsServer({
          clients: [{ ...CLIENT, ...registered } as App],
          plugs: order === 'before' ? [usual] : [],
          plug: (server) => order === 'after' && server.extend(usual),
        });
        const { body } = await redeem({ scope: undefined, authorization_details: json(PAYMENT) });
        assert.deepEqual(body.authorization_details, [PAYMENT]);
        assert.equal(body.scope, undefined);
        assert.equal((await introspect(body.access_token)).scope, undefined);
      }
    });

  it('§3.1 without details the default scope is as before', async () => {
    const { redeem } = detailsServer({ plugs: [scopes(['read', 'write'], { default: ['read'] })] });
    assert.equal((await redeem({ scope: undefined })).body.scope, 'read');
  });

  it('§3.1 also in a pushed request', async () => {
    const { post, app } = detailsServer({ plugs: [pushedRequests(), scopes(['read'], { default: ['read'] })] });
    const { scope: _, ...unscoped } = REQUEST;
    const { body } = await post('/par', { ...unscoped, authorization_details: json(PAYMENT) }).expect(201);
    const page = await request(app.callback())
      .get('/authorize')
      .set('X-User', 'alice')
      .query({ client_id: 'client', request_uri: body.request_uri })
      .expect(200);
    assert.deepEqual(page.body.req.scope, []);
  });

  it('§4, §7 a response type with a token is refused: no response could say what the token has', async () => {
    const { refusal } = detailsServer();
    assert.equal(await refusal({ response_type: 'token', authorization_details: json(PAYMENT) }), 'invalid_request');
    assert.equal(await refusal({ response_type: 'token' }), undefined);
  });

  it('§3 immediate is not called unless an option says so, because a remembered consent to a scope must not allow a payment', async () => {
    for (const allowImmediate of [false, undefined, true]) {
      let asked = 0;
      const { dialog } = detailsServer({
        details: allowImmediate === undefined ? {} : { allowImmediate },
        authorization: (server) => server.authorization({ immediate: () => ++asked > 0 }),
      });
      const { status, body } = await dialog({ authorization_details: json(PAYMENT) });
      assert.deepEqual([status, asked], allowImmediate ? [302, 1] : [200, 0]);
      if (!allowImmediate) assert.deepEqual(body.req.authorizationDetails, [PAYMENT]);
      await dialog({}).expect(302);
    }
  });
});

describe('RFC 9396 §3, §7.1: what is granted', () => {
  /** Asks for `asked`, and decides `granted`: what the client gets. */
  async function grants(
    asked: readonly AuthorizationDetail[],
    granted: unknown,
    more: { readonly scope?: string | undefined; readonly clients?: readonly App[] } = {},
  ) {
    const { scope = 'read', clients = [CLIENT] } = more;
    const made = detailsServer({
      clients,
      decision: (server) =>
        server.decision(() => ({ authorizationDetails: granted as readonly AuthorizationDetail[] })),
    });
    const params = {
      scope: 'scope' in more ? more.scope : scope,
      ...(asked.length > 0 && { authorization_details: json(...asked) }),
    };
    const answer = await browser(made.app).allow(params);
    const { error, code } = answer;
    if (error !== undefined) return { error };
    const { body } = await made.ask({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REQUEST.redirect_uri,
      code_verifier: VERIFIER,
    });
    return { details: body.authorization_details };
  }

  const chosen = { ...ACCOUNTS, accounts: ['DE02100100109307118603'] };
  const rows: readonly (readonly [what: string, granted: unknown, result: object])[] = [
    ['§3 what was asked for, where the decision says nothing', undefined, { details: [PAYMENT, ACCOUNTS] }],
    ['§3 one element of two', [PAYMENT], { details: [PAYMENT] }],
    [
      '§3 a part of an element',
      [{ ...ACCOUNTS, actions: ['list'] }],
      { details: [{ ...ACCOUNTS, actions: ['list'] }] },
    ],
    ['one element twice, which was asked for once', [PAYMENT, PAYMENT], { error: INVALID }],
    ['an enriched element twice', [chosen, chosen], { error: INVALID }],
    ['an element, and enriched besides', [ACCOUNTS, chosen], { details: [ACCOUNTS, chosen] }],
    ['§3 nothing, where there is a scope', [], { details: [] }],
    ['§7.1 an element that the type lets the server enrich', [chosen], { details: [chosen] }],
    [
      '§7.1 an element that is enriched otherwise than its type says',
      [{ ...chosen, actions: ['list', 'pay'] }],
      { error: INVALID },
    ],
    ['§7.1 an element of a type that is not enriched', [{ ...PAYMENT, remittance: 'more' }], { error: INVALID }],
    ['more than was asked for', [{ ...ACCOUNTS, actions: ['list', 'pay'] }], { error: INVALID }],
    ['another amount', [{ ...PAYMENT, instructedAmount: { currency: 'EUR', amount: '9999' } }], { error: INVALID }],
    ['a type that was not asked for', [{ type: 'files', actions: ['read'] }], { error: INVALID }],
    ['a type that there is not', [{ type: 'refund' }], { error: INVALID }],
    ['a type that may be enriched in any way, and was not asked for', [{ type: 'notes' }], { error: INVALID }],
    ['33 elements', Array.from({ length: 33 }, () => PAYMENT), { error: INVALID }],
    ['an element without type', [{}], { error: INVALID }],
    ['text in place of a list', json(PAYMENT), { error: 'server_error' }],
  ];
  for (const [what, granted, result] of rows)
    it(`a decision grants ${what}`, async () => {
      assert.deepEqual(await grants([PAYMENT, ACCOUNTS], granted), result);
    });

  it('a decision that grants nothing, of a request without a scope, is a denial', async () => {
    assert.deepEqual(await grants([PAYMENT], [], { scope: undefined }), { error: 'access_denied' });
  });

  it('a decision cannot grant details to a request that has none', async () => {
    assert.deepEqual(await grants([], [PAYMENT]), { error: INVALID });
  });

  it('a type that is removed from the registration while the dialog is open is not granted', async () => {
    const registration = { ...CLIENT, authorization_details_types: ['payment'] };
    const made = detailsServer({ clients: [registration] });
    const { authorize, decide } = browser(made.app);
    const { body } = await authorize({ authorization_details: json(PAYMENT) }).expect(200);
    registration.authorization_details_types = [];
    assert.equal(redirected(await decide(body.transactionID))['error'], INVALID);
  });
});

describe('RFC 9396 §10: metadata and registration', () => {
  it('the metadata has the types', async () => {
    const { authorization_details_types_supported: types } = await detailsServer().metadata();
    assert.deepEqual(types, ['payment', 'accounts', 'files', 'jobs', 'notes']);
  });

  const rows: readonly (readonly [types: unknown, error: string | undefined])[] = [
    [undefined, undefined],
    [null, undefined],
    [['payment'], undefined],
    [['accounts', 'payment'], undefined],
    [['accounts'], INVALID],
    [[], INVALID],
    ['payment', INVALID],
    [{ payment: true }, INVALID],
    [[1], INVALID],
    [['PAYMENT'], INVALID],
  ];
  for (const [types, error] of rows)
    it(`authorization_details_types ${JSON.stringify(types)}: a payment is ${error ? 'refused' : 'taken'}`, async () => {
      const { refusal } = detailsServer({ clients: [{ ...CLIENT, authorization_details_types: types } as App] });
      assert.equal(await refusal({ authorization_details: json(PAYMENT) }), error);
    });

  it('a registration names types of this server, or is refused', async () => {
    const { register } = authorizationDetails<App>({ types: TYPES });
    for (const types of [undefined, [], ['payment']]) {
      const metadata = types === undefined ? {} : { authorization_details_types: types };
      assert.equal(await register?.(metadata), metadata);
    }
    for (const types of ['payment', ['refund'], [''], [1], null])
      await assert.rejects(async () => register?.({ authorization_details_types: types as never }), {
        code: 'invalid_client_metadata',
        status: 400,
      });
  });
});

describe('authorizationDetails()', () => {
  const bad: readonly (readonly [options: unknown, message: RegExp])[] = [
    [undefined, /types.* needed/],
    [{}, /types.* needed/],
    [{ types: {} }, /types.* needed/],
    [{ types: { payment: {} } }, /"payment" has no validate/],
    [{ types: { '': { validate: () => true } } }, /no name/],
    [{ types: { payment: { validate: () => true, required: 'x' } } }, /lists of names/],
    [{ types: { payment: { validate: () => true, optional: [1] } } }, /lists of names/],
    [{ types: { payment: { validate: () => true, cover: () => true } } }, /no option cover. Did you mean covers/],
    [{ types: TYPES, allowimmediate: true }, /Did you mean allowImmediate/],
  ];
  for (const [options, message] of bad)
    it(`refuses at start: ${message.source}`, () => {
      assert.throws(
        () => authorizationDetails(options as never),
        (error) => error instanceof TypeError && message.test(error.message),
      );
    });
});
