/** The tutorial, in both languages: its server gives tokens for a code, its API takes them. test/newcomer.check.ts types it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Koa from 'koa';
import request from 'supertest';
import { filesOf } from './readme/blocks.js';
import { type Page, pages } from './readme/pages.js';
import { root } from './run.js';
import { CHALLENGE, redirected, VERIFIER } from './support/authorization-server.js';

const TUTORIALS = [
  { language: 'TypeScript', path: 'README.md', file: 'server.ts' },
  { language: 'JavaScript', path: 'docs/javascript.md', file: 'server.js' },
] as const;

/** Pages whose programs run against the server of the same page: test/for-partners.test.ts, test/command-line-clients.test.ts. */
const PROGRAMS = ['docs/for-partners.md', 'docs/command-line-clients.md'];

function pageOf(path: string): Page {
  return pages().find((page) => page.path === path) ?? assert.fail(`no page ${path}`);
}

/** The server of a tutorial, which does not listen. */
async function serverOf({ path, file }: (typeof TUTORIALS)[number]): Promise<Koa> {
  const text = filesOf(pageOf(path).blocks).get(file) ?? assert.fail(`${path} has no ${file}`);
  assert.equal(text.match(/^koa\.listen\(/gm)?.length, 1, 'it listens, in a line of its own');
  const directory = join(root, 'test', 'output', 'tutorial');
  mkdirSync(directory, { recursive: true });
  const module = join(directory, `${file.replace('.', '-')}.ts`);
  writeFileSync(module, text.replace(/^koa\.listen\(.*$/m, ''));
  const { koa }: { koa: Koa } = await import(pathToFileURL(module).href);
  koa.silent = true;
  return koa;
}

async function codeFrom(koa: Koa): Promise<string> {
  const agent = request.agent(koa.callback());
  const dialog = await agent.get('/authorize').query({
    response_type: 'code',
    client_id: 'demo',
    scope: 'read',
    state: 'a state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  });
  assert.equal(dialog.status, 200);
  assert.match(dialog.text, /Demo asks for: read/);
  const [, transactionID] = /name="transaction_id" value="([^"]+)"/.exec(dialog.text) ?? [];
  const decision = await agent.post('/authorize/decision').type('form').send({ transaction_id: transactionID });
  const { code = '', state, iss } = redirected(decision);
  assert.deepEqual([state, iss], ['a state', 'http://localhost:3000']);
  return code;
}

for (const tutorial of TUTORIALS)
  describe(`the tutorial in ${tutorial.language}`, () => {
    let koa: Koa;
    before(async () => {
      koa = await serverOf(tutorial);
    });

    const exchanged = (secret: string, code: string) => {
      const form = { grant_type: 'authorization_code', code, code_verifier: VERIFIER };
      return request(koa.callback()).post('/token').auth('demo', secret).type('form').send(form);
    };
    const called = (token: string) => request(koa.callback()).get('/api/me').set('Authorization', `Bearer ${token}`);

    it('makes a server that gives a token for a code, and an API that takes it', async () => {
      const code = await codeFrom(koa);
      const answer = await exchanged('a secret', code);
      assert.deepEqual([answer.status, answer.body.token_type, answer.body.scope], [200, 'Bearer', 'read']);
      const { status, body } = await called(answer.body.access_token);
      assert.deepEqual([status, body], [200, { user: 'alice', client: 'demo', scope: ['read'] }]);
    });

    it('refuses a wrong secret, and a code that comes again ends its tokens, as the page says', async () => {
      const code = await codeFrom(koa);
      const stranger = await exchanged('a guess', code);
      assert.deepEqual([stranger.status, stranger.body.error], [401, 'invalid_client']);
      const answer = await exchanged('a secret', code);
      const replay = await exchanged('a secret', code);
      assert.deepEqual([replay.status, replay.body.error], [400, 'invalid_grant']);
      assert.equal((await called(answer.body.access_token)).status, 401);
    });
  });

describe('what a reader types', () => {
  it('stands on pages whose servers or programs are tested, and nowhere else', () => {
    const typed = pages().filter(({ blocks }) => filesOf(blocks).size > 0);
    const tested = [...TUTORIALS.map(({ path }) => path), ...PROGRAMS];
    assert.deepEqual(typed.map(({ path }) => path).sort(), tested.sort());
  });
});
