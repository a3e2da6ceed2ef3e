/** Mistakes that only the operator can see: a warning of the process says them once. */
import assert from 'node:assert/strict';
import { node } from '../run.js';

/** The warnings of a program that drives a server. @param setup of authorizationServer. @param then what is done with it */
async function warned(setup: string, then: string): Promise<string> {
  const program = `
    import { exchange, grant } from 'koauthorize';
    import request from 'supertest';
    import { authorizationServer, browser } from './test/support/authorization-server.js';
    process.on('warning', ({ code, message }) => { if (/_DONE$|_ERROR_HANDLER$/.test(code)) console.log(code, message); });
    const { app } = authorizationServer({ ${setup} });
    app.silent = true;
    const { authorize, decide } = browser(app);
    const exchanged = () => request(app.callback()).post('/token').auth('client', 'client-secret').type('form')
      .send({ grant_type: 'authorization_code', code: 'a' });
    ${then}
    process.exit();`;
  const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
  return stdout;
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

  for (const [name, plug, then] of [
    ['exchange for authorization_code', 'exchange(exchange.authorizationCode(() => {}))', 'await exchanged();'],
    ['grant.code', 'grant(grant.code(() => {}))', 'await decide((await authorize()).body.transactionID);'],
    [
      'grant.token',
      'grant(grant.token(() => {}))',
      "await decide((await authorize({ response_type: 'token' })).body.transactionID);",
    ],
  ] as const)
    it(`says that the callback of ${name} gave nothing at once, as one does that waits for done`, async () => {
      const told = await warned(`plug: (server) => { server.${plug}; }`, then);
      assert.ok(told.includes(`KOAUTHORIZE_DONE ${name}: the callback returned undefined, and no promise`), told);
    });

  it('says nothing of a callback that refuses by false, or by a promise of nothing', async () => {
    for (const given of ['false', 'Promise.resolve()'])
      assert.equal(
        await warned(
          `plug: (server) => { server.exchange(exchange.authorizationCode(() => ${given})); }`,
          'await exchanged();',
        ),
        '',
      );
  });
});
