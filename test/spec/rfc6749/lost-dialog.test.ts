/** The dialog that a login names, and that does not go on: DEBUG says why. */
import assert from 'node:assert/strict';
import { run } from '../../run.js';

describe('a login that renews the session, and a dialog that is lost', () => {
  it('DEBUG=koauthorize:authorization says why the dialog that it names does not go on, without its ID', async () => {
    const program = `
      import { authorizationServer, browser } from './test/support/authorization-server.js';
      const { app } = authorizationServer({
        routes(router, server) {
          router.get('/login', async (ctx) => {
            await server.renewSession(ctx, () => {}, { transactionID: ctx.query.id });
            ctx.body = {};
          });
        },
      });
      const { agent, authorize } = browser(app);
      await agent.get('/login');
      await agent.get('/login').query({ id: 'AAAAAAAAAAAAAAAAAAAAAA' });
      const { transactionID } = (await authorize()).body;
      console.log(transactionID);
      await agent.get('/login').query({ id: transactionID });
      process.exit();`;
    const node = [process.execPath, '--import', './test/register.mjs', '--input-type=module', '-e', program];
    const { stdout, output } = await run('/usr/bin/env', ['DEBUG=koauthorize:authorization', ...node]);
    const said = output.split('\n').filter((line) => line.includes('does not go on'));
    assert.deepEqual(
      said.map((line) => line.replace(/^.* does not go on: /, '')),
      ['it does not wait in this session, which may be a new one', 'it was shown to another user'],
    );
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', stdout.trim()]) assert.equal(said.join().includes(id), false);
  });
});
