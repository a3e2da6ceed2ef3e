/** Two that say different things are told so when they are plugged in; of members that come with requests, at the request. */
import assert from 'node:assert/strict';
import { createServer, grant, type Route } from 'koauthorize';
import type { Proof } from 'koauthorize/resource-server';
import { authorizationServer, browser, redirected } from '../support/authorization-server.js';
import { pluggedServer, type TestPlug } from '../support/plugged-server.js';

const route = (more: Partial<Route> = {}): Route => ({
  path: '/mine',
  methods: ['GET'],
  handler: (ctx) => {
    ctx.body = 'mine';
  },
  ...more,
});

describe('extensions that contradict each other, at start', () => {
  const pairs: readonly (readonly [what: string, one: TestPlug, other: TestPlug, message: RegExp])[] = [
    ['two of one name', { name: 'one' }, { name: 'one' }, /An extension one is plugged in already/],
    [
      'two endpoints of one name',
      { name: 'one', routes: { mine: route() } },
      { name: 'other', routes: { mine: route({ path: '/other' }) } },
      /An endpoint mine is registered already/,
    ],
    [
      'two endpoints that one member of the metadata lists',
      { name: 'one', routes: { one: route({ listedAs: 'mine_endpoint' }) } },
      { name: 'other', routes: { other: route({ path: '/other', listedAs: 'mine_endpoint' }) } },
      /one and other say different things in the metadata of "mine_endpoint"/,
    ],
    [
      'an endpoint that is listed, and what another says of it',
      { name: 'one', routes: { one: route({ listedAs: 'mine_endpoint' }) } },
      { name: 'other', metadata: () => ({ mine_endpoint: '/elsewhere' }) },
      /one and other say different things in the metadata of "mine_endpoint"/,
    ],
    [
      'two different members of the metadata',
      { name: 'one', metadata: () => ({ ui_locales_supported: ['en'] }) },
      { name: 'other', metadata: () => ({ ui_locales_supported: ['fr'] }) },
      /one and other say different things in the metadata of "ui_locales_supported"/,
    ],
    ['two that add one member', { name: 'one', adds: ['mine'] }, { name: 'other', adds: ['mine'] }, /both add "mine"/],
    [
      'two proofs for one member of cnf',
      { name: 'one', proof: { scheme: 'One', member: 'mine', prove: () => true } },
      { name: 'other', proof: { scheme: 'Other', member: 'mine', prove: () => false } },
      /The extensions one and other would both check the member of cnf "mine"/,
    ],
    [
      'two response modes of one name',
      { name: 'one', responseModes: [{ name: 'mine', send: () => {} }] },
      { name: 'other', responseModes: [{ name: 'mine', send: () => {} }] },
      /A response mode mine is registered already/,
    ],
    [
      'an issuer that is not that of the server',
      { name: 'one', metadata: () => ({ issuer: 'https://one.example' }) },
      { name: 'other', metadata: () => ({ issuer: 'https://other.example' }) },
      /other says that the issuer is https:\/\/other.example/,
    ],
  ];
  for (const [what, one, other, message] of pairs) {
    it(`${what}`, () => {
      assert.throws(() => pluggedServer({ plugs: [one, other] }), { message });
      assert.throws(() => pluggedServer({ plugs: [other, one] }), Error);
      pluggedServer({ plugs: [one] }).server.check();
      pluggedServer({ plugs: [other] }).server.check();
    });
  }

  it('an endpoint that is said to be in two places', () => {
    const plug: TestPlug = { name: 'one', routes: { mine: route({ url: '/here' }) } };
    const endpoints = (at: string): object => ({ endpoints: { mine: at } });
    assert.throws(() => createServer({ ...endpoints('/there') }).extend(plug as never), /has the location \/here/);
    createServer({ ...endpoints('/here') }).extend(plug as never);
  });

  it('two endpoints at one place: told at start, unless they take different methods', () => {
    const both = (one: Partial<Route>, other: Partial<Route>) =>
      pluggedServer({ plugs: [{ name: 'both', routes: { one: route(one), other: route(other) } }] }).server;
    assert.throws(() => both({}, {}).check(), /The endpoints one and other are both at \/mine/);
    assert.throws(() => both({ path: '/one', url: '/mine' }, {}).check(), /both at \/mine/);
    both({}, { methods: ['POST'] }).check();
    both({}, { path: '/other' }).check();
  });

  it('a proof that an API could not use', () => {
    const prove = () => true;
    const faults: readonly (readonly [proof: object, message: RegExp])[] = [
      [{ scheme: 'Mine', prove }, /^one: A proof needs a member of cnf$/],
      [{ scheme: 'Mine', member: '', prove }, /^one: A proof needs a member of cnf$/],
      [{ scheme: 'not one', member: 'mine', prove }, /^one: The proof for "mine" needs a scheme, and has not one$/],
      [{ member: 'mine', prove }, /^one: The proof for "mine" needs a scheme, and has undefined$/],
      [{ scheme: 'Mine', member: 'mine' }, /^one: The proof for "mine" needs a function prove$/],
    ];
    for (const [proof, message] of faults)
      assert.throws(() => pluggedServer({ plugs: [{ name: 'one', proof: proof as Proof }] }), {
        name: 'TypeError',
        message,
      });
    const plugs: TestPlug[] = [
      { name: 'one', proof: { scheme: 'Mine', member: 'mine', prove } },
      { name: 'other', proof: { scheme: 'Mine', member: 'other', prove } },
    ];
    pluggedServer({ plugs }).server.check();
  });

  it('two that say the same of the metadata agree', () => {
    const saying = (name: string): TestPlug => ({ name, metadata: () => ({ ui_locales_supported: ['en'] }) });
    pluggedServer({ plugs: [saying('one'), saying('other')] }).server.check();
  });
});

describe('extensions that contradict each other, in a request', () => {
  const adding = (name: string, nonce: string): TestPlug => ({
    name,
    authorization: { respond: () => ({ nonce }) },
  });

  it('the same value may be added twice, and nothing is replaced', async () => {
    const agreeing = pluggedServer({ plugs: [adding('one', 'n'), adding('other', 'n')] });
    assert.equal(redirected(await browser(agreeing.app).authorize({ scope: '"' }))['nonce'], 'n');
    const { app, errors } = pluggedServer({ plugs: [adding('one', 'n'), adding('other', 'm')] });
    const { body } = await browser(app).authorize();
    await browser(app).decide(body.transactionID);
    const dialog = await browser(app).authorize({ scope: '"' });
    assert.equal(dialog.status, 500);
    assert.match(errors.at(-1)?.message ?? '', /other would replace "nonce"/);
  });

  it('an extension cannot write into the request that all of them read', async () => {
    const asked: unknown[] = [];
    const writing: TestPlug = {
      name: 'writing',
      authorization: {
        parse: (it) => void assert.throws(() => Object.assign(it, { request: { ...it.request, state: 'theirs' } })),
      },
    };
    const adding: TestPlug = { name: 'adding', authorization: { parse: () => ({ nonce: 'x' }) } };
    const reading: TestPlug = {
      name: 'reading',
      authorization: {
        parse(it) {
          asked.push(it.request.state, it.request.nonce);
          assert.throws(() => Object.assign(it, { client: undefined }));
          return undefined;
        },
      },
    };
    const plugs = [writing, adding, reading];
    const visitor = browser(pluggedServer({ plugs }).app);
    const { body } = await visitor.authorize({ state: 'mine' });
    assert.equal(redirected(await visitor.decide(body.transactionID))['state'], 'mine');
    const alone = authorizationServer({
      plug(server) {
        server.grant(grant.token(() => 'a token'));
        for (const each of plugs) server.extend(each);
      },
    });
    await browser(alone.app).authorize({ response_type: 'token', state: 'mine' });
    assert.deepEqual(asked, ['mine', 'x', 'mine', 'x']);
  });
});
