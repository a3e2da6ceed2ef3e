/** A request that began before a logout, and ends after it, does not bring the session back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { SESSION_COOKIE as FAPI_COOKIE, sessionStore as fapiSessionStore } from '../../examples/fapi/sessions.js';
import { startQuickstart, USER } from '../support/quickstart.js';

/** A browser: it keeps cookies, and follows no redirect. */
function browserAt(url: string, jar = new Map<string, string>()) {
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const go = async (path: string, form?: Record<string, string>): Promise<string> => {
    const post = form && { method: 'POST', body: new URLSearchParams(form) };
    const answer = await fetch(url + path, { ...post, headers: { cookie: cookie() }, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return answer.text();
  };
  const field = async (path: string, name: string) =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(await go(path))?.[1] ?? assert.fail(`${path} has ${name}`);
  return { jar, cookie, go, field };
}

describe('the logout of examples/quickstart', () => {
  it('is final for a thief of the session cookie, who holds the body of a decision back until the user has logged out', async () => {
    const { url, stop } = await startQuickstart();
    try {
      const user = browserAt(url);
      await user.go('/login', { csrf: await user.field('/login', 'csrf'), ...USER });
      const thief = browserAt(url, new Map(user.jar));
      const asked = new URLSearchParams({
        ...{ response_type: 'code', client_id: 'demo', redirect_uri: `${url}/demo/callback`, scope: 'profile' },
        ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
      });
      const body = `cancel=yes&transaction_id=${await thief.field(`/authorize?${asked}`, 'transaction_id')}`;
      const socket = connect(Number(new URL(url).port), 'localhost');
      socket.write(
        `POST /authorize/decision HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${thief.cookie()}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
      );
      const csrf = await user.field('/', 'csrf'); // the server has read the session of the thief meanwhile: the socket came first
      const stolen = new Map(thief.jar);
      assert.match(await browserAt(url, new Map(stolen)).go('/'), /You are logged in/);
      await user.go('/logout', { csrf });
      socket.write(body.slice(5));
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 30\d/, 'the decision was answered');
      assert.match(await browserAt(url, stolen).go('/'), /You are not logged in/);
    } finally {
      await stop();
    }
  });
});

describe('a session of examples/fapi', () => {
  it('that has ended is not stored again by a request that began before', async () => {
    const store = fapiSessionStore();
    const requestWith = (key: string) =>
      ({ ctx: { cookies: { get: (name: string) => (name === FAPI_COOKIE ? key : undefined) } } }) as never;
    await store.set('a', { user: 1 }, 60_000, requestWith('an older key'));
    await store.set('a', { user: 2 }, 60_000, requestWith('a'));
    assert.deepEqual(await store.get('a'), { user: 2 });
    await store.destroy('a');
    await store.set('a', { user: 2 }, 60_000, requestWith('a'));
    assert.equal(await store.get('a'), undefined);
  });
});
