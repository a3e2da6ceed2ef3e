/** The full example when two things happen at the same moment: notes up to their bound, and a consent that is withdrawn while it is given. */
import assert from 'node:assert/strict';
import { partition } from 'koauthorize/tokens';
import type { Storage } from '../../examples/full/storage/index.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, api, call, codeIn, exchange, formIn, type Page, ROBOT, request } from '../support/full-agent.js';

/** A storage in which something happens just before, or just after, tokens are stored. */
function withMoments(storage: Storage) {
  const moments: { before?: (() => Promise<unknown>) | undefined; after?: (() => Promise<unknown>) | undefined } = {};
  const tokens = partition(storage.tokens, 'another issuer');
  const put: typeof tokens.put = async (records, now, within) => {
    const { before, after } = moments;
    Object.assign(moments, { before: undefined, after: undefined });
    await before?.();
    const isStored = await tokens.put(records, now, within);
    await after?.();
    return isStored;
  };
  const wrapped = new Proxy(tokens, {
    get(target, name) {
      const member: unknown = name === 'put' ? put : Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { moments, storage: { ...storage, tokens: wrapped } };
}

describe('the full example, at the same moment', () => {
  let base: RunningFull;
  let full: RunningFull;
  let moments: ReturnType<typeof withMoments>['moments'];
  let agent: Agent;
  beforeEach(async () => {
    base = await startFull();
    const wrapped = withMoments(base.storage);
    moments = wrapped.moments;
    full = await startFull({ storage: wrapped.storage });
    agent = new Agent(full.url);
    await agent.login(ALICE);
  });
  afterEach(async () => {
    await full.stop();
    await base.stop();
  });

  it('concurrent requests cannot store more notes than the limit of 100', async function () {
    this.timeout(30_000);
    const { body } = await call(full.url, '/token', ROBOT, { grant_type: 'client_credentials' });
    const headers = { 'content-type': 'application/json' };
    const write = async (text: string): Promise<number> => {
      const init = { method: 'POST', body: JSON.stringify({ text }), headers };
      return (await api(full.url, String(body['access_token']), '/api/notes', init)).status;
    };
    const statuses = await Promise.all(Array.from({ length: 240 }, (_, i) => write(`note ${i}`)));
    assert.equal(statuses.filter((status) => status === 201).length, 100);
    assert.equal(statuses.filter((status) => status === 403).length, 140);
    const { notes } = (await (await api(full.url, String(body['access_token']), '/api/notes')).json()) as { notes: [] };
    assert.equal(notes.length, 100);
  });

  const ask = (scope: string): Promise<Page> => agent.open(request(full.url, { scope }));
  const allow = (dialog: Page): Promise<Page> => agent.submit(formIn(dialog, '/authorize/decision'));
  /** In another tab. */
  const disconnect = async (): Promise<void> => {
    const page = await agent.submit(formIn(await agent.open('/connected'), '/connected/revoke'));
    assert.equal(page.status, 303);
  };
  const isDenied = ({ status, location }: Page): void => {
    assert.ok(status === 302 || status === 303, `${status}`);
    const { searchParams } = new URL(location);
    assert.deepEqual([searchParams.get('error'), searchParams.get('code')], ['access_denied', null]);
  };
  const isGone = async (): Promise<void> => {
    assert.match((await agent.open('/connected')).text, /No application may act for you/);
    assert.ok(formIn(await ask('profile'), '/authorize/decision'), 'the user is asked again');
  };

  describe('a consent that is withdrawn', () => {
    beforeEach(async () => void (await exchange(full.url, codeIn(await allow(await ask('profile'))))));

    it('while the dialog is open: the Allow button grants nothing, and the consent is not stored again', async () => {
      const dialog = await ask('profile email');
      await disconnect();
      isDenied(await allow(dialog));
      await isGone();
    });

    for (const moment of ['before', 'after'] as const) {
      it(`just ${moment} the code is stored that Allow gives: the same`, async () => {
        const dialog = await ask('profile email');
        moments[moment] = disconnect;
        isDenied(await allow(dialog));
        await isGone();
      });

      it(`just ${moment} the code is stored that is given without a dialog: the same`, async () => {
        moments[moment] = disconnect;
        isDenied(await ask('profile'));
        await isGone();
      });
    }

    it('while it is given, 30 times: it is there with its tokens, or neither is', async function () {
      this.timeout(30_000);
      for (let round = 0; round < 30; round += 1) {
        const dialog = await ask('profile email');
        const [answer] = await Promise.all([allow(dialog), disconnect()]);
        const code = new URL(answer.location).searchParams.get('code');
        const stored = await full.storage.collections.get('consents of u1', 'demo');
        assert.deepEqual((stored as { scope: string[] }).scope, [], `round ${round}`);
        if (code) await assert.rejects(exchange(full.url, code), /invalid_grant/, 'the code was ended with the rest');
        await exchange(full.url, codeIn(await allow(await ask('profile'))));
      }
    });

    it('counts again when it is given again', async () => {
      await disconnect();
      codeIn(await allow(await ask('profile')));
      codeIn(await ask('profile')); // without a question
    });
  });

  it('two dialogs that are allowed at once are both remembered', async () => {
    const dialogs = [await ask('profile'), await ask('email'), await ask('notes')];
    for (const answer of await Promise.all(dialogs.map(allow))) codeIn(answer);
    codeIn(await ask('profile email notes'));
  });

  it('of one user 200 consents are kept: above that, the user is asked each time', async () => {
    const { collections } = full.storage;
    for (let i = 0; i < 200; i += 1)
      await collections.put('consents of u1', `client${i}`, { scope: ['profile'], since: 1 });
    codeIn(await allow(await ask('profile')));
    assert.ok(formIn(await ask('profile'), '/authorize/decision'));
    assert.equal((await collections.list('consents of u1')).size, 200);
  });
});
