/** What the answer to a form leaves for the page after it, such as the secret of a new client: examples/full/next-page.ts */
import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import type { Context } from 'koa';
import { nextPage } from '../../examples/full/next-page.js';
import { documentOf, type WithSession } from '../../examples/full/sessions.js';
import type { Documents } from '../../examples/full/storage/index.js';

/** A browser whose session has this key. */
const browser = (key: string) => ({ session: { externalKey: key } }) as unknown as Context & WithSession;

const SECRET = 'the secret of a new client';

describe('what waits for the next page of the full example', () => {
  let stored: Map<string, unknown>;
  let lifetimes: number[];
  let next: ReturnType<typeof nextPage>;
  const alice = browser('the key of alice');
  beforeEach(() => {
    stored = new Map();
    lifetimes = [];
    const documents = {
      get: async (key: string) => stored.get(key),
      set: async (key: string, value: unknown, seconds: number) => {
        stored.set(key, value);
        lifetimes.push(seconds);
      },
      remove: async (key: string) => stored.delete(key),
    };
    next = nextPage(documents as unknown as Documents);
  });

  it('is found by the browser that left it, under a name that is another one each time', async () => {
    const ids = [await next.leave(alice, { SECRET }), await next.leave(alice, { SECRET: 'another' })];
    assert.notEqual(ids[0], ids[1]);
    for (const id of ids) assert.match(id, /^[\w-]{22}$/);
    assert.deepEqual(await next.look(alice, ids[0]), { SECRET });
    assert.deepEqual(await next.look(alice, ids[1]), { SECRET: 'another' });
  });

  it('is found by no other browser that learns the address, and not without a name', async () => {
    const id = await next.leave(alice, { SECRET });
    const mallory = browser('the key of mallory');
    assert.equal(await next.look(mallory, id), undefined);
    assert.equal(await next.take(mallory, id), undefined);
    assert.equal(await next.look(alice, undefined), undefined);
    assert.equal(await next.look(alice, `${id}x`), undefined);
  });

  it('is taken once: of several who try at once, one gets it', async () => {
    const id = await next.leave(alice, { SECRET });
    const taken = await Promise.all([next.take(alice, id), next.take(alice, id), next.take(alice, id)]);
    assert.equal(taken.filter((value) => value !== undefined).length, 1);
    assert.equal(await next.look(alice, id), undefined);
  });

  it('can be read by nobody who has the storage, also not with what the storage knows of the session', async () => {
    await next.leave(alice, { SECRET });
    const [[place, sealed] = ['', '']] = stored;
    const bytes = Buffer.from(String(sealed), 'base64url');
    for (const text of [place, String(sealed), bytes.toString('latin1')]) assert.ok(!text.includes(SECRET), text);
    const known = Buffer.from(documentOf('the key of alice').replace(/^\w+:/, ''), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', known, bytes.subarray(0, 12), { authTagLength: 16 });
    assert.ok(!decipher.update(bytes.subarray(28)).includes(SECRET));
    const copy = new Map(stored);
    stored.clear();
    const mallory = browser('the key of mallory');
    const id = await next.leave(mallory, {});
    const [[own] = ['']] = stored;
    stored.set(own, copy.get(place));
    await assert.rejects(next.look(mallory, id), 'moved to the place of another browser');
  });

  it('is refused where somebody has changed it in the storage', async () => {
    const id = await next.leave(alice, { SECRET });
    const [[place, sealed] = ['', '']] = stored;
    const bytes = Buffer.from(String(sealed), 'base64url');
    for (const at of [0, 12, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      stored.set(place, changed.toString('base64url'));
      await assert.rejects(next.look(alice, id), `byte ${at}`);
    }
  });

  it('waits for ten minutes', async () => {
    await next.leave(alice, { SECRET });
    assert.deepEqual(lifetimes, [600]);
  });
});
