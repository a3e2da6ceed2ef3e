import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Koa from 'koa';
import request from 'supertest';
import { blocksOf, modulesOf } from './readme/blocks.js';
import { root } from './run.js';
import { CHALLENGE, redirected, VERIFIER } from './support/authorization-server.js';

/** The tutorial of the README, as one module. */
async function tutorial(): Promise<Koa> {
  const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'));
  const { line } = blocks.find(({ attributes }) => attributes.get('name') === 'tutorial') ?? assert.fail('no tutorial');
  const { text } = modulesOf(blocks).find((module) => module.line === line) ?? assert.fail('not compiled');
  const directory = join(root, 'test', 'output', 'tutorial');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'tutorial.ts'), text);
  const { koa } = await import(pathToFileURL(join(directory, 'tutorial.ts')).href);
  return koa;
}

describe('the tutorial of the README', () => {
  it('makes a server that gives a token for a code', async () => {
    const koa = await tutorial();
    koa.silent = true;
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
    const { code, state, iss } = redirected(decision);
    assert.deepEqual([state, iss], ['a state', 'http://localhost:3000']);
    const form = { grant_type: 'authorization_code', code, code_verifier: VERIFIER };
    const answer = await request(koa.callback()).post('/token').auth('demo', 'a secret').type('form').send(form);
    assert.deepEqual([answer.status, answer.body.token_type, answer.body.scope], [200, 'Bearer', 'read']);
    const replay = await request(koa.callback()).post('/token').auth('demo', 'a secret').type('form').send(form);
    assert.deepEqual([replay.status, replay.body.error], [400, 'invalid_grant']);
    const stranger = await request(koa.callback()).post('/token').auth('demo', 'a guess').type('form').send(form);
    assert.deepEqual([stranger.status, stranger.body.error], [401, 'invalid_client']);
  });
});
