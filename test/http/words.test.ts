/** The small functions of lib/http, in tables. */
import assert from 'node:assert/strict';
import { OAuth2Error } from 'koauthorize';
import { describe as describeError } from '../../lib/errors/describe.js';
import { basicCredentials } from '../../lib/http/basic.js';
import { add } from '../../lib/registry/add.js';
import { responseTypeKey, responseTypeWords } from '../../lib/syntax/response-type.js';
import { formatScope, malformedScope, parseScope } from '../../lib/syntax/scope.js';

describe('http/scope', () => {
  const table: readonly [scope: string | undefined, separators: string | string[] | undefined, words: unknown][] = [
    [undefined, undefined, undefined],
    ['a', undefined, ['a']],
    ['a b', undefined, ['a', 'b']],
    [' a  b ', undefined, ['a', 'b']],
    ['a b a a', undefined, ['a', 'b']],
    ['a,b', ',', ['a', 'b']],
    ['a b', ',', ['a b']],
    ['a,b c', [',', ' '], ['a', 'b c']],
    ['a b', [',', ' '], ['a', 'b']],
    ['a', [], ['a']],
  ];
  for (const [scope, separators, words] of table) {
    it(`${JSON.stringify(scope)} by ${JSON.stringify(separators)}`, () =>
      assert.deepEqual(parseScope(scope, separators), words));
  }

  it('goes out as it came in', () => assert.equal(formatScope(['a', 'b']), 'a b'));

  const malformed: readonly [words: string[], wrong: string | undefined][] = [
    [[], undefined],
    [['!', '#', '[', ']', '~', 'https://as.example/x'], undefined],
    [['a', 'b"'], 'b"'],
    [['a\\b'], 'a\\b'],
    [['a b'], 'a b'],
    [['é'], 'é'],
    [[''], ''],
  ];
  for (const [words, wrong] of malformed) {
    it(`${JSON.stringify(words)}: ${wrong === undefined ? 'well-formed' : `not ${JSON.stringify(wrong)}`}`, () =>
      assert.equal(malformedScope(words), wrong));
  }
});

describe('http/response-type', () => {
  const table: readonly [type: string, key: string, words: string[]][] = [
    ['code', 'code', ['code']],
    ['token code', 'code token', ['token', 'code']],
    ['code  token code', 'code token', ['code', 'token', 'code']],
    ['', '', []],
  ];
  for (const [type, key, words] of table) {
    it(JSON.stringify(type), () => {
      assert.equal(responseTypeKey(type), key);
      assert.deepEqual(responseTypeWords(type), words);
    });
  }
});

describe('http/add', () => {
  it('adds, leaves out what has no value, and changes neither', () => {
    const [target, more] = [Object.freeze({ a: 1 }), Object.freeze({ b: 2, c: undefined })];
    assert.deepEqual(add<object>(target, more, 'x'), { a: 1, b: 2 });
  });

  it('gives what it was given when there is nothing to add', () => {
    const target = {};
    assert.equal(add(target, undefined, 'x'), target);
  });

  it('fills a member that had no value', () =>
    assert.deepEqual(add<object>({ a: undefined }, { a: 1 }, 'x'), { a: 1 }));

  it('never replaces, and says who tried', () =>
    assert.throws(() => add<object>({ a: 1 }, { a: 2 }, 'pkce'), /^Error: pkce would replace "a"$/));

  it('the same may be said twice', () => assert.deepEqual(add({ a: ['x'] }, { a: ['x'] }, 'pkce'), { a: ['x'] }));

  it('adds up the keys of a confirmation, and of claims, and replaces none of them', () => {
    const one = { confirmation: { jkt: 'a' } };
    assert.deepEqual(add<object>(one, { confirmation: { 'x5t#S256': 'b' } }, 'mtls'), {
      confirmation: { jkt: 'a', 'x5t#S256': 'b' },
    });
    assert.deepEqual(one, { confirmation: { jkt: 'a' } });
    assert.throws(() => add<object>(one, { confirmation: { jkt: 'b' } }, 'dpop'), /dpop would replace "jkt"/);
    assert.throws(() => add<object>({ other: { jkt: 'a' } }, { other: { b: 'b' } }, 'x'), /x would replace "other"/);
  });
});

describe('http/describe', () => {
  const table: readonly [message: string | undefined, uri: string | undefined, rest: object][] = [
    ['Not this', undefined, { error_description: 'Not this' }],
    ['Not this', 'https://as.example/', { error_description: 'Not this', error_uri: 'https://as.example/' }],
    [undefined, undefined, {}],
    ['', undefined, {}],
    ['say "no"\r\n\\é', undefined, { error_description: 'say ?no?????' }],
    ['x'.repeat(1000), undefined, { error_description: 'x'.repeat(256) }],
  ];
  for (const [message, uri, rest] of table) {
    it(`message ${JSON.stringify(message?.slice(0, 20))}`, () =>
      assert.deepEqual(describeError(new OAuth2Error(message, 'code', uri)), { error: 'code', ...rest }));
  }
});

describe('http/basic', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const one = (clientID: string, secret: string) => ({ clientID, secret });
  const table: readonly [header: string, credentials: object[]][] = [
    [basic('client:secret'), [one('client', 'secret')]],
    [basic('client:with:colons:'), [one('client', 'with:colons:')]],
    [basic('client:'), [one('client', '')]],
    [basic('a%3Ab:s%2Bt'), [one('a:b', 's+t'), one('a%3Ab', 's%2Bt')]],
    [basic('a+b:s+t'), [one('a b', 's t'), one('a+b', 's+t')]],
    [basic('a:100%'), [one('a', '100%')]],
    [basic('a:%ff'), [one('a', '%ff')]],
    [basic('a&b=c:d&e=f'), [one('a&b=c', 'd&e=f')]],
    [basic('a:\u00fc'), [one('a', '\u00fc')]],
    [basic('client:secret').replace('Basic', 'bASIC'), [one('client', 'secret')]],
    [basic('client:secret').replace(' ', '   '), [one('client', 'secret')]],
    [basic('client:\u0000'), []],
    [basic('cli\nent:secret'), []],
    [basic(':secret'), []],
    [basic('client'), []],
    [`Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`, []],
    [`X${basic('client:secret')}`, []],
    [`${basic('client:secret')}, ${basic('client:secret')}`, []],
    [`${basic('client:secret')} x`, []],
    ['', []],
    ['Bearer abc', []],
    ['Basic', []],
    ['Basic {}', []],
  ];
  for (const [header, credentials] of table) {
    it(JSON.stringify(header), () => assert.deepEqual(basicCredentials(header), credentials));
  }
});
