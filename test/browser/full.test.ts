/** The pages of the full example in a real browser, as a person meets them: each page, and each outcome. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CHALLENGE } from '../support/authorization-server.js';
import { browserOfSuite } from '../support/chromium.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { type Visitor, visitor } from '../support/full-visitor.js';

const PROFILE = 'Your name';
const EMAIL = 'Your e-mail address';

describe('the full example in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;

  beforeEach(async () => {
    running = await startFull(); // nobody has allowed anything yet
    someone = await visitor(browser(), running.url);
  });
  afterEach(async () => {
    await someone?.leave();
    await running?.stop();
  });

  const text = (): Promise<string> => someone.page.locator('main').innerText();
  const alert = (): Promise<string> => someone.page.getByRole('alert').innerText();

  /** From the demo application to the dialog. */
  async function ask(...scopes: readonly string[]): Promise<void> {
    await someone.start(...scopes);
    await someone.logIn();
    await someone.shows('Connect Postcards?');
  }

  describe('login', () => {
    it('says who waits for it, and leads back', async () => {
      await someone.start(PROFILE);
      await someone.shows('Log in');
      assert.match(await text(), /to continue to Postcards/);
      assert.equal(await someone.page.title(), 'Log in · Example Accounts');
      await someone.logIn();
      await someone.shows('Connect Postcards?');
    });

    it('a wrong password: says so, keeps the name and the way back', async () => {
      await someone.start(PROFILE);
      await someone.logIn({ ...ALICE, password: 'wrong' });
      assert.equal(await alert(), 'That is not a user name and password we know.');
      assert.equal(await someone.page.getByLabel('User name').inputValue(), ALICE.username);
      assert.equal(await someone.page.getByLabel('Password').inputValue(), '');
      const described = await someone.page.getByLabel('Password').getAttribute('aria-describedby');
      assert.equal(await someone.page.locator(`#${described}`).innerText(), await alert());
      await someone.logIn();
      await someone.shows('Connect Postcards?');
    });

    it('too many wrong passwords: says how long to wait, even to who knows it now', async () => {
      await someone.page.goto(`${running.url}/login`);
      for (let guess = 0; guess < 10; guess += 1) await someone.logIn({ ...ALICE, password: `guess ${guess}` });
      assert.equal(await alert(), 'That is not a user name and password we know.');
      await someone.logIn();
      assert.match(await alert(), /^Too many attempts\. Please try again in \d+ minutes\.$/);
      await someone.logIn(BOB);
      await someone.shows(`Welcome, Bob Builder`);
    });

    it('from a page that is out of date: asks again', async () => {
      await someone.page.goto(`${running.url}/login`);
      await someone.context.clearCookies();
      await someone.logIn();
      assert.equal(await alert(), 'This page was open for too long. Please log in again.');
      await someone.logIn();
      await someone.shows('Welcome, Alice Liddell');
    });

    it('leads back to this server only', async () => {
      for (const elsewhere of ['https://attacker.example/', '//attacker.example/', '/\\attacker.example/']) {
        await someone.context.clearCookies();
        await someone.page.goto(`${running.url}/login?return_to=${encodeURIComponent(elsewhere)}`);
        await someone.logIn();
        await someone.shows('Welcome, Alice Liddell');
        assert.equal(someone.page.url(), `${running.url}/`);
      }
    });

    it('log out', async () => {
      await someone.page.goto(`${running.url}/login`);
      await someone.logIn();
      await someone.shows('Welcome, Alice Liddell');
      await someone.press('Log out');
      await someone.shows('Your account, your decision');
      await someone.page.goto(`${running.url}/connected`);
      await someone.shows('Log in');
    });
  });

  describe('the consent dialog', () => {
    it('says who asks, for whose account, for what, and where the answer goes', async () => {
      await ask(PROFILE, EMAIL);
      const dialog = await text();
      for (const said of ['Alice Liddell', 'Not you?', 'See your name', 'See your e-mail address', 'Allow', 'Deny'])
        assert.ok(dialog.includes(said), said);
      assert.ok(dialog.includes(`Either way you go on to ${new URL(running.url).host}`));
      assert.ok(!dialog.includes('New'), 'nothing is new to who allowed nothing');
      for (const box of await someone.page.getByRole('checkbox').all()) assert.ok(await box.isChecked(), 'ticked');
    });

    it('allow: the application gets what it asked for', async () => {
      await ask(PROFILE, EMAIL);
      await someone.allow();
      assert.match((await someone.steps()).join(), /"scope": "profile email"[\s\S]*"email": "alice@example\.com"/);
    });

    it('allow a part: the application gets that part', async () => {
      await ask(PROFILE, EMAIL);
      await someone.page.getByLabel('See your e-mail address').uncheck();
      await someone.allow();
      const steps = (await someone.steps()).join();
      assert.match(steps, /"scope": "profile"/);
      assert.doesNotMatch(steps, /alice@example\.com/);
    });

    it('nothing ticked is a no', async () => {
      await ask(PROFILE);
      await someone.page.getByLabel('See your name').uncheck();
      await someone.press('Allow');
      await someone.shows('Postcards is not connected');
      assert.equal(await alert(), 'You did not allow it. Nothing was handed out.');
    });

    it('deny: the application learns that, and nothing else', async () => {
      await ask(PROFILE);
      await someone.press('Deny');
      await someone.shows('Postcards is not connected');
      assert.equal(await alert(), 'You did not allow it. Nothing was handed out.');
      assert.match((await someone.steps()).at(-1) ?? '', /error=access_denied/);
    });

    it('what was allowed is not asked again; what is new is, and is marked', async () => {
      await ask(PROFILE);
      await someone.allow();
      await someone.start(PROFILE);
      await someone.shows('Postcards is connected');
      await someone.start(PROFILE, EMAIL);
      await someone.shows('Postcards asks for more');
      const rows = await someone.page.locator('.scopes li').allInnerTexts();
      assert.deepEqual(
        rows.map((row) => row.trim().replace(/\s+/g, ' ').replace(' What it sees', '')),
        ['See your name, and what else is in your profile', 'See your e-mail address New'],
      );
      await someone.allow();
      assert.match((await someone.steps()).join(), /"scope": "profile email"/);
    });

    it('not you: someone else logs in and is asked', async () => {
      await ask(PROFILE);
      await someone.page.getByRole('link', { name: 'Not you?' }).click();
      await someone.logIn(BOB);
      await someone.shows('Connect Postcards?');
      assert.match(await text(), /Bob Builder/);
      await someone.allow();
      assert.match((await someone.steps()).join(), /"name": "Bob Builder"/);
    });

    it('cookies gone before the decision: a page that says what to do', async () => {
      await ask(PROFILE);
      await someone.context.clearCookies();
      await someone.press('Allow');
      await someone.shows('This page is too old');
      assert.match(await text(), /go back to the application that you came from/);
    });

    it('the same dialog sent again: refused', async () => {
      await ask(PROFILE);
      const id = await someone.page.locator('input[name=transaction_id]').inputValue();
      await someone.allow();
      const again = await someone.page.request.post(`${running.url}/authorize/decision`, {
        form: { transaction_id: id, scope: 'profile' },
      });
      assert.equal(again.status(), 403);
    });

    it('no other page can frame it', async () => {
      await ask(PROFILE);
      const dialog = someone.page.url();
      const other = createServer((_, response) => {
        response.setHeader('Content-Type', 'text/html').end(`<iframe src="${dialog}"></iframe>`);
      });
      await new Promise<void>((resolve) => other.listen(0, resolve));
      await someone.page.goto(`http://localhost:${(other.address() as AddressInfo).port}/`);
      assert.equal(await someone.page.frames()[1]?.getByRole('button', { name: 'Allow' }).count(), 0);
      other.close();
      other.closeAllConnections();
      const complaints = someone.complaints.splice(0);
      assert.ok(complaints.length > 0 && complaints.every((said) => /frame|404/i.test(said)), complaints.join('\n'));
    });
  });

  describe('connected apps', () => {
    it('nothing yet', async () => {
      await someone.page.goto(`${running.url}/connected`);
      await someone.logIn();
      await someone.shows('Connected apps');
      assert.match(await text(), /No application may act for you/);
    });

    it('says what each may do and since when; disconnecting ends it, and it has to ask again', async () => {
      await ask(PROFILE, EMAIL);
      await someone.allow();
      await someone.page.goto(`${running.url}/connected`);
      assert.match(
        await text(),
        /Postcards\s+Connected since \d+ \w+ \d{4}[\s\S]*See your name[\s\S]*\s+See your e-mail address/,
      );
      await someone.press('Disconnect Postcards');
      await someone.page.getByRole('status').waitFor();
      assert.equal(await someone.page.getByRole('status').innerText(), 'Postcards is disconnected.');
      assert.match(await text(), /No application may act for you/);
      await someone.page.goto(`${running.url}/demo`);
      await someone.press('Call the API');
      await someone.shows('Postcards is no longer connected');
      await someone.start(PROFILE);
      await someone.shows('Connect Postcards?');
    });
  });

  describe('registration', () => {
    async function register(name: string, uris: string, kind: RegExp): Promise<void> {
      await someone.page.goto(`${running.url}/clients/new`);
      if (await someone.page.getByLabel('Password').isVisible()) await someone.logIn();
      await someone.shows('Register a client');
      await someone.page.getByLabel('Name').fill(name);
      await someone.page.getByLabel('Redirect URIs').fill(uris);
      await someone.page.getByLabel(kind).check();
      await someone.press('Register');
    }

    it('a confidential client: its secret is shown once', async () => {
      await register('Garden', 'https://garden.example/callback', /with a server/);
      await someone.shows('Garden is registered');
      assert.match(await text(), /Copy the secret now/);
      const secret = await someone.page.locator('dt:text("Client secret") + dd code').innerText();
      assert.ok(secret.length >= 32);
      await someone.page.getByRole('link', { name: 'I have copied it' }).click();
      await someone.shows('Garden');
      assert.match(await text(), /Confidential[\s\S]*https:\/\/garden\.example\/callback/);
      await someone.page.getByRole('link', { name: 'Your clients' }).click();
      await someone.shows('Your clients');
      assert.match(await text(), /Garden[\s\S]*Confidential[\s\S]*https:\/\/garden\.example\/callback/);
      assert.ok(!(await someone.page.content()).includes(secret));
    });

    it('a public client: has no secret, and can ask at once', async () => {
      await register('Pocket', 'http://127.0.0.1/callback', /on a phone/);
      await someone.shows('Pocket is registered');
      assert.ok(!(await text()).includes('Client secret'));
      const id = await someone.page.locator('dt:text("Client ID") + dd code').innerText();
      await someone.page.goto(request({ client_id: id, redirect_uri: 'http://127.0.0.1:4711/callback' }));
      await someone.shows('Connect Pocket?');
      assert.match(await text(), /Either way you go on to 127\.0\.0\.1:4711/);
    });

    it('an invalid one: says what is wrong, at the field, and keeps what was typed', async () => {
      await register('Garden', 'http://garden.example/callback', /with a server/);
      assert.match(await alert(), /https/);
      const field = someone.page.getByLabel('Redirect URIs');
      assert.equal(await field.getAttribute('aria-invalid'), 'true');
      assert.match((await field.getAttribute('aria-describedby')) ?? '', /^problem /);
      assert.equal(await field.inputValue(), 'http://garden.example/callback');
      assert.equal(await someone.page.getByLabel('Name').inputValue(), 'Garden');
    });

    it('a name with markup in it stays text, here and in the dialog', async () => {
      await register('Tom <b>&</b> "Co"', 'https://tom.example/', /with a server/);
      await someone.shows('Tom <b>&</b> "Co" is registered');
      const id = await someone.page.locator('dt:text("Client ID") + dd code').innerText();
      await someone.page.goto(request({ client_id: id, redirect_uri: 'https://tom.example/' }));
      await someone.shows('Connect Tom <b>&</b> "Co"?');
      assert.equal(await someone.page.locator('main b').count(), 0);
    });

    it('remove a client', async () => {
      await register('Garden', 'https://garden.example/callback', /with a server/);
      await someone.page.goto(`${running.url}/clients`);
      await someone.page.getByRole('link', { name: 'Manage Garden' }).click();
      await someone.page.getByRole('link', { name: 'Remove' }).click();
      await someone.shows('Remove Garden?');
      await someone.press('Remove');
      await someone.page.getByText('You have not registered any yet').waitFor();
      await someone.page.goBack();
      assert.equal(await someone.page.getByRole('alert').count(), 0);
      assert.doesNotMatch(await text(), /no such page|too old/);
    });

    it('what developers need is copied by a button', async () => {
      await someone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await register('Garden', 'https://garden.example/callback', /with a server/);
      await someone.shows('Garden is registered');
      const copied = (): Promise<string> => someone.page.evaluate<string>('navigator.clipboard.readText()');
      await someone.press('Copy the secret');
      await someone.page.getByText('Copied', { exact: true }).waitFor();
      assert.equal(await copied(), await someone.page.locator('#secret').textContent());
      await someone.page.getByRole('link', { name: 'I have copied it' }).click();
      await someone.shows('Garden');
      await someone.press('Copy the address');
      await someone.page.getByText('Copied', { exact: true }).waitFor();
      assert.equal(await copied(), await someone.page.locator('#url').textContent());
      await someone.page.evaluate(
        `{ const script = document.createElement('script'); script.textContent = 'window.injected = true'; document.body.append(script); }`,
      );
      assert.equal(await someone.page.evaluate('window.injected'), undefined);
      assert.match(someone.complaints.splice(0).join(), /Content Security Policy/i);
    });
  });

  const request = (params: Readonly<Record<string, string>>): string =>
    `${running.url}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: 'demo',
      redirect_uri: `${running.url}/demo/callback`,
      scope: 'profile',
      state: `a "state" & <more>`,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...params,
    })}`;

  describe('errors', () => {
    it('a request that cannot be answered: what happened, a number, and nothing of what was sent', async () => {
      await someone.page.goto(request({ client_id: '<img src=x onerror=alert(1)>' }));
      await someone.shows('This link does not work'); // and nobody has to log in for that
      assert.match(await text(), /If you ask for help, give this number: \S+/);
      assert.doesNotMatch(await text(), /unauthorized_client|invalid|client_id|onerror/);
      assert.equal(await someone.page.locator('img').count(), 0);
    });

    it('a page that does not exist', async () => {
      await someone.page.goto(`${running.url}/nothing`);
      await someone.shows('There is no such page');
      await someone.page.getByRole('link', { name: 'Go to the first page' }).click();
      await someone.shows('Your account, your decision');
    });
  });
});
