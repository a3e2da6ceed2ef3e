/** RFC 6749 §4.1.1: a dialog that is shown while nobody is logged in, so that nobody can allow the request: the operator is told at the first request. */
import assert from 'node:assert/strict';
import { node } from '../../run.js';

describe('RFC 6749 §4.1.1: a dialog that is shown while nobody is logged in', () => {
  /** The warnings of a program that shows a dialog twice to nobody, with further members of its setup. */
  async function warned(more = '', plug = 'authorization-server'): Promise<readonly string[]> {
    const program = `
      import { authorizationServer, browser } from './test/support/authorization-server.js';
      import { pluggedServer } from './test/support/plugged-server.js';
      process.on('warning', ({ code, message }) => { if (code === 'KOAUTHORIZE_NO_LOGIN') console.log(code, message); });
      const { app } = ${plug === 'plugged-server' ? 'pluggedServer' : 'authorizationServer'}({ ${more} });
      const { authorize } = browser(app, '');
      console.log('STATUS', (await authorize()).status, (await authorize()).status);
      process.exit();`;
    const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    return stdout.split('\n').filter((line) => /NO_LOGIN|STATUS/.test(line));
  }

  it('the operator is told once, with what to write', async () => {
    const [told = '', ...more] = await warned('', 'plugged-server');
    assert.match(told, /ctx\.state\.user is undefined/);
    assert.match(told, /Write router\.get\('\/authorize', login, server\.authorization\(\), dialog\)/);
    assert.deepEqual(more, ['STATUS 200 200']);
  });

  for (const [what, more, plug] of [
    [
      'the page sets the user',
      "dialog: (ctx) => { ctx.state.user = { id: 'alice' }; ctx.body = {}; }",
      'plugged-server',
    ],
    ['the user is sent to a login', "dialog: (ctx) => ctx.redirect('/login')", 'plugged-server'],
    ['the login comes back by server.resume()', 'resume: (server) => server.resume(() => false)', 'plugged-server'],
    [
      'an extension asks for the login',
      "plugs: [{ name: 'asking', authorization: { prompt: () => ['login'] } }]",
      'plugged-server',
    ],
    ['the application issues codes to nobody, as with oauth2orize', '', 'authorization-server'],
  ] as const)
    it(`the operator is not told if ${what}`, async () => {
      const status = what.includes('sent') ? 302 : 200;
      assert.deepEqual(await warned(more, plug), [`STATUS ${status} ${status}`]);
    });
});
