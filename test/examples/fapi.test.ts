/** examples/fapi/main.ts, and the lines of docs/fapi.md that ask it with curl. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { start } from '../../examples/fapi/main.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);
const PAGE = readFileSync(join(import.meta.dirname, '../../docs/fapi.md'), 'utf8');

describe('examples/fapi as `npm run fapi` starts it', function () {
  this.timeout(30_000);
  let directory: string;
  let port: number;
  let stop: () => void;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fapi-'));
    port = await freePort();
    stop = await start(directory, port);
  });
  after(() => {
    stop();
    rmSync(directory, { recursive: true });
  });

  it('the lines of docs/fapi.md get a token by a certificate, and an answer of the API', async () => {
    const block =
      /```sh\n(curl -s --cacert[\s\S]*?)```/.exec(PAGE)?.[1] ?? assert.fail('docs/fapi.md asks nothing with curl');
    const script = block.replaceAll('localhost:3444', `localhost:${port + 1}`);
    const { stdout } = await run('bash', ['-euc', script], { cwd: directory });
    assert.match(stdout, /\{"of":"by-certificate"\}\s*$/);
  });
  it('without the certificate the token is worth nothing', async () => {
    const url = `https://localhost:${port + 1}`;
    const own = ['-s', '--cacert', 'ca.pem'];
    const by = [...own, '--cert', 'by-certificate.pem', '--key', 'by-certificate-key.pem'];
    const form = ['-d', 'grant_type=client_credentials', '-d', 'client_id=by-certificate', '-d', 'scope=accounts'];
    const { stdout } = await run('curl', [...by, ...form, `${url}/token`], { cwd: directory });
    const { access_token: token } = JSON.parse(stdout) as { access_token: string };
    const header = ['-H', `Authorization: Bearer ${token}`];
    const { stdout: refused } = await run('curl', [...own, ...header, `${url}/accounts`], { cwd: directory });
    assert.equal((JSON.parse(refused) as { error: string }).error, 'invalid_token');
  });
});
