/** OpenID Connect Core §5.5.1.1, RFC 9470 §5: the operator is told if logins never have the acr that clients require. */
import assert from 'node:assert/strict';

describe('An acr is required, and the application gives none', () => {
  /** The codes of the warnings of a program in which alice logs in twice for a request. @param login the login of alice, after it */
  async function warned(params: object, login: string, plug = ''): Promise<readonly string[]> {
    const program = `
      import { stepUp } from 'koauthorize';
      import { openidServer, rsaKeys } from './test/support/openid-server.js';
      const { visitor, logins } = openidServer({ keys: await rsaKeys(), openid: { acrValues: ['mfa'] }, ${plug} });
      logins.set('alice', ${login});
      process.on('warning', ({ code, message }) => { if (code) console.log(code, message); });
      const { open, resume } = visitor();
      const { transactionID } = (await open(${JSON.stringify(params)}, 'alice')).body;
      console.log('the first page');
      for (const _ of [1, 2]) console.log(...(await resume(transactionID, 'alice', 'login')).body.prompts, 'is due');
      process.exit();`;
    const { node } = await import('../../run.js');
    const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    return stdout.split('\n').filter((line) => /ACR|page|due/.test(line));
  }
  const CLAIMS = { claims: '{"id_token":{"acr":{"essential":true}}}' };
  const STEP_UP = "plug: (server) => void server.extend(stepUp({ acrValues: ['mfa'] }))";

  for (const [what, params, plug] of [
    ['an essential claim', CLAIMS, ''],
    ['stepUp()', { acr_values: 'mfa' }, STEP_UP],
  ] as const)
    it(`${what}: the login was done and has no acr, which the operator is told once, and not at the first page`, async () => {
      const [first, told, ...due] = await warned(params, '{}', plug);
      assert.deepEqual([first, due], ['the first page', ['login is due', 'login is due']]);
      assert.match(told ?? '', /^KOAUTHORIZE_NO_ACR .*authenticationEvent/);
    });

  it('nothing is told where the login has another acr: the user can do better the next time', async () => {
    const lines = await warned({ acr_values: 'mfa' }, "{ acr: 'pwd' }", STEP_UP);
    assert.deepEqual(lines, ['the first page', 'login is due', 'login is due']);
  });
});
