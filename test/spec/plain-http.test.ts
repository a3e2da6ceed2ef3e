/** An https issuer whose requests come as http: the operator is told, by a warning of the process. */
import assert from 'node:assert/strict';
import { node } from '../run.js';

describe('an authorization endpoint that is asked by http', () => {
  /** The warnings where two requests come, as a proxy says. */
  async function warned(issuer: string, isTrusted: boolean, proto?: string): Promise<readonly string[]> {
    const program = `
      import request from 'supertest';
      import { patientWith } from './test/support/patient.js';
      process.on('warning', ({ code, message }) => { if (/PLAIN/.test(code)) console.log(code, message); });
      const { app } = patientWith({ issuer: '${issuer}', proxy: ${isTrusted} });
      app.silent = true;
      for (let time = 0; time < 2; time += 1)
        await request(app.callback()).get('/authorize').set(${JSON.stringify(proto ? { 'X-Forwarded-Proto': proto } : {})});
      process.exit();`;
    const { stdout } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    return stdout.split('\n').filter(Boolean);
  }

  for (const [what, isTrusted, proto, why] of [
    ['a proxy that does not say https', true, undefined, 'the proxy sends no X-Forwarded-Proto: https'],
    ['a proxy that nobody trusts', false, 'https', 'app.proxy is not true'],
  ] as const)
    it(`RFC 6265 §4.1.2.5 is told once behind ${what}`, async () => {
      const [told = '', ...more] = await warned('https://as.example', isTrusted, proto);
      assert.match(told, /^KOAUTHORIZE_PLAIN_HTTP The issuer is https:\/\/as\.example, and a request /);
      assert.ok(told.includes(why), told);
      assert.deepEqual(more, []);
    });

  it('is not told where the request was https, or the issuer is on this machine', async () => {
    assert.deepEqual(await warned('https://as.example', true, 'https'), []);
    assert.deepEqual(await warned('http://localhost:3000', false), []);
    assert.deepEqual(await warned('https://localhost:3000', false), []);
  });
});
