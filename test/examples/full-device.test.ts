/** Devices at the full example: the pages, and the terminal of examples/device. */
import assert from 'node:assert/strict';
import { connect } from '../../examples/device/terminal.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, type Page } from '../support/full-agent.js';

describe('the full example: devices', () => {
  let full: RunningFull;
  before(async () => {
    full = await startFull();
  });
  after(() => full.stop());

  interface Begun {
    readonly device_code: string;
    readonly user_code: string;
  }

  const posted = async (path: string, fields: Readonly<Record<string, string>>) => {
    const answer = await fetch(new URL(path, full.url), {
      method: 'POST',
      headers: { 'user-agent': 'A terminal' },
      body: new URLSearchParams({ client_id: 'terminal', ...fields }),
    });
    return { status: answer.status, body: (await answer.json()) as Begun & { error?: string; scope?: string } };
  };
  const begin = async (): Promise<Begun> => {
    const { status, body } = await posted('/device_authorization', { scope: 'openid profile email' });
    assert.equal(status, 200);
    return body;
  };
  const poll = (device_code: string) =>
    posted('/token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code });
  const alice = async (): Promise<Agent> => {
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    return agent;
  };
  const follow = async (agent: Agent, page: Page): Promise<Page> => (page.location ? agent.open(page.location) : page);
  const type = async (agent: Agent, user_code: string): Promise<Page> =>
    follow(agent, await agent.submit(formIn(await agent.open('/device'), '/device'), { user_code }));
  const decide = async (agent: Agent, dialog: Page, fields = {}): Promise<Page> =>
    follow(agent, await agent.submit(formIn(dialog, '/device/decision'), fields));

  it('the terminal gets the name of the user who has allowed it, and is among their connected apps', async () => {
    const lines: string[] = [];
    let connecting: Promise<string> | undefined;
    const code = await new Promise<string>((resolve, reject) => {
      const print = (line: string): void => {
        lines.push(line);
        const [, shown] = /and type (\S+)/.exec(line) ?? [];
        if (shown) resolve(shown);
      };
      connecting = connect({ issuer: full.issuer, print });
      connecting.catch(reject);
    });
    const agent = await alice();
    const dialog = await type(agent, code);
    assert.match(dialog.text, /Connect a device to Terminal\?/);
    const done = await decide(agent, dialog);
    assert.match(done.text, /Go back to your device/);
    assert.equal(await connecting, 'Alice Liddell');
    assert.match(lines.join('\n'), /http:\/\/localhost:\d+\/device/);
    assert.match((await agent.open('/connected')).text, /Terminal/);
  }).timeout(30_000);

  it('the dialog shows which device asks, from where, and for which scope; unticked scopes are not granted', async () => {
    const { device_code, user_code } = await begin();
    const agent = await alice();
    const dialog = await type(agent, user_code);
    assert.match(dialog.text, new RegExp(user_code));
    assert.match(dialog.text, /A terminal/);
    assert.match(dialog.text, /which is where you are/);
    assert.match(dialog.text, /See your e-mail address/);
    await agent.submit(formIn(dialog, '/device/decision'), { scope: ['openid', 'profile'] });
    const { status, body } = await poll(device_code);
    assert.deepEqual([status, body.scope], [200, 'openid profile']);
  });

  it('who is not logged in logs in first, and finds the code in the form', async () => {
    const { user_code } = await begin();
    const agent = new Agent(full.url);
    const login = await agent.open(`/device?user_code=${user_code}`);
    const back = await agent.submit(formIn(login, '/login'), ALICE);
    assert.equal(back.location, `/device?user_code=${user_code}`);
    assert.equal(formIn(await agent.open(back.location), '/device').fields.get('user_code'), user_code);
  });

  it('who denies it, or types what is no code, is told so, and the device gets nothing', async () => {
    const { device_code, user_code } = await begin();
    const agent = await alice();
    const wrong = await type(agent, 'BBBB-BBBB');
    assert.match(wrong.text, /No device waits with this code/);
    const denied = await decide(agent, await type(agent, user_code), { cancel: 'yes' });
    assert.match(denied.text, /The device gets nothing/);
    assert.equal((await poll(device_code)).body.error, 'access_denied');
  });

  it('what was allowed ends with the session, also before the device has fetched it', async () => {
    const { device_code, user_code } = await begin();
    const agent = await alice();
    await agent.submit(formIn(await type(agent, user_code), '/device/decision'));
    await agent.submit(formIn(await agent.open('/'), '/logout'));
    assert.equal((await poll(device_code)).body.error, 'invalid_grant');
  });
});
