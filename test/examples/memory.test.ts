/** What the examples keep in memory: bounded, and no session for who only looks. */
import assert from 'node:assert/strict';
import { sessionStore as fapiSessionStore } from '../../examples/fapi/sessions.js';
import { openNotes } from '../../examples/mcp/notes.js';
import { sessionStore } from '../../examples/quickstart/data.js';
import { startQuickstart, USER } from '../support/quickstart.js';

/** A request without a cookie: every key that it writes is new. */
const NEW = { ctx: { cookies: { get: () => undefined } } } as never;

interface Sessions {
  get(key: string): Promise<object | undefined>;
  set(key: string, value: object, lifetime: number, request: typeof NEW): Promise<void>;
  destroy(key: string): Promise<void>;
}

function boundedAndEnded(open: (most?: number) => Sessions): void {
  for (const [written, kept] of [
    ['abcad', 'acd'],
    ['abacd', 'acd'],
    ['abcc', 'abc'],
  ] as const)
    it(`are bounded: one more takes the place of the one that was written longest ago: ${written}`, async () => {
      const store = open(3);
      for (const key of written) await store.set(key, { key }, 60_000, NEW);
      const found = await Promise.all([...'abcd'].map(async (key) => ((await store.get(key)) ? key : '')));
      assert.equal(found.join(''), kept);
    });

  it('are bounded where nobody says how many', async () => {
    const store = open();
    for (let i = 0; i <= 10_000; i += 1) await store.set(`${i}`, {}, 60_000, NEW);
    assert.deepEqual([await store.get('0'), await store.get('1')], [undefined, {}]);
  });

  it('end with a logout', async () => {
    const store = open();
    await store.set('a', {}, 60_000, NEW);
    await store.destroy('a');
    assert.equal(await store.get('a'), undefined);
  });
}

describe('the sessions of examples/quickstart', () => {
  boundedAndEnded(sessionStore);

  it('are written without a look at all the others', async () => {
    const store = sessionStore();
    for (let i = 0; i < 100; i += 1) await store.set(`${i}`, {}, 60_000, NEW);
    const iterator = Object.getPrototypeOf(new Map().entries()) as { next: () => unknown };
    const { next } = iterator;
    let steps = 0;
    iterator.next = function count(this: unknown) {
      steps += 1;
      return next.call(this);
    };
    try {
      await store.set('one more', {}, 60_000, NEW);
    } finally {
      iterator.next = next;
    }
    assert.ok(steps <= 2, `${steps} steps for one write`);
  });

  it('are stored for nobody who only looks', async () => {
    const running = await startQuickstart();
    try {
      for (const path of ['/', '/login', '/demo']) {
        const { headers } = await fetch(running.url + path);
        assert.ok(!headers.getSetCookie().some((line) => line.startsWith('quickstart')), path);
      }
    } finally {
      await running.stop();
    }
  });

  it('the login form is refused without the cookie that it belongs to, and taken with it', async () => {
    const running = await startQuickstart();
    try {
      const page = await fetch(`${running.url}/login`);
      const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(await page.text()) ?? [];
      const cookie = page.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
      const post = async (headers: Record<string, string>) => {
        const body = new URLSearchParams({ csrf, ...USER });
        return (await fetch(`${running.url}/login`, { method: 'POST', body, headers, redirect: 'manual' })).status;
      };
      assert.deepEqual([await post({}), await post({ cookie }), await post({ cookie })], [403, 303, 303]);
    } finally {
      await running.stop();
    }
  });
});

describe('the sessions of examples/fapi', () => {
  boundedAndEnded(fapiSessionStore);

  it('end with their time, and are changed by no other request before they are written', async () => {
    let now = 0;
    const store = fapiSessionStore(3, () => now);
    const user = { id: 'alice' };
    await store.set('a', { user }, 1000, NEW);
    user.id = 'mallory';
    assert.deepEqual(await store.get('a'), { user: { id: 'alice' } });
    Object.assign((await store.get('a')) ?? {}, { user });
    assert.deepEqual(await store.get('a'), { user: { id: 'alice' } });
    now = 1000;
    assert.equal(await store.get('a'), undefined);
  });
});

describe('the notes of examples/mcp', () => {
  it('are bounded for each user, and are not shared', () => {
    const notesOf = openNotes(2);
    const added = ['one', 'two', 'three'].map((text) => notesOf('alice').add(text));
    assert.deepEqual(added, [true, true, false]);
    assert.deepEqual(notesOf('alice').list, ['one', 'two']);
    assert.deepEqual(notesOf('bob').list, []);
    assert.deepEqual(notesOf('alice').list, ['one', 'two']);
  });

  it('are bounded where nobody says how many', () => {
    const notesOf = openNotes();
    const added = Array.from({ length: 101 }, (_, i) => notesOf('alice').add(`${i}`));
    assert.equal(added.indexOf(false), 100);
  });
});
