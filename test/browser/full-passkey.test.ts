/** A passkey as second factor in the full example, with a virtual authenticator: the API wants it, Postcards asks for it, and the token says so. RFC 9470. */
import assert from 'node:assert/strict';
import { assertAccessible } from '../support/accessibility.js';
import { browserOfSuite } from '../support/chromium.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, type Page } from '../support/full-agent.js';
import { type Visitor, visitor } from '../support/full-visitor.js';

describe('a passkey as second factor, in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;

  /** Somebody with an authenticator of their own. */
  async function equipped(options = {}): Promise<Visitor> {
    const made = await visitor(browser(), running.url, options);
    const devtools = await made.context.newCDPSession(made.page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'usb', hasResidentKey: false },
        ...{ hasUserVerification: false, automaticPresenceSimulation: true },
      },
    });
    return made;
  }
  async function enter(options = {}): Promise<void> {
    running = await startFull();
    someone = await equipped(options);
  }
  afterEach(async () => {
    await someone?.leave();
    await running?.stop();
  });

  async function addPasskey(): Promise<void> {
    await someone.page.goto(`${running.url}/account/passkeys`);
    await someone.logIn();
    await someone.shows('Passkeys');
    await someone.press('Add a passkey');
    await someone.page.getByRole('heading', { level: 2, name: /^Passkey of / }).waitFor();
  }
  async function erase(): Promise<string> {
    await someone.page
      .getByLabel('What to call')
      .selectOption({ label: 'Erase the notes, which wants a passkey: DELETE /api/notes' });
    const before = (await someone.steps()).length;
    await someone.press('Call the API');
    await someone.page.locator('.steps > li').nth(before).waitFor();
    await someone.page.waitForLoadState(); // there are more of them
    return (await someone.steps()).slice(before).join('\n');
  }

  /** Alice in another session, where a request waits for her passkey. */
  async function question(): Promise<{ readonly agent: Agent; readonly page: Page }> {
    const agent = new Agent(running.url);
    await agent.login(ALICE);
    const request = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'demo', scope: 'openid', acr_values: 'urn:example:passkey' },
      ...{
        redirect_uri: `${running.url}/demo/callback`,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      },
    });
    const page = await agent.open(`/authorize?${request}`);
    return { agent, page };
  }

  it('the API refuses a login by password alone, and takes one with the passkey, whose answer counts once', async () => {
    await enter();
    await addPasskey();
    await someone.start('Logging you in with your account there', 'Your name', 'Writing notes for you');
    await someone.allow();
    assert.match((await someone.steps()).join('\n'), /"acr": "urn:example:password"/);
    const refused = await erase();
    assert.match(
      refused,
      /401 Unauthorized[\s\S]*acr_values="urn:example:passkey", error="insufficient_user_authentication"/,
    );
    assert.match(refused, /RFC 9470 §3/);
    await someone.shows('Postcards is connected');
    await someone.press('Log in as the API wants');
    await someone.shows('Use your passkey');
    const sent = someone.page.waitForRequest((request) => request.url().endsWith('/authorize/passkey'));
    await someone.press('Use my passkey');
    const answer = new URLSearchParams((await sent).postData() ?? '').get('answer') ?? '';
    await someone.shows('Postcards is connected'); // what it asks for was allowed before
    const steps = (await someone.steps()).join('\n');
    assert.match(steps, /acr_values=urn:example:passkey/);
    assert.match(steps, /"acr": "urn:example:passkey"/);
    assert.match(steps, /"amr": \["pwd","pop","mfa"\]/);
    assert.match(await erase(), /200 OK[\s\S]*"notes": \[\]/);
    assert.match(answer, /"signature":/);
    const { agent, page } = await question();
    const again = await agent.send(formIn(page, '/authorize/passkey'), { answer });
    assert.match(again.text, /That passkey could not be checked/);
  });

  it('a user without one is told where to add one', async () => {
    await enter();
    await someone.start('Logging you in with your account there', 'Your name', 'Writing notes for you');
    await someone.logIn();
    await someone.allow();
    await erase();
    await someone.press('Log in as the API wants');
    await someone.shows('Use your passkey');
    assert.match(await someone.page.locator('main').innerText(), /You have none yet/);
    assert.equal(await someone.page.getByRole('button', { name: 'Use my passkey' }).count(), 0);
  });

  it('an answer that was made up changes nothing, and a removed passkey no longer counts', async () => {
    await enter();
    await addPasskey();
    const { agent, page } = await question();
    const form = formIn(page, '/authorize/passkey');
    const [, id = ''] = /allowCredentials&#34;:\[\{&#34;id&#34;:&#34;([\w-]+)/.exec(page.text) ?? [];
    assert.ok(id);
    const made = { id, rawId: id, type: 'public-key', clientExtensionResults: {} };
    const response = { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' };
    for (const answer of ['', 'null', '{}', '{"id":1}', JSON.stringify(made), JSON.stringify({ ...made, response })]) {
      const again = await agent.send(form, { answer });
      assert.equal(again.status, 200, answer);
      assert.match(again.text, /That passkey could not be checked/);
      assert.doesNotMatch(again.text, /Connect Postcards/);
    }
    await someone.press('Use my passkey');
    await someone.press(
      `Remove the passkey of ${new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date())}`,
    );
    await someone.page.getByRole('heading', { level: 2 }).waitFor({ state: 'detached' });
    assert.match((await agent.send(form, { answer: '{}' })).text, /You have none yet/);
  });

  it('whoever has the password alone adds no passkey of their own, and removes none', async () => {
    await enter();
    await addPasskey();
    const thief = await equipped();
    await thief.page.goto(`${running.url}/account/passkeys`);
    await thief.logIn();
    await thief.shows('Passkeys');
    assert.equal(await thief.page.getByRole('button', { name: /^(Add a|Remove the) passkey/ }).count(), 0);
    await thief.press('Use my passkey'); // the thief has another authenticator
    await thief.page.getByText('Your browser has given no passkey').waitFor();
    await thief.leave();
    const { agent, page: asked } = await question();
    const [, id = ''] = /allowCredentials&#34;:\[\{&#34;id&#34;:&#34;([\w-]+)/.exec(asked.text) ?? [];
    assert.ok(id);
    const fields = { csrf: formIn(await agent.open('/account'), '/logout').fields.get('csrf') ?? '', id, answer: '{}' };
    for (const path of ['/account/passkeys', '/account/passkeys/remove'])
      assert.equal((await agent.post(path, fields)).status, 403, path);
    assert.equal((await agent.post('/account/passkeys/show', fields)).location, '/account/passkeys?failed=yes');
    assert.match((await agent.send(formIn(asked, '/authorize/passkey'), { answer: '{}' })).text, /Use my passkey/);
  });

  it('an answer for one request is refused for another one, which wants the password first', async () => {
    await enter();
    await addPasskey();
    const query = {
      ...{ response_type: 'code', client_id: 'demo', scope: 'openid', acr_values: 'urn:example:passkey' },
      ...{
        redirect_uri: `${running.url}/demo/callback`,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      },
    };
    await someone.page.goto(`${running.url}/authorize?${new URLSearchParams(query)}`);
    await someone.shows('Use your passkey');
    const other = await someone.context.newPage();
    await other.goto(`${running.url}/authorize?${new URLSearchParams({ ...query, prompt: 'login' })}`);
    const wanting = await other.locator('form[action="/login"] input[name="transaction_id"]').inputValue();
    const field = someone.page.locator('form[data-passkey] input[name="transaction_id"]');
    await field.evaluate((input, id) => input.setAttribute('value', id), wanting);
    await someone.press('Use my passkey');
    await someone.shows('Log in');
  });

  it('axe finds nothing on its pages', async () => {
    await enter({ bypassCSP: true });
    await addPasskey();
    await assertAccessible(someone.page, 'passkeys');
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'demo', scope: 'openid', acr_values: 'urn:example:passkey' },
      ...{
        redirect_uri: `${running.url}/demo/callback`,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      },
    });
    await someone.page.goto(`${running.url}/authorize?${query}`);
    await someone.shows('Use your passkey');
    await assertAccessible(someone.page, 'the question for a passkey');
  });
});
