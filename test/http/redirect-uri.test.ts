/** Which redirect URIs are trusted. Over HTTP: test/spec/rfc6749/redirect-uri.test.ts, test/spec/rfc8252.test.ts */
import assert from 'node:assert/strict';
import { trust } from '../../lib/clients/redirect-uri.js';

const CB = 'https://client.example/cb';

function trusted(
  registered: readonly string[] | undefined,
  requested: string | undefined,
  given?: string,
  anyPortForLocalhost = false,
): string | undefined {
  try {
    return trust(
      { redirectURIs: () => registered, anyPortForLocalhost: () => anyPortForLocalhost },
      {},
      requested,
      given,
    );
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'invalid_request');
    return undefined;
  }
}

describe('http/redirect-uri', () => {
  const table: readonly [
    registered: string[] | undefined,
    requested: string | undefined,
    given: string | undefined,
    answer: string | undefined,
  ][] = [
    [[CB], CB, undefined, CB],
    [[CB], undefined, undefined, CB],
    [[CB], undefined, CB, CB],
    [[CB, `${CB}2`], undefined, undefined, undefined],
    [[CB, `${CB}2`], undefined, `${CB}2`, `${CB}2`],
    [[], CB, CB, undefined],
    [[CB], 'https://evil.example/', CB, undefined],
    [[CB], CB, 'https://evil.example/', undefined],
    [[CB], `${CB}/`, undefined, undefined],
    [[CB], `${CB}?x=1`, undefined, undefined],
    [[CB], 'https://CLIENT.example/cb', undefined, undefined],
    [[CB], 'https://client.example:443/cb', undefined, undefined],
    [[CB], 'https://client.example/%63b', undefined, undefined],
    [['app:/cb'], 'app:/cb', undefined, 'app:/cb'],
    [['com.example.app:/cb'], undefined, undefined, 'com.example.app:/cb'],
    [['javascript:alert(1)'], 'javascript:alert(1)', undefined, undefined],
    [['JavaScript:alert(1)'], 'JavaScript:alert(1)', undefined, undefined],
    [['data:text/html,x'], 'data:text/html,x', undefined, undefined],
    [['https://client.example/#x'], 'https://client.example/#x', undefined, undefined],
    [['/cb'], '/cb', undefined, undefined],
    [['https://client.example/a b'], 'https://client.example/a b', undefined, undefined],
    [undefined, CB, undefined, undefined],
    [undefined, CB, 'https://other.example/', 'https://other.example/'],
    [undefined, CB, 'javascript:alert(1)', undefined],
  ];
  for (const [registered, requested, given, answer] of table) {
    it(`${JSON.stringify(registered)}, requested ${requested}, given ${given}: ${answer}`, () =>
      assert.equal(trusted(registered, requested, given), answer));
  }

  const ports: readonly [registered: string, requested: string, always: boolean, forLocalhost: boolean][] = [
    ['http://127.0.0.1/cb', 'http://127.0.0.1:5000/cb', true, true],
    ['http://127.0.0.1:80/cb', 'http://127.0.0.1:5000/cb', true, true],
    ['http://[::1]/cb', 'http://[::1]:5000/cb', true, true],
    ['http://localhost/cb', 'http://localhost:5000/cb', false, true],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:5000/other', false, false],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:5000/cb', false, false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:5000@evil.example/cb', false, false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:500000/cb', false, false],
    ['http://client.example/cb', 'http://client.example:5000/cb', false, false],
    ['http://localhost/cb', 'http://localhost:5000.evil.example/cb', false, false],
  ];
  for (const [registered, requested, always, forLocalhost] of ports) {
    it(`port: ${requested} for ${registered}: ${always}, with anyPortForLocalhost ${forLocalhost}`, () => {
      assert.equal(trusted([registered], requested) === requested, always);
      assert.equal(trusted([registered], requested, undefined, true) === requested, forLocalhost);
    });
  }
});
