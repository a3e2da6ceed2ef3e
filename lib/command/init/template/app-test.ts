/** The tests of a new project. */
export const appTest = `import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
⟦import type { AddressInfo } from 'node:net';
⟧import { after, before, describe, it } from 'node:test';
import { formatReports, runAttacks } from 'koauthorize/testing';
import { createApp } from '../src/app.js';
import { openStorage⟦, type Storage⟧ } from '../src/storage.js';
import { targetAt } from './target.js';

const http = createServer();
let storage⟦: Storage⟧;
let issuer = '';

before(async () => {
  await new Promise⟦<void>⟧((resolve) => http.listen(0, () => resolve()));
  issuer = \`http://localhost:\${(http.address()⟦ as AddressInfo⟧).port}\`; // the issuer contains the port, so it is known only now
  storage = await openStorage();
  const app = createApp({ issuer, storage, keys: [randomBytes(32).toString('hex')] });
  app.silent = true;
  http.on('request', app.callback());
});

after(async () => {
  http.close();
  http.closeAllConnections();
  await storage.close();
});

/** A browser without a user interface, in which nobody has logged in. */
function browser() {
  const cookies = new Map⟦<string, string>⟧();
  return async (path⟦: string⟧, form⟦?: Record<string, string>⟧) => {
    const response = await fetch(new URL(path, issuer), {
      method: form ? 'POST' : 'GET',
      headers: { cookie: [...cookies].map(([name, value]) => \`\${name}=\${value}\`).join('; ') },
      body: form ? new URLSearchParams(form) : null,
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';', 1)[0]?.split(/=(.*)/) ?? [];
      cookies.set(name, value);
    }
    return { status: response.status, location: response.headers.get('location'), text: await response.text() };
  };
}

const field = (html⟦: string⟧, name⟦: string⟧) => new RegExp(\`name="\${name}" value="([^"]*)"\`).exec(html)?.[1] ?? '';

const verifier = randomBytes(32).toString('base64url');
const request = \`/authorize?\${new URLSearchParams({
  response_type: 'code',
  client_id: 'demo',
  state: 'a state',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
})}\`;

/** Where the browser is sent after this answer to the dialog. */
async function decided(decision⟦: Record<string, string>⟧) {
  const visit = browser();
  const csrf = field((await visit('/login')).text, 'csrf');
  await visit('/login', { csrf, username: 'alice', password: 'wonderland' });
  const dialog = await visit(request);
  assert.match(dialog.text, /See your name/);
  const transaction_id = field(dialog.text, 'transaction_id');
  const { location } = await visit('/authorize/decision', { transaction_id, ...decision });
  return new URL(location ?? '').searchParams;
}

const exchange = (code⟦: string⟧) =>
  fetch(new URL('/token', issuer), {
    method: 'POST',
    headers: { Authorization: \`Basic \${Buffer.from('demo:only-the-demo-knows').toString('base64')}\` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier }),
  });

describe('the server', () => {
  it('asks the user, and gives the client a token for the API', async () => {
    const answer = await decided({});
    assert.deepEqual([answer.get('state'), answer.get('iss')], ['a state', issuer]);
    const { access_token } = (await (await exchange(answer.get('code') ?? '')).json())⟦ as { access_token: string }⟧;
    const me = await fetch(new URL('/api/me', issuer), { headers: { Authorization: \`Bearer \${access_token}\` } });
    assert.deepEqual(await me.json(), { client: 'demo', name: 'Alice Liddell' });
  });

  it('tells the client that the user has refused', async () => {
    assert.equal((await decided({ cancel: 'yes' })).get('error'), 'access_denied');
  });

  it('shows the login to users who are not logged in', async () => {
    assert.match((await browser()(request)).text, /name="password"/);
  });

  it('refuses a code that was used before', async () => {
    const code = (await decided({})).get('code') ?? '';
    assert.equal((await exchange(code)).status, 200);
    assert.equal((await exchange(code)).status, 400);
  });

  it('limits guesses of passwords and of secrets, by name and address', async () => {
    const visit = browser();
    const guess = { csrf: field((await visit('/login')).text, 'csrf'), username: 'nobody', password: 'a guess' };
    const body = new URLSearchParams({ grant_type: 'authorization_code', code: 'x', code_verifier: verifier });
    const headers = { Authorization: \`Basic \${Buffer.from('nobody:a guess').toString('base64')}\` };
    const statuses⟦: number[][]⟧ = [];
    for (let time = 0; time < 11; time++) {
      const { status } = await fetch(new URL('/token', issuer), { method: 'POST', headers, body });
      statuses.push([(await visit('/login', guess)).status, status]);
    }
    assert.deepEqual([statuses[0], statuses[9], statuses[10]], [[403, 401], [403, 401], [429, 429]]);
  });

  it('withstands the attacks of koauthorize/testing', async () => {
    const reports = await runAttacks(targetAt(issuer));
    const bad = reports.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'error');
    assert.deepEqual(bad, [], formatReports(bad));
  });
});
`;
