/** The full example, and clients that nobody has registered there. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHALLENGE, VERIFIER } from '../support/authorization-server.js';
import { type DocumentHost, documentHost } from '../support/document-host.js';
import { freePort } from '../support/free-port.js';
import { ALICE } from '../support/full.js';
import { Agent, formIn, type Page } from '../support/full-agent.js';

/** It trusts the authority of the documents' host, and runs on a loopback address, so that it fetches from one. */
async function startTrusting(ca: string, directory: string, url: string): Promise<ChildProcess> {
  const file = join(directory, 'ca.pem');
  await writeFile(file, ca);
  const { port } = new URL(url);
  const started = spawn(process.execPath, ['--import', 'tsx', 'examples/full/server.ts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {
      PATH: process.env['PATH'],
      NODE_EXTRA_CA_CERTS: file,
      PORT: port,
      DATA: join(directory, 'data'),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of started.stdout) if (String(chunk).includes('is ready')) return started;
  throw new Error('The full example has not started');
}

describe('the full example, for a client that nobody has registered', function () {
  this.timeout(60_000);
  let host: DocumentHost;
  let directory: string;
  let url: string;
  let server: ChildProcess;
  let agent: Agent;
  before(async () => {
    host = await documentHost();
    directory = await mkdtemp(join(tmpdir(), 'koauthorize-full-documents-'));
    url = `http://localhost:${await freePort()}`;
    server = await startTrusting(host.ca, directory, url);
    agent = new Agent(url);
    await agent.login(ALICE);
  });
  after(async () => {
    server.kill();
    await once(server, 'close');
    await host.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  const publish = (path: string, members: object): string => {
    const id = `https://localhost:${host.port}${path}`;
    host.publish(path, { client_id: id, ...members });
    return id;
  };
  const ask = (client_id: string, redirect_uri: string): Promise<Page> =>
    agent.open(
      `${url}/authorize?${new URLSearchParams({
        ...{ response_type: 'code', client_id, redirect_uri, scope: 'profile' },
        ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
      })}`,
    );

  it('the dialog shows where it comes from and where the answer goes, and no picture and no link of others', async () => {
    const redirect_uri = 'https://client.example/callback';
    const id = publish('/web.json', {
      client_name: 'A web client',
      client_uri: 'https://bank.example/',
      logo_uri: 'https://client.example/logo.png',
    });
    const { status, text } = await ask(id, redirect_uri);
    assert.equal(status, 200);
    for (const shown of ['A web client', `localhost:${host.port}`, 'client.example'])
      assert.ok(text.includes(`<strong>${shown}`) || text.includes(`<bdi>${shown}`), shown);
    assert.doesNotMatch(text, /bank\.example|logo\.png|role="alert"/);
  });

  it('the dialog warns where the answer goes to the device, and any program there can pass for the client', async () => {
    const redirect_uri = 'http://localhost:9999/callback';
    const id = publish('/local.json', { client_name: 'A program', redirect_uris: [redirect_uri] });
    assert.match((await ask(id, redirect_uri)).text, /role="alert"/);
  });

  it('gets a token, is listed by its host, and loses the token when it is disconnected', async () => {
    const redirect_uri = 'https://client.example/callback';
    const client_id = publish('/listed.json', { client_name: 'Something trustworthy' });
    const { location } = await agent.submit(formIn(await ask(client_id, redirect_uri), '/authorize/decision'));
    const code = new URL(location).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier: VERIFIER };
    const answer = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    assert.equal(answer.status, 200);
    const { access_token } = (await answer.json()) as { access_token: string };
    const me = () => fetch(`${url}/api/me`, { headers: { Authorization: `Bearer ${access_token}` } });
    assert.equal((await me()).status, 200);
    const connected = await agent.open(`${url}/connected`);
    assert.ok(connected.text.includes(`localhost:${host.port}`));
    assert.doesNotMatch(connected.text, /Something trustworthy/);
    await agent.submit(formIn(connected, '/connected/revoke', { client_id }));
    assert.equal((await me()).status, 401);
  });
});
