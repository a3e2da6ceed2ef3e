/** A dialog that nothing draws: the operator is told, by a warning of the process. */
import assert from 'node:assert/strict';
import { node } from '../../run.js';

describe('a dialog that no middleware draws', () => {
  /** The warnings of a program that asks for a dialog, and comes back to it. */
  async function warned(dialog: string, before = ''): Promise<readonly string[]> {
    const program = `
      import { authorizationServer, browser } from './test/support/authorization-server.js';
      process.on('warning', ({ code, message }) => { if (code) console.log(code, message); });
      let id;
      const { app } = authorizationServer({
        resume: (server) => server.resume(() => false),
        dialog: (ctx) => { id = ctx.state.oauth2.transactionID; ${dialog} },
        ${before}
      });
      const { agent, authorize } = browser(app);
      const first = (await authorize()).status;
      await authorize();
      const second = (await agent.get('/resume').set('X-User', 'alice').query({ transaction_id: id })).status;
      console.log('DIALOG', first, second);
      process.exit();`;
    const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    return stdout.split('\n').filter((line) => line.includes('DIALOG'));
  }

  it('is Koa’s 404, and the operator is told once', async () => {
    const [told = '', statuses, ...more] = await warned('');
    assert.match(
      told,
      /^KOAUTHORIZE_NO_DIALOG No middleware behind server\.authorization\(\) or server\.resume\(\) has answered/,
    );
    assert.deepEqual([statuses, more], ['DIALOG 404 404', []]);
  });

  it('is none where one draws it, or a middleware around it does', async () => {
    assert.deepEqual(await warned('ctx.body = {};'), ['DIALOG 200 200']);
    const around = 'before: async (ctx, next) => { await next(); ctx.body ??= {}; },';
    assert.deepEqual(await warned('', around), ['DIALOG 200 200']);
  });

  const pages = async (page: string) => {
    const program = `
      import { deviceServer } from './test/support/device-server.js';
      process.on('warning', ({ code, message }) => { if (/DIALOG/.test(code)) console.log(code, message); });
      const { begin, person } = deviceServer({ page: ${page} });
      const { user_code } = (await begin()).body;
      const alice = person();
      console.log('DIALOG', (await alice.open()).status, (await alice.open()).status, (await alice.type(user_code)).status);
      process.exit();`;
    const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    return stdout.trim().split('\n');
  };

  it('RFC 8628 §3.3 is Koa’s 404 on the pages for devices, too', async () => {
    const [told = '', statuses, ...more] = await pages('() => {}');
    assert.match(told, /^KOAUTHORIZE_NO_DIALOG No middleware behind server\.route\('device_verification'\)/);
    assert.deepEqual([statuses, more], ['DIALOG 404 404 404', []]);
    assert.deepEqual(await pages('undefined'), ['DIALOG 200 200 200']);
  });
});
