/** Mistakes that only the operator can see: a warning of the process says them once. */
import assert from 'node:assert/strict';
import { node } from '../run.js';

/** The warnings of a program, of those that are tried here. */
async function warningsOf(program: string): Promise<string> {
  const whole = `
    process.on('warning', ({ code, message }) => {
      if (/_DONE$|_ERROR_HANDLER$|_WITHHELD$|_COMPARE$|_PARSE$|_TOKEN_LENGTH$/.test(code)) console.log(code, message);
    });
    ${program}
    process.exit();`;
  const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', whole]);
  return stdout;
}

/** The warnings of a program that drives a server. @param setup of authorizationServer. @param then what is done with it */
function warned(setup: string, then: string): Promise<string> {
  return warningsOf(`
    import { exchange, grant } from 'koauthorize';
    import request from 'supertest';
    import { authorizationServer, browser } from './test/support/authorization-server.js';
    const { app } = authorizationServer({ ${setup} });
    app.silent = true;
    const { authorize, decide } = browser(app);
    const exchanged = () => request(app.callback()).post('/token').auth('client', 'client-secret').type('form')
      .send({ grant_type: 'authorization_code', code: 'a' });
    ${then}`);
}

const NONE = 'errorHandler: () => (_ctx, next) => next()';

describe('a process warning', () => {
  it('says that no error handler stands before an endpoint, once', async () => {
    const told = await warned(NONE, 'await exchanged(); await authorize(); await decide("x");');
    assert.match(told, /^KOAUTHORIZE_NO_ERROR_HANDLER No server\.errorHandler\(\) stands before token: .*\n$/);
  });

  for (const [endpoint, then] of [
    ['authorization', 'await authorize();'],
    ['decision', 'await decide("x");'],
  ] as const)
    it(`says so of ${endpoint}`, async () => {
      assert.ok((await warned(NONE, then)).includes(`stands before ${endpoint}: `));
    });

  it('says nothing where one stands there', async () => {
    assert.equal(await warned('', 'await exchanged(); await decide((await authorize()).body.transactionID);'), '');
  });

  it('says nothing of a route that only publishes a document, where no client reads errors', async () => {
    const setup = `${NONE}, routes: (router, server) => router
      .all('/jwks', server.endpoint(jwks({ jwks: () => ({ keys: [] }) })))
      .all('/metadata', server.endpoint(metadata()))`;
    const then = `
      import { jwks } from 'koauthorize/jwks';
      import { metadata } from 'koauthorize/metadata';
      for (const path of ['/jwks', '/metadata']) console.log((await request(app.callback()).get(path)).status);`;
    assert.equal(await warned(setup, then), '200\n200\n');
    const told = await warned(setup, `${then} await exchanged();`);
    assert.match(told, /^200\n200\nKOAUTHORIZE_NO_ERROR_HANDLER No .* stands before token: .*\n$/);
  });

  const EXCHANGED = 'await exchanged();';
  const ALLOWED = 'await decide((await authorize()).body.transactionID);';
  const ALLOWED_TOKEN = "await decide((await authorize({ response_type: 'token' })).body.transactionID);";

  for (const [name, plug, then] of [
    [
      'exchange for authorization_code',
      'exchange(exchange.authorizationCode((client, code, redirectURI, done) => {}))',
      EXCHANGED,
    ],
    [
      'exchange for authorization_code',
      'exchange(exchange.authorizationCode(function issue(client, code, redirectURI, body, cb) {}))',
      EXCHANGED,
    ],
    ['grant.code', 'grant(grant.code((client, redirectURI, user, ares, done) => {}))', ALLOWED],
    ['grant.token', 'grant(grant.token((client, user, callback) => {}))', ALLOWED_TOKEN],
  ] as const)
    it(`says that ${plug} waits for done, which the toolkit does not give`, async () => {
      const told = await warned(`plug: (server) => { server.${plug}; }`, then);
      assert.ok(told.includes(`KOAUTHORIZE_DONE ${name}: the callback returned undefined, and no promise`), told);
    });

  for (const [plug, then] of [
    ['exchange(exchange.authorizationCode(() => false))', EXCHANGED],
    ['exchange(exchange.authorizationCode(() => Promise.resolve()))', EXCHANGED],
    ['exchange(exchange.authorizationCode(async (client, code, done) => {}))', EXCHANGED],
    ['exchange(exchange.authorizationCode(() => {}))', EXCHANGED],
    ['exchange(exchange.authorizationCode((client, code, redirectURI, body, authInfo, check) => {}))', EXCHANGED],
    ['grant(grant.code({ issue: (txn) => undefined }))', ALLOWED],
    ['grant(grant.token((client, user, { scope } = {}) => undefined))', ALLOWED_TOKEN],
  ] as const)
    it(`says nothing of ${plug}, which refuses`, async () => {
      assert.equal(await warned(`plug: (server) => { server.${plug}; }`, then), '');
    });

  it('says that a client asked about the token of another and was told nothing, once for each client: it may be an API that nobody has named as one', async () => {
    const told = await warningsOf(`
      import { OTHER } from './test/support/authorization-server.js';
      import { API, tokenServer } from './test/support/token-server.js';
      const { connect, introspect } = tokenServer();
      const { access_token } = await connect();
      await introspect(access_token);
      await introspect(access_token, API);
      await introspect('unknown', OTHER);
      console.log('now');
      for (const client of [OTHER, OTHER]) await introspect(access_token, client);`);
    assert.match(
      told,
      /^now\nKOAUTHORIZE_INTROSPECTION_WITHHELD other has asked about a token of client, and is told that it is not active\. If .*introspectedBy.*\n$/,
    );
  });

  for (const method of ['Basic', 'Post'])
    for (const given of ["'yes'", 'undefined', 'Promise.resolve()'])
      it(`says that compare of clientSecret${method} gave ${given}, which lets nobody in`, async () => {
        const told = await warningsOf(`
          import request from 'supertest';
          import { clientAuthentication, clientSecret${method} } from 'koauthorize/client-auth';
          import { authorizationServer, CLIENT } from './test/support/authorization-server.js';
          const methods = [clientSecret${method}({ compare: () => ${given} })];
          const { app } = authorizationServer({ authenticate: () => clientAuthentication({ find: () => CLIENT, methods }) });
          app.silent = true;
          const form = { grant_type: 'client_credentials', ...(${method === 'Post'} && { client_id: 'client', client_secret: 'x' }) };
          const sent = request(app.callback()).post('/token').type('form');
          const { body } = await (${method === 'Basic'} ? sent.auth('client', 'x') : sent).send(form);
          console.log(body.error);`);
        const [answer, warning] = told.trim().split('\n').sort().reverse();
        assert.equal(answer, 'invalid_client');
        assert.match(warning ?? '', /^KOAUTHORIZE_COMPARE compare of a client secret gave \w+, and not true or false/);
      });

  it('says that an access token is longer than bearer() takes, once for each client: its APIs would refuse it', async () => {
    const told = await warningsOf(`
      import Koa from 'koa';
      import { bearer } from 'koauthorize/resource-server';
      import { generateSigningKey, jwt, keySet } from 'koauthorize/tokens';
      import request from 'supertest';
      import { detailsServer, json } from './test/support/details-server.js';
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      const accessTokens = jwt({ audience: 'https://api.example', keys });
      const bulk = { optional: ['identifier'], validate: () => true, clientMayHave: () => true };
      const { ask, tokens, clock } = detailsServer({ tokens: { accessTokens }, details: { types: { bulk } } });
      const api = new Koa().use(bearer({ verify: tokens.verify, now: () => clock.now })).use((ctx) => { ctx.body = 'in'; });
      const use = async (length) => {
        const authorization_details = json({ type: 'bulk', identifier: 'x'.repeat(length) });
        const { access_token } = (await ask({ grant_type: 'client_credentials', authorization_details })).body;
        const { status } = await request(api.callback()).get('/').auth(access_token, { type: 'bearer' });
        console.log(access_token.length > 8192, status);
      };
      await use(5000);
      await use(7000);
      await use(7000);`);
    assert.match(
      told,
      /^false 200\nKOAUTHORIZE_TOKEN_LENGTH An access token for client has [\d,]+ characters, and bearer\(\) takes 8192.*opaque\(\).*\ntrue 401\ntrue 401\n$/,
    );
  });

  it('says that parse of a decision returned undefined, which grants what the user unticked', async () => {
    const then = 'await decide((await authorize()).body.transactionID);';
    for (const nothing of ['{}', 'null'])
      assert.match(
        await warned(`decision: (server) => server.decision(() => ${nothing})`, then),
        /^KOAUTHORIZE_PARSE parse of a decision returned nothing, so all that was asked for is granted/,
      );
    assert.equal(await warned('decision: (server) => server.decision(() => ({}))', then), '');
  });
});
