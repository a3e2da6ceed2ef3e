/** What callbacks of the application may give: a mistake in plain JavaScript must neither grant nor refuse anything by chance. */
import assert from 'node:assert/strict';
import { exchange, grant, type Server } from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  browser,
  redirected,
  type Setup,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

type Plug = (server: Server<App, User>) => void;

describe('parse of a decision', () => {
  /** What the client is sent, and what the operator is told, where `parse` gives this at first, and then denies. */
  async function decided(given: () => unknown) {
    let next: () => unknown = given;
    const parse = () => {
      const result = next();
      next = () => ({ allow: false });
      return result;
    };
    const { app, errors } = authorizationServer({
      decision: (server) => server.decision(parse as () => Record<string, unknown>),
    });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    const first = await decide(transactionID);
    return { first, again: () => decide(transactionID), errors };
  }

  for (const [what, given, message] of [
    ['a promise inside its list', () => [Promise.resolve({ allow: false }), {}], /^parse gave a promise/],
    ['a promise of locals', () => [{ allow: true }, Promise.resolve({})], /^parse gave a promise/],
    ['true', () => true, /^parse gave boolean where a decision is needed/],
    ['a Set of words', () => new Set(['read']), /^parse gave object where a decision is needed/],
    ['a text', () => 'read', /^parse gave string where a decision is needed/],
  ] as const)
    it(`that gives ${what} grants nothing, and the dialog can be answered again`, async () => {
      const { first, again, errors } = await decided(given);
      assertErrorHere(first, 500, 'server_error');
      assert.match(String(errors[0]?.message), message);
      assert.equal(redirected(await again())['error'], 'access_denied');
    });

  for (const [what, given] of [
    ['{}', () => ({})],
    ['a list without a decision', () => [undefined, { a: 1 }]],
  ] as const)
    it(`that gives ${what} grants what was asked for`, async () => {
      const { first } = await decided(given);
      assert.ok(redirected(first)['code']);
    });
});

describe('issue of a grant', () => {
  async function sent(plug: Plug, type = 'code') {
    const { app, errors } = authorizationServer({ plug });
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize({ response_type: type })).body;
    return { sent: redirected(await decide(transactionID)), errors };
  }

  for (const [what, code] of [
    ['an object', { code: 'x' }],
    ['a number', 7],
    ['a promise in a list', [Promise.resolve('x')]],
    ['characters that no code has (RFC 6749 §A.11)', 'x\ny'],
  ] as const)
    it(`grant.code that gives ${what} sends no code`, async () => {
      const outcome = await sent((server) => server.grant(grant.code(() => code as string)));
      assert.deepEqual([outcome.sent['error'], outcome.sent['code']], ['server_error', undefined]);
      assert.match(String(outcome.errors[0]?.message), /^A code must /);
    });

  for (const [what, result, message] of [
    ['a promise of members', ['token', Promise.resolve({})], /^grant\.token gave a promise/],
    ['characters that no token has (RFC 6749 §A.12)', 'x\ny', /^An access token must /],
  ] as const)
    it(`grant.token that gives ${what} sends no token`, async () => {
      const outcome = await sent((server) => server.grant(grant.token(() => result as string)), 'token');
      assert.deepEqual([outcome.sent['error'], outcome.sent['access_token']], ['server_error', undefined]);
      assert.match(String(outcome.errors[0]?.message), message);
    });
});

describe('the callback of an exchange', () => {
  type Issue = (...args: never[]) => unknown;

  /** The answer of the token endpoint, and what the operator was told. */
  async function answered(issue: Issue, more: Setup = {}) {
    const plug: Plug = (server) => server.exchange(exchange.authorizationCode(issue as () => string));
    const { app, errors } = authorizationServer({ plug, ...more });
    const response = await request(app.callback())
      .post('/token')
      .auth('client', 'client-secret')
      .type('form')
      .send({ grant_type: 'authorization_code', code: 'a code' });
    return { response, errors };
  }

  for (const [what, result, message] of [
    ['a promise of a refresh token', ['token', Promise.resolve('refresh')], /^The callback gave a promise/],
    ['a promise of members', ['token', 'refresh', Promise.resolve({})], /^The callback gave a promise/],
    ['a number for a refresh token', ['token', 7], /^A refresh token must be a string/],
    ['an object for an access token', [{ token: 'x' }], /^An access token must be a string/],
    ['characters that no token has (RFC 6749 §A.12)', 'x\ny', /^An access token must have visible/],
    ['characters that no refresh token has (§A.17)', ['x', 'x\u00e9'], /^A refresh token must have visible/],
  ] as const)
    it(`that gives ${what} is server_error, and the operator is told`, async () => {
      const { response, errors } = await answered(() => result);
      assertErrorHere(response, 500, 'server_error');
      assert.match(String(errors[0]?.message), message);
    });

  it('may give members in the second place, or in the third, and a scope as a list, which is sent as text (RFC 6749 §5.1)', async () => {
    for (const result of [
      ['token', { scope: ['read', 'write'] }],
      ['token', null, { scope: ['read', 'write'] }],
    ]) {
      const { response } = await answered(() => result);
      assert.deepEqual(response.body, { access_token: 'token', token_type: 'Bearer', scope: 'read write' });
    }
  });

  for (const [what, args] of [
    ['an error', [new Error('the database is down')]],
    ['null and a token', [null, 'token']],
  ] as const)
    it(`that calls its check as oauth2orize's done, with ${what}, is server_error and no invalid_grant, at which clients log users out`, async () => {
      const { response, errors } = await answered(
        (_client, _code, _uri, _body, _info, done: (...args: readonly unknown[]) => void) => void done(...args),
      );
      assertErrorHere(response, 500, 'server_error');
      assert.match(String(errors[0]?.message), /It is not `done`: return the tokens/);
      assert.equal(errors[0]?.cause, args[0]);
    });
});

describe('validate', () => {
  it('that gives a URL for the redirect URI is told that text is wanted', async () => {
    const { app, errors } = authorizationServer({
      authorization: (server) =>
        server.authorization((() => [{ client_id: 'client' }, new URL('https://client.example/callback')]) as never),
    });
    assert.equal((await browser(app).authorize()).status, 500);
    assert.match(String(errors[0]?.message), /^validate gives the redirect URI as text/);
  });
});
