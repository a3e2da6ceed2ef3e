/** Programs that connect as a device (RFC 8628), as Debian has them. docs/client-libraries.md has what they need. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import { client } from '../support/client-auth.js';
import { stopAll } from '../support/interop-server.js';
import { allows, startDeviceServer } from '../support/listening-device-server.js';
import { MUTT_OAUTH2, OIDC_AGENT, withProgram } from './programs.js';

const SECRET = 'agents-secret';
const CLIENTS = [
  client('mutt', { token_endpoint_auth_method: 'none', redirect_uris: [] }),
  client('agent', { client_secret: SECRET, redirect_uris: [] }),
];

/** mutt's script shows the user a `message`, which Microsoft's answers have and RFC 8628 has not. */
const withMessage: Middleware = async (ctx, next) => {
  await next();
  const body = JSON.parse(String(ctx.body)) as { readonly user_code: string; readonly verification_uri: string };
  ctx.body = { ...body, message: `Open ${body.verification_uri} and type ${body.user_code}` };
};

/** Waits for a line that matches. */
async function lineOf(output: Readable, pattern: RegExp): Promise<RegExpExecArray> {
  for await (const line of createInterface(output)) {
    const found = pattern.exec(line);
    if (found) return found;
  }
  throw new Error(`No line matches ${pattern}`);
}

describe('programs that connect as a device', function () {
  this.timeout(60_000);
  let url: string;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'koauthorize-device-'));
    url = await startDeviceServer(CLIENTS, withMessage);
  });
  after(async () => {
    await stopAll();
    await rm(directory, { recursive: true });
  });

  withProgram('mutt_oauth2.py', [MUTT_OAUTH2], () => {
    /** Its users edit the script, as its README says: the server's addresses, and by what the file of tokens is encrypted. */
    async function edited(): Promise<string> {
      const script = await readFile(MUTT_OAUTH2, 'utf8');
      const addresses = `'devicecode_endpoint': '${url}/device_authorization', 'token_endpoint': '${url}/token'`;
      const ours = `'ours': { ${addresses}, 'scope': 'read', 'client_id': 'mutt', 'client_secret': '' },`;
      const file = join(directory, 'mutt_oauth2.py');
      await writeFile(
        file,
        script
          .replace(/^ENCRYPTION_PIPE = .*$/m, "ENCRYPTION_PIPE = ['cat']")
          .replace(/^DECRYPTION_PIPE = .*$/m, "DECRYPTION_PIPE = ['cat']")
          .replace(/^registrations = \{$/m, `registrations = {\n    ${ours}`),
      );
      return file;
    }

    it('mutt_oauth2.py is connected, and refreshes', async () => {
      const [script, tokens] = [await edited(), join(directory, 'tokens')];
      const program = spawn('python3', ['-u', script, tokens, '--authorize'], { stdio: ['pipe', 'pipe', 'inherit'] });
      program.stdin.end('ours\ndevicecode\nalice@example.org\n');
      const [, code = ''] = await lineOf(program.stdout, /type (\S+)$/);
      await allows(`${url}/device`, code);
      if (program.exitCode === null) await once(program, 'exit');
      const kept = JSON.parse(await readFile(tokens, 'utf8'));
      await writeFile(tokens, JSON.stringify({ ...kept, access_token_expiration: '2020-01-01T00:00:00' }));
      const again = spawn('python3', [script, tokens], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [token] = await lineOf(again.stdout, /^\S+$/);
      assert.notEqual(token, kept.access_token);
      assert.ok(kept.refresh_token);
    });
  });

  withProgram('oidc-agent', [OIDC_AGENT], () => {
    it('oidc-agent is connected, and gives its programs a token', async () => {
      const home = await mkdtemp(join(directory, 'home-'));
      await mkdir(join(home, '.config'));
      const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, OIDC_ENCRYPTION_PW: 'a password' };
      const said = execFileSync(OIDC_AGENT, { env, encoding: 'utf8' }); // it goes on in the background
      const [, socket = ''] = /OIDC_SOCK=([^;]+);/.exec(said) ?? [];
      const [, pid] = /OIDCD_PID=(\d+);/.exec(said) ?? [];
      after(() => process.kill(Number(pid)));
      const connected = { ...env, OIDC_SOCK: socket };
      const asked = ['--flow=device', `--iss=${url}`, '--client-id=agent', `--client-secret=${SECRET}`];
      const unasked = ['--pw-env=OIDC_ENCRYPTION_PW', '--prompt=none', '--confirm-yes', '--no-url-call'];
      const args = [...asked, '--scope=openid profile offline_access', ...unasked, 'ours'];
      const program = spawn('oidc-gen', args, { env: connected });
      const [, code = ''] = await lineOf(program.stderr, /enter the code: (\S+)/);
      await allows(`${url}/device`, code);
      if (program.exitCode === null) await once(program, 'exit');
      assert.equal(program.exitCode, 0);
      const [token] = await lineOf(spawn('oidc-token', ['ours'], { env: connected }).stdout, /^\S+$/);
      const answer = await fetch(`${url}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
      assert.deepEqual(await answer.json(), { sub: 'alice', name: 'alice' });
    });
  });
});
