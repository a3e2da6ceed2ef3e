/** What a person sees of the full example after a decision: the result in view, on a phone, too; and no error on the way back from what succeeded. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { browserOfSuite } from '../support/chromium.js';
import { type RunningFull, startFull } from '../support/full.js';
import { type Visitor, visitor } from '../support/full-visitor.js';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const STAMP = 'Paying 1.20 EUR for a stamp, once';

describe('after a decision, in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;

  afterEach(async () => {
    await someone?.leave();
    await running?.stop();
  });

  async function enter(options = {}): Promise<void> {
    running = await startFull();
    someone = await visitor(browser(), running.url, options);
  }
  async function connect(...scopes: readonly string[]): Promise<void> {
    await someone.start(...scopes);
    await someone.logIn();
    await someone.allow();
  }
  const topOf = async (part: Locator): Promise<number> => (await part.boundingBox())?.y ?? 0;

  for (const [name, options] of [
    ['a phone', PHONE],
    ['a desktop', { viewport: { width: 1280, height: 800 } }],
  ] as const) {
    it(`on ${name} what has come of it is in view, and only the last step is open`, async () => {
      await enter(options);
      await connect('Your name');
      const { page } = someone;
      const top = await topOf(page.getByRole('status'));
      assert.ok(top > 0 && top < options.viewport.height / 2, `${top}`);
      assert.match(await page.getByRole('status').innerText(), /It worked\. Postcards may act for Alice Liddell now/);
      const open = (): Promise<number> => page.locator('.steps details[open]').count();
      assert.equal(await open(), 1);
      assert.ok(await page.locator('.steps li').last().locator('details[open]').isVisible());
      await someone.press('Replay the code');
      await someone.shows('Postcards is no longer connected');
      const after = await topOf(page.getByRole('status'));
      assert.ok(after > 0 && after < options.viewport.height / 2, `${after}`);
      await page.getByRole('link', { name: /^Open all \d+ steps$/ }).click();
      await page.getByRole('link', { name: 'Close all but the last' }).waitFor();
      assert.equal(await open(), await page.locator('.steps details').count());
      await page.getByRole('link', { name: 'Close all but the last' }).click();
      await page.getByRole('link', { name: /^Open all/ }).waitFor();
      await page.getByRole('link', { name: /^See step \d+$/ }).click();
      assert.ok(
        await page.locator('.steps .refused details[open]').first().isVisible(),
        'the step that it names opens',
      );
    });
  }

  it('on a phone the buttons come before the log, and the rest of a long line is indented', async () => {
    await enter(PHONE);
    await connect('Your name');
    const { page } = someone;
    assert.ok((await topOf(page.getByRole('button', { name: 'Call the API' }))) < (await topOf(page.locator('.log'))));
    await page.getByRole('link', { name: /^Open all/ }).click();
    const [first, second] = await page.evaluate<readonly number[]>(`{
      const line = [...document.querySelectorAll('.text')].find(({ textContent }) => textContent.includes('code_challenge='));
      const range = document.createRange();
      range.selectNodeContents(line);
      [...range.getClientRects()].map(({ left }) => left);
    }`);
    assert.ok(second !== undefined && first !== undefined && second > first, `${first} ${second}`);
  });

  it('an attack looks unlike a use', async () => {
    await enter();
    await connect('Your name');
    const colour = (name: string): Promise<string> =>
      someone.page.evaluate<string>(
        `getComputedStyle([...document.querySelectorAll('button')].find(({ textContent }) => textContent === '${name}')).color`,
      );
    assert.notEqual(await colour('Replay the code'), await colour('Introspect'));
    await someone.press('Replay the code');
    await someone.shows('Postcards is no longer connected');
    assert.equal(await someone.page.locator('.steps .tag', { hasText: 'Attack' }).count(), 1);
  });

  const noError = async (): Promise<void> => {
    assert.equal(await someone.page.getByRole('alert').count(), 0);
    assert.doesNotMatch(await someone.page.locator('h1').innerText(), /too old|wrong|does not work|answered/);
  };

  it('back from a payment that was allowed: says so, and goes on', async () => {
    await enter();
    await connect('Your name', STAMP);
    await someone.page.goBack();
    await noError();
    await someone.shows('You have allowed this');
    await someone.page.getByRole('link', { name: 'Go on to Postcards' }).click();
    await someone.shows('Postcards is connected');
    await noError();
  });

  it('back from a denial: the dialog; and Allow counts then', async () => {
    await enter();
    await someone.start('Your name');
    await someone.logIn();
    await someone.press('Deny');
    await someone.shows('Postcards is not connected');
    await someone.page.goBack();
    assert.doesNotMatch(await someone.page.locator('h1').innerText(), /too old|wrong|does not work/);
  });

  it('back from the login, from a page that it led to: no error, and no second login', async () => {
    await enter();
    await someone.page.goto(`${running.url}/connected`);
    await someone.logIn();
    await someone.shows('Connected apps');
    await someone.page.goBack();
    await noError();
    await someone.page.goto(`${running.url}/login`);
    await someone.logIn();
    await someone.shows('Welcome, Alice Liddell');
    await someone.page.goBack();
    await noError();
  });

  it('back from a disconnection: the list, without an error', async () => {
    await enter();
    await connect('Your name');
    await someone.page.goto(`${running.url}/connected`);
    await someone.press('Disconnect Postcards');
    await someone.page.getByRole('status').waitFor();
    await someone.page.goBack();
    await someone.shows('Connected apps');
    await noError();
  });

  it('back from a device that was connected: no error', async () => {
    await enter();
    const body = new URLSearchParams({ client_id: 'terminal', scope: 'profile' });
    const answer = await fetch(`${running.url}/device_authorization`, { method: 'POST', body });
    const { user_code } = (await answer.json()) as { readonly user_code: string };
    await someone.page.goto(`${running.url}/device`);
    await someone.logIn();
    await someone.page.getByLabel('The code on your device').fill(user_code);
    await someone.press('Continue');
    await someone.shows('Connect a device to Terminal?');
    await someone.press('Allow');
    await someone.shows('Go back to your device');
    await someone.page.goBack();
    await noError();
  });
});
