import assert from 'node:assert/strict';
import { CookieJar } from '../../../lib/testing/attack/cookies.js';

const jarOf = (url: string, ...lines: readonly string[]): CookieJar => {
  const jar = new CookieJar();
  jar.take(url, lines);
  return jar;
};

describe('the cookies of a visitor', () => {
  it('RFC 6265 §5.3: a later cookie of the same name and path takes the place of the earlier', () => {
    const jar = jarOf('http://as.example/login', 'a=1; Path=/', 'b=x=y; Path=/', 'a=2; Path=/');
    assert.equal(jar.header('http://as.example/'), 'a=2; b=x=y');
  });

  for (const [path, from, to, sent] of [
    ['; Path=/oauth', '/login', '/oauth', true],
    ['; Path=/oauth', '/login', '/oauth/authorize', true],
    ['; Path=/oauth', '/login', '/oauth2', false],
    ['; Path=/oauth/', '/login', '/oauth/authorize', true],
    ['; Path=/', '/oauth/login', '/', true],
    ['', '/oauth/login', '/oauth/authorize', true],
    ['', '/oauth/login', '/', false],
    ['', '/login', '/any', true],
    ['; Path=odd', '/oauth/login', '/', false],
  ] as const) {
    it(`RFC 6265 §5.1.4: one of ${from} ${path || 'without Path'} is ${sent ? '' : 'not '}sent to ${to}`, () => {
      const jar = jarOf(`http://as.example${from}`, `a=1${path}`);
      assert.equal(jar.header(`http://as.example${to}`), sent ? 'a=1' : '');
    });
  }

  it('RFC 6265 §5.4: the one with the longer path comes first', () => {
    const jar = jarOf('http://as.example/', 'a=1; Path=/', 'a=2; Path=/oauth');
    assert.equal(jar.header('http://as.example/oauth'), 'a=2; a=1');
  });

  for (const [url, sent] of [
    ['https://as.example/', true],
    ['http://localhost:3000/', true],
    ['http://127.0.0.1:3000/', true],
    ['http://[::1]:3000/', true],
    ['http://as.example/', false],
    ['http://127.0.0.1.example/', false],
  ] as const) {
    it(`a Secure one is ${sent ? '' : 'not '}sent to ${url}`, () => {
      assert.equal(jarOf(url, 'a=1; Secure; HttpOnly').header(url), sent ? 'a=1' : '');
    });
  }

  it('RFC 6265 §5.3: Domain is for the hosts below, and only one that the host is below of', () => {
    const jar = jarOf('https://login.as.example/', 'a=1; Domain=.as.example', 'b=1; Domain=other.example', 'c=1');
    assert.equal(jar.header('https://as.example/'), 'a=1');
    assert.equal(jar.header('https://api.as.example/'), 'a=1');
    assert.equal(jar.header('https://login.as.example/'), 'a=1; c=1');
    assert.equal(jar.header('https://notas.example/'), '');
    assert.equal(jar.header('https://other.example/'), '');
  });

  for (const [attributes, there] of [
    ['Max-Age=0', false],
    ['Max-Age=-1', false],
    ['Max-Age=60', true],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['Expires=Fri, 01 Jan 2100 00:00:00 GMT', true],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', true],
  ] as const) {
    it(`RFC 6265 §5.2: ${attributes} ${there ? 'keeps' : 'removes'} it`, () => {
      const jar = jarOf('http://as.example/', 'a=1', `a=2; ${attributes}`);
      assert.equal(jar.header('http://as.example/'), there ? 'a=2' : '');
    });
  }

  it('are brought back as they were', () => {
    const jar = jarOf('http://as.example/', 'a=1');
    const before = jar.snapshot();
    jar.take('http://as.example/', ['a=2', 'b=1']);
    jar.restore(before);
    assert.equal(jar.header('http://as.example/'), 'a=1');
    jar.take('http://as.example/', ['a=3']);
    jar.restore(before);
    assert.equal(jar.header('http://as.example/'), 'a=1', 'what was kept does not change');
  });
});
