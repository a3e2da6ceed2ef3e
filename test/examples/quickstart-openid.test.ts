/** docs/extensions/openid.md, "From the quickstart": its lines make an OpenID Provider of the quickstart. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Koa from 'koa';
import { memoryStore, type TokenStore } from 'koauthorize/tokens';
import * as openid from 'openid-client';
import { registration } from '../../examples/quickstart/client.js';
import { blocksOf } from '../readme/blocks.js';
import { Agent, formIn } from '../support/full-agent.js';
import { USER } from '../support/quickstart.js';

const ROOT = join(import.meta.dirname, '../..');
const COPY = join(ROOT, 'test/output/quickstart-openid');

/** What a diff makes of a text: lines that stay or go are looked for one after the other, from where the last one was. */
function applied(text: string, diff: string): string {
  const lines = text.split('\n');
  let at = 0;
  for (const line of diff.split('\n')) {
    const rest = line.slice(1);
    if (line.startsWith('+')) {
      lines.splice(at, 0, rest);
      at += 1;
      continue;
    }
    const found = lines.indexOf(rest, at);
    assert.ok(found >= 0, `no such line: ${rest}`);
    if (line.startsWith('-')) lines.splice(found, 1);
    at = line.startsWith('-') ? found : found + 1;
  }
  return lines.join('\n');
}

describe('the quickstart with the lines of docs/extensions/openid.md', () => {
  let quickstart: (url: string, store: TokenStore) => Promise<Koa>;
  before(async () => {
    rmSync(COPY, { recursive: true, force: true });
    mkdirSync(COPY, { recursive: true });
    cpSync(join(ROOT, 'examples/quickstart'), COPY, { recursive: true, filter: (path) => !path.endsWith('data') });
    const diffs = blocksOf(readFileSync(join(ROOT, 'docs/extensions/openid.md'), 'utf8')).filter(
      ({ language }) => language === 'diff',
    );
    assert.equal(diffs.length, 2);
    for (const { attributes, text } of diffs) {
      const path = attributes.get('of') ?? '';
      const name = path.split('/').at(-1) ?? '';
      writeFileSync(join(COPY, name), applied(readFileSync(join(ROOT, path), 'utf8'), text));
    }
    ({ quickstart } = await import(pathToFileURL(join(COPY, 'server.ts')).href));
  });

  it('logs a user in at openid-client, which verifies the ID token and reads UserInfo', async () => {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, resolve));
    const url = `http://localhost:${(http.address() as AddressInfo).port}`;
    const app = await quickstart(url, memoryStore());
    http.on('request', app.callback());
    const { client_id, secret, redirect_uris } = registration(url);
    const options = { execute: [openid.allowInsecureRequests] };
    const config = await openid.discovery(
      new URL(url),
      client_id,
      undefined,
      openid.ClientSecretBasic(secret),
      options,
    );
    const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()];
    const asked = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirect_uris[0] ?? '',
      scope: 'openid profile',
      ...{ state, nonce },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const agent = new Agent(url);
    const elsewhere = new Agent(url, { origin: 'https://client.example' }); // a form of another site, without the cookies
    const sent = await elsewhere.post('/authorize', asked.searchParams);
    assert.deepEqual([sent.status, sent.headers.getSetCookie()], [303, []]);
    const login = await agent.open(`/authorize${sent.location}`);
    const back = await agent.submit(formIn(login, '/login'), USER);
    const dialog = await agent.open(back.location);
    const answer = await agent.submit(formIn(dialog, '/authorize/decision'));
    const tokens = await openid.authorizationCodeGrant(config, new URL(answer.location), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const { name } = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    assert.deepEqual([tokens.claims()?.sub, name], ['u1', 'Alice Liddell']);
    http.closeAllConnections();
    http.close();
  });
});
