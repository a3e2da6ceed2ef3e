/** What is plugged in is looked at once, as a whole, before the first request is answered. */
import assert from 'node:assert/strict';
import { createServer, type Extension, exchange, grant, issuer, metadata } from 'koauthorize';
import request from 'supertest';
import { type App, browser, tokenRequest, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { pluggedServer, type TestPlug } from '../support/plugged-server.js';

/** An extension that cannot work without another one. */
const needy: TestPlug = {
  name: 'needy',
  ready(core) {
    if (!core.extension('helpful')) throw new Error('needy needs the extension helpful');
  },
};

describe('an extension that is made from the core', () => {
  it('is made at once, and reads later what was plugged in after it', async () => {
    const seen: string[] = [];
    const plug: TestPlug = (core) => {
      seen.push(`made: ${[...core.grants.keys()]}`);
      return {
        name: 'looking',
        ready: (whole) => seen.push(`ready: ${[...core.grants.keys()]}, the same: ${whole === core}`),
        token: { respond: () => ({ grants: [...core.grants.keys()].length }) },
      };
    };
    const { app, server } = pluggedServer({ plugs: [plug], plug: (server) => server.grant('code token') });
    assert.deepEqual(seen, ['made: code,token']);
    const { body } = await tokenRequest(app, { grant_type: 'client_credentials' }).expect(200);
    assert.equal(body.grants, 3);
    assert.deepEqual(seen, ['made: code,token', 'ready: code,token,code token, the same: true']);
    server.check();
    assert.equal(seen.length, 2, 'ready is called once');
  });

  it('finds the other extensions, the issuer and the token service', () => {
    const seen: unknown[] = [];
    const plug: TestPlug = (core) => ({
      name: 'looking',
      ready: () => seen.push(core.extension('pkce')?.name, core.extension('none'), core.issuer, core.tokens),
    });
    const { server, tokens } = pluggedServer({ plugs: [plug, issuer('https://later.example')] });
    server.check();
    assert.deepEqual(seen, ['pkce', undefined, 'https://later.example', tokens]);
  });

  for (const [what, wrong] of [
    ['a middleware', async () => {}],
    ['a function that gives nothing', () => undefined],
    ['an endpoint of 0.1.0', () => async function health() {}],
    ['an object without a name', {}],
    ['an extension whose name is empty', { name: '' }],
  ] as const) {
    it(`plain JavaScript may give ${what} instead: told at once`, () =>
      assert.throws(() => createServer().extend(wrong as unknown as Extension), {
        name: 'TypeError',
        message: /server.extend needs an extension/,
      }));
  }
});

describe('ready', () => {
  it('throws what is missing at server.check(), and not before', () => {
    const { server } = pluggedServer({ plugs: [needy] });
    assert.throws(() => server.check(), /needy needs the extension helpful/);
    server.extend({ name: 'helpful' });
    assert.deepEqual(server.check(), { findings: [] });
  });

  it('throws at the first request of every endpoint, and only the operator gets the message', async () => {
    const { app, errors } = pluggedServer({
      plugs: [needy],
      resume: (server) => server.resume(() => false),
      routes: (router, server) => router.get('/metadata', server.endpoint(metadata({ issuer: 'https://as.example' }))),
    });
    const { agent, authorize, decide } = browser(app);
    const answers = [
      await authorize(),
      await decide('AAAAAAAAAAAAAAAAAAAAAA'),
      await agent.get('/resume'),
      await tokenRequest(app, { grant_type: 'client_credentials' }),
      await request(app.callback()).get('/metadata'),
    ];
    for (const answer of answers) {
      assertErrorHere(answer, 500, 'server_error');
      assert.doesNotMatch(answer.text, /helpful/);
    }
    assert.deepEqual(new Set(errors.map(({ message }) => message)), new Set(['needy needs the extension helpful']));
    assert.equal(errors.length, answers.length);
  });

  it('nothing can be plugged in after it, so that an extension has seen the whole configuration', async () => {
    const { app, server } = pluggedServer();
    await browser(app).authorize().expect(200);
    const late: readonly (readonly [what: string, plug: () => unknown])[] = [
      ['an extension', () => server.extend({ name: 'late' })],
      ['an endpoint', () => server.endpoint(metadata())],
      ['a grant', () => server.grant({ ...grant.code<App, User>(() => 'code'), name: 'late' })],
      ['a combination', () => server.grant('code token')],
      ['a request parser', () => server.grant('code', 'request', () => undefined)],
      ['a request parser for all types', () => server.grant('*', () => undefined)],
      ['a response by hand', () => server.grant('code', 'response', () => {})],
      ['an error responder', () => server.grant('code', 'error', () => {})],
      ['a module of grants', () => server.grant({ name: 'late', request: () => undefined })],
      [
        'an exchange',
        () =>
          server.exchange(
            'late',
            exchange.password<App>(() => false),
          ),
      ],
      ['an exchange by hand', () => server.exchange('late', () => {})],
      ['an exchange for all types', () => server.exchange(null, () => {})],
    ];
    for (const [what, plug] of late)
      assert.throws(plug, /came after server\.check\(\) or the first request: plug in everything before/, what);
    await browser(app).authorize().expect(200);
  });
});
