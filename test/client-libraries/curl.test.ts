/** curl, as people try a server with it. docs/client-libraries.md has what it needs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { client as clientOf } from '../support/client-auth.js';
import { startAuthorizationServer, stopAll } from '../support/interop-server.js';
import { withProgram } from './programs.js';

const CURL = '/usr/bin/curl';
const run = promisify(execFile);
const usual = { redirect_uris: [], grant_types: ['client_credentials'] };
const CLIENTS = [
  clientOf('plain', { ...usual, client_secret: 'nIx2-_.~k0P' }),
  clientOf('special', { ...usual, client_secret: 'a+b%41:c' }),
];

withProgram('curl', [CURL], () => {
  let url = '';
  before(async () => {
    url = await startAuthorizationServer(CLIENTS);
  });
  after(stopAll);

  const curl = async (...args: string[]): Promise<Record<string, string>> =>
    JSON.parse((await run(CURL, ['-s', ...args])).stdout);
  const form = ['-d', 'grant_type=client_credentials'];

  it('curl -u gets a token, and calls the API with it', async () => {
    const { access_token } = await curl('-u', 'plain:nIx2-_.~k0P', ...form, `${url}/token`);
    const me = await curl('-H', `Authorization: Bearer ${access_token}`, `${url}/me`);
    assert.deepEqual(me, { client: 'plain' });
  });

  it('curl -u sends the secret as it is, and form-encoded by hand it is the same', async () => {
    for (const user of ['special:a+b%41:c', 'special:a%2Bb%2541%3Ac'])
      assert.ok((await curl('-u', user, ...form, `${url}/token`))['access_token'], user);
    assert.equal((await curl('-u', 'special:a bA:c', ...form, `${url}/token`))['error'], 'invalid_client');
  });

  it('curl --data-urlencode sends the secret in the form', async () => {
    const own = ['-d', 'client_id=special', '--data-urlencode', 'client_secret=a+b%41:c'];
    assert.ok((await curl(...form, ...own, `${url}/token`))['access_token']);
  });
});
