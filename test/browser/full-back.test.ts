/** Back and Reload in the browser, after each form of the full example: no error, and nothing is done twice. */
import assert from 'node:assert/strict';
import { browserOfSuite } from '../support/chromium.js';
import { type RunningFull, startFull } from '../support/full.js';
import { type Visitor, visitor } from '../support/full-visitor.js';

describe('Back and Reload in the full example, in Chromium', function () {
  this.timeout(120_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;
  beforeEach(async () => {
    running = await startFull();
    someone = await visitor(browser(), running.url);
    await someone.page.goto(`${running.url}/login`);
    await someone.logIn();
    await someone.shows('Welcome, Alice Liddell');
  });
  afterEach(async () => {
    await someone?.leave();
    await running?.stop();
  });

  /** A page of ours that says no error: Chromium has one of its own for a page that was the answer to a form. */
  async function assertShown(): Promise<void> {
    const { page } = someone;
    assert.ok(page.url().startsWith(running.url), page.url());
    const text = await page.locator('body').innerText();
    assert.doesNotMatch(text, /ERR_CACHE_MISS|This page is too old|Something went wrong|We cannot read this request/);
  }
  async function reload(): Promise<void> {
    await someone.page.reload();
    await assertShown();
  }
  /** Through the whole history. */
  async function goBack(): Promise<void> {
    for (let pages = 0; pages < 20; pages += 1) {
      const answer = await someone.page.goBack();
      if (someone.page.url() === 'about:blank' || answer === null) return;
      await assertShown();
    }
    assert.fail('there is no end');
  }
  const clients = async (): Promise<Map<string, unknown>> => new Map(await running.storage.collections.list('clients'));

  it('a client is registered once, and what was typed stays until it is right', async () => {
    const { page, press, shows } = someone;
    await page.goto(`${running.url}/clients/new`);
    await page.getByLabel('Name').fill('Garden');
    await page.getByLabel('Redirect URIs').fill('ftp://garden.example/');
    await press('Register');
    await page.getByRole('alert').waitFor();
    await reload();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Garden');
    await page.getByLabel('Redirect URIs').fill('https://garden.example/');
    await press('Register');
    await shows('Garden is registered');
    await reload();
    await shows('Garden');
    await page.getByText('A secret is shown only once').waitFor();
    await goBack();
    assert.equal((await clients()).size, 1);
  });

  it('a secret is replaced once', async () => {
    const { page, press, shows } = someone;
    await page.goto(`${running.url}/clients/new`);
    await page.getByLabel('Name').fill('Garden');
    await page.getByLabel('Redirect URIs').fill('https://garden.example/');
    await press('Register');
    await page.getByRole('link', { name: 'I have copied it' }).click();
    await press('Make a new secret');
    await shows('Garden has a new secret');
    const before = await clients();
    await reload();
    await shows('Garden');
    await goBack();
    assert.deepEqual(await clients(), before);
  });

  it('a session ends once, and so does a logout', async () => {
    const { page, press, shows } = someone;
    const other = await visitor(browser(), running.url);
    await other.page.goto(`${running.url}/login`);
    await other.logIn();
    await other.shows('Welcome, Alice Liddell');
    await other.leave();
    await page.goto(`${running.url}/account`);
    await page.getByRole('link', { name: 'Sign out there' }).click();
    await page.getByRole('button', { name: /^Sign out there: / }).click();
    await page.getByRole('status').waitFor();
    await reload();
    assert.equal(await page.getByRole('button', { name: /^Sign out there: / }).count(), 0);
    await page.goto(`${running.url}/end-session`);
    await press('Log out');
    await shows('You are logged out');
    await reload();
    await shows('You are logged out');
    await goBack();
  });

  it('a wrong code of a device is typed again, and an answer is given once', async () => {
    const { page, press, shows } = someone;
    const body = new URLSearchParams({ client_id: 'terminal', scope: 'openid profile' });
    const answer = await fetch(`${running.url}/device_authorization`, { method: 'POST', body });
    const { user_code } = (await answer.json()) as { readonly user_code: string };
    await page.goto(`${running.url}/device`);
    await page.getByLabel('The code on your device').fill('BBBB-BBBB');
    await press('Continue');
    await page.getByRole('alert').waitFor();
    await reload();
    await page.getByLabel('The code on your device').fill(user_code);
    await press('Continue');
    await press('Deny');
    await shows('The device gets nothing');
    await reload();
    await shows('The device gets nothing');
    await goBack();
  });
});
