import assert from 'node:assert/strict';
import { toParams } from '../../lib/syntax/param-map.js';
import { AUTHORIZATION, malformed, NO_TOKEN, PROGRAMS, requireWellFormed, sift } from '../../lib/syntax/parameters.js';

/** Whether the endpoint that knows the parameter takes the value; of one that nobody knows, both. */
function isWellFormed(name: string, value: string): boolean {
  const table = AUTHORIZATION.has(name) ? AUTHORIZATION : PROGRAMS;
  return sift(toParams(new Map([[name, value]])), table).malformed.length === 0;
}

describe('http/syntax: RFC 6749 appendix A', () => {
  const UTF8 = 'zażółć 日本 🗝';
  const table: readonly [name: string, good: readonly string[], bad: readonly string[]][] = [
    ['client_id', ['a', 'a b', 'https://c.example/', '~'], ['a\u0000b', 'é', 'a\n', '\u007f', 'x'.repeat(2049)]],
    ['client_secret', ['s:e c', UTF8], ['a\u0000', '\ud800', 'a\ufffd', 'x'.repeat(4097)]],
    ['response_type', ['code', 'code token', 'id_token'], ['code\u0000', 'a-b', ' code', 'é', 'x'.repeat(257)]],
    ['scope', ['a', 'a b', 'read,write', ' '], ['a"', 'a\\', 'a\tb', 'é', '\u0000', 'x'.repeat(8193)]],
    ['state', ['x', UTF8, '{"a":1}', ' '], ['\u0000', 'a\nb', '\u0085', '\ud800', '\ufffd', 'x'.repeat(4097)]],
    ['redirect_uri', ['https://c.example/?a=b', 'com.example:/x'], ['a b', 'https://é/', 'x\n', 'x'.repeat(4097)]],
    ['grant_type', ['password', 'urn:ietf:params:oauth:grant-type:x'], ['a b', 'a"', 'é', 'x'.repeat(257)]],
    ['code', ['c', 'a b', 'x'.repeat(16384)], ['é', '\u0000', 'x'.repeat(16385)]],
    ['refresh_token', ['c', 'a b'], ['é', '\u0000', 'x'.repeat(16385)]],
    ['token', ['c'], ['é', '\u0000']],
    ['username', ['alice', UTF8], ['a\u0000', 'a\r\nb', '\ufffd', 'x'.repeat(1025)]],
    ['password', ['p w', UTF8], ['a\u0000', '\ud83d', 'x'.repeat(4097)]],
    ['anything', ['{\n\t"a": 1\r\n}', UTF8, 'x'.repeat(60_000)], ['a\u0000', '\u001b', '\ud800']],
  ];
  for (const [name, good, bad] of table)
    it(`${name}: what it may be, and what not`, () => {
      for (const value of good) assert.ok(isWellFormed(name, value), JSON.stringify(value).slice(0, 40));
      for (const value of bad) assert.ok(!isWellFormed(name, value), JSON.stringify(value).slice(0, 40));
    });

  it('what is well-formed is not copied', () => {
    const params = toParams(new Map([['state', 'x']]));
    assert.equal(sift(params, AUTHORIZATION).params, params);
    assert.equal(requireWellFormed(params), params);
  });

  it('what is malformed is taken away, and the rest stays', () => {
    const { params, malformed } = sift(
      toParams(
        new Map([
          ['state', '\u0000'],
          ['scope', 'a'],
          ['x', '\u0001'],
        ]),
      ),
      AUTHORIZATION,
    );
    assert.deepEqual([[...params], malformed], [[['scope', 'a']], ['state', 'x']]);
  });

  it('errors say which, and not what', () => {
    const codes = {
      client_id: 'invalid_client',
      username: 'invalid_request',
      scope: 'invalid_scope',
      code: 'invalid_grant',
      refresh_token: 'invalid_grant',
    };
    for (const [name, code] of Object.entries(codes))
      assert.throws(() => requireWellFormed(toParams(new Map([[name, '\u0000secret']]))), {
        code,
        message: name === 'client_id' ? 'Client authentication failed' : `Malformed parameter: ${name}`,
      });
  });

  it('a parameter of another endpoint is told of in the words of this one', () => {
    const codeOf = (name: string, table: Parameters<typeof malformed>[1]) => malformed(name, table).code;
    assert.equal(codeOf('response_type', AUTHORIZATION), 'unsupported_response_type');
    assert.equal(codeOf('response_type', PROGRAMS), 'invalid_request');
    assert.equal(codeOf('code', PROGRAMS), 'invalid_grant');
    for (const name of ['code', 'grant_type', 'refresh_token'])
      assert.equal(codeOf(name, AUTHORIZATION), 'invalid_request');
  });

  it('RFC 7009 §2.2, RFC 7662 §2.2: a token that cannot be one is no error', () => {
    assert.equal(requireWellFormed(toParams(new Map([['token', '\u0000']]))).get('token'), NO_TOKEN);
  });
});
