/** What becomes of errors that are not the protocol's. The classes: test/parity/errors.test.ts */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { OAuth2Error, TokenError } from 'koauthorize';
import { describe as describeError } from '../../lib/errors/describe.js';
import { toError, toOAuth2Error, toShownError } from '../../lib/errors/to-oauth2-error.js';
import { warnOnce } from '../../lib/errors/warning.js';

const made = (members: object): Error => Object.assign(new Error('a secret'), members);

describe('errors/to-oauth2-error', () => {
  const table: readonly [what: string, error: Error, code: string, status: number, message: string][] = [
    ['an exception', made({}), 'server_error', 500, ''],
    ['one that calls itself 200', made({ status: 200 }), 'server_error', 500, ''],
    ['one that calls itself 500, exposed', made({ status: 500, expose: true }), 'server_error', 500, ''],
    ['503', made({ status: 503 }), 'temporarily_unavailable', 503, ''],
    ['404 of Koa', made({ status: 404, expose: true }), 'invalid_request', 404, ''],
    ['404 that is not for the client', made({ status: 404 }), 'invalid_request', 404, ''],
    [
      'passport with failWithError',
      made({ name: 'AuthenticationError', status: 401 }),
      'invalid_client',
      401,
      'Client authentication failed',
    ],
    ['a code that is not ours', made({ code: 'ECONNREFUSED' }), 'server_error', 500, ''],
  ];
  for (const [what, error, code, status, message] of table) {
    it(what, () => {
      const answer = toOAuth2Error(error);
      assert.ok(answer instanceof OAuth2Error);
      assert.deepEqual([answer.code, answer.status, answer.message], [code, status, message]);
      assert.equal(answer.cause, error);
    });
  }

  const shown: typeof table = [
    ['what Koa shows', made({ status: 404, expose: true }), 'invalid_request', 404, 'a secret'],
    ['what Koa does not show', made({ status: 404 }), 'invalid_request', 404, ''],
    ['what Koa would never show', made({ expose: true }), 'server_error', 500, ''],
  ];
  for (const [what, error, code, status, message] of shown) {
    it(`${what}, to whoever sent the request`, () => {
      const answer = toShownError(error);
      assert.deepEqual([answer.code, answer.status, answer.message, answer.cause], [code, status, message, error]);
    });
  }

  it('the message of one of the protocol is one line, and the client gets ? for what RFC 6749 §5.2 does not allow', () => {
    const error = new TokenError('a\u009b\u202e\nb é', 'invalid_grant');
    assert.equal(error.message, String.raw`a\u{9b}\u{202e}\u{a}b é`);
    assert.equal(describeError(error)['error_description'], 'a???b ?');
    assert.equal(describeError(new TokenError('\u202e'.repeat(300)))['error_description'], '?'.repeat(256));
    assert.equal(new TokenError(undefined, 'invalid_grant').message, '');
  });

  it('one of the protocol stays what it is', () => {
    const error = new TokenError('x', 'invalid_grant');
    assert.equal(toOAuth2Error(error), error);
  });

  for (const thrown of [undefined, null, 'text', 7, { status: 404 }]) {
    it(`${JSON.stringify(thrown)} becomes an error, and its cause`, () => {
      const error = toError(thrown);
      assert.ok(error instanceof Error);
      assert.equal(error.cause, thrown);
    });
  }
});

describe('errors/warning', () => {
  it('says a thing once, with a code', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    for (let time = 0; time < 3; time++) warnOnce('KOAUTHORIZE_TEST', 'Only a test.');
    await setImmediate();
    process.off('warning', listen);
    assert.deepEqual(
      warnings.filter(({ code }) => code === 'KOAUTHORIZE_TEST').map(({ name, message }) => [name, message]),
      [['KoauthorizeWarning', 'Only a test.']],
    );
  });

  it('is one line, without what commands a terminal, whatever a registration has in it', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on('warning', listen);
    warnOnce('KOAUTHORIZE_TEST_HOSTILE', 'of the client \u009b31m\u202e\nforged');
    await setImmediate();
    process.off('warning', listen);
    assert.equal(warnings.at(-1)?.message, String.raw`of the client \u{9b}31m\u{202e}\u{a}forged`);
  });
});
