/** What users are asked on their own device at the full example: the pages, and the till of examples/ciba. */
import assert from 'node:assert/strict';
import { ask } from '../../examples/ciba/till.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, type Page } from '../support/full-agent.js';

describe('the full example: requests that users answer on their own device', () => {
  let full: RunningFull;
  before(async () => {
    full = await startFull();
  });
  after(() => full.stop());

  const posted = async (path: string, fields: Readonly<Record<string, string>>) => {
    const answer = await fetch(new URL(path, full.url), {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('till:only-tills-know')}` },
      body: new URLSearchParams(fields),
    });
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, string>> };
  };
  const begin = async (more: Readonly<Record<string, string>> = {}) =>
    posted('/backchannel_authentication', {
      scope: 'openid profile email',
      login_hint: 'alice',
      binding_message: 'TILL-1234',
      ...more,
    });
  const poll = (auth_req_id: string | undefined) =>
    posted('/token', { grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: auth_req_id ?? '' });
  const alice = async (): Promise<Agent> => {
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    return agent;
  };
  /** The dialog of the only request that waits. */
  const open = async (agent: Agent): Promise<Page> => {
    const [, path] = /href="(\/backchannel\?id=[^"]+)"/.exec((await agent.open('/requests')).text) ?? [];
    return agent.open(path ?? assert.fail('nothing waits'));
  };

  it('the till gets the name of the user who has allowed it, and is among their connected apps', async () => {
    let connecting: Promise<string> | undefined;
    const message = await new Promise<string>((resolve, reject) => {
      const print = (line: string): void => resolve(/compare (\S+)/.exec(line)?.[1] ?? '');
      connecting = ask({ issuer: full.issuer, customer: 'alice', print });
      connecting.catch(reject);
    });
    const agent = await alice();
    assert.match((await agent.open('/')).text, /href="\/requests"/);
    const dialog = await open(agent);
    assert.match(dialog.text, /Allow Till\?/);
    assert.ok(message !== '' && dialog.text.includes(message));
    assert.match((await agent.send(formIn(dialog, '/backchannel/decision'))).text, /You have allowed it/);
    assert.equal(await connecting, 'Alice Liddell');
    assert.match((await agent.open('/connected')).text, /Till/);
    assert.match((await agent.open('/requests')).text, /Nothing waits for you/);
  }).timeout(30_000);

  it('what is not ticked is not given', async () => {
    const { body } = await begin();
    const agent = await alice();
    const dialog = await open(agent);
    assert.match(dialog.text, /See your e-mail address/);
    await agent.submit(formIn(dialog, '/backchannel/decision'), { scope: ['openid', 'profile'] });
    const answer = await poll(body['auth_req_id']);
    assert.deepEqual([answer.status, answer.body['scope']], [200, 'openid profile']);
  });

  it('requests that are over leave nothing, though their user never looks', async () => {
    const { collections } = full.storage;
    for (const id of ['one', 'two']) await collections.put('asked of u1', id, { id, expiresAt: 1 });
    await begin();
    const kept = await collections.list('asked of u1');
    assert.deepEqual([kept.has('one'), kept.has('two')], [false, false]);
    const agent = await alice();
    await agent.submit(formIn(await open(agent), '/backchannel/decision'), { cancel: 'yes' });
  });

  it('who denies it is told so, and the till gets nothing', async () => {
    const { body } = await begin();
    const agent = await alice();
    const denied = await agent.send(formIn(await open(agent), '/backchannel/decision'), { cancel: 'yes' });
    assert.match(denied.text, /You have denied it/);
    assert.equal((await poll(body['auth_req_id'])).body['error'], 'access_denied');
  });

  it('who is not logged in logs in first, and others see nothing of it', async () => {
    await begin();
    const agent = await alice();
    const [, path = ''] = /href="(\/backchannel\?id=[^"]+)"/.exec((await agent.open('/requests')).text) ?? [];
    const other = new Agent(full.url);
    const login = await other.open(path);
    const back = await other.submit(formIn(login, '/login'), { username: 'bob', password: 'builder' });
    assert.equal(back.location, path);
    assert.match((await other.open(path)).text, /Nothing waits for you here/);
    assert.match((await other.open('/requests')).text, /Nothing waits for you/);
    await agent.submit(formIn(await open(agent), '/backchannel/decision'), { cancel: 'yes' });
  });

  it('nobody is asked without a message to compare, and no user whom there is not', async () => {
    assert.deepEqual((await begin({ binding_message: '' })).body['error'], 'invalid_request');
    assert.deepEqual((await begin({ login_hint: 'nobody' })).body['error'], 'unknown_user_id');
  });
});
