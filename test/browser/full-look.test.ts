/**
 * Every page of the full example, as it looks and as it is read out: axe-core, sizes of targets, and the same way without any script.
 * SCREENSHOTS=1 writes screenshots for a person to test/output/; WRITE_PICTURES=1 writes the pictures of the README.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { root } from '../run.js';
import { assertAccessible, assertContrast } from '../support/accessibility.js';
import { browserOfSuite } from '../support/chromium.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { type Visitor, visitor } from '../support/full-visitor.js';
import { takeScreenshot } from '../support/screenshots.js';

const writesPictures = process.env['WRITE_PICTURES'] === '1';
const PROFILE = 'Your name';
const EMAIL = 'Your e-mail address';

type Look = (what: string) => Promise<void>;

async function connects({ page, shows, press, logIn, start, allow }: Visitor, url: string, look: Look): Promise<void> {
  await page.goto(url);
  await look('home');
  await page.getByRole('link', { name: 'Open the demo' }).click();
  await shows('Connect your account to Postcards');
  await look('demo-start');
  await start(PROFILE);
  await shows('Log in');
  await look('login');
  await logIn({ ...ALICE, password: 'wrong' });
  await page.getByRole('alert').waitFor();
  await look('login-wrong');
  await logIn();
  await shows('Connect Postcards?');
  await look('consent');
  await press('Deny');
  await shows('Postcards is not connected');
  await look('demo-denied');
  await start(PROFILE);
  await shows('Connect Postcards?');
  await allow();
  await look('demo-connected');
  await start(PROFILE);
  await shows('Postcards is connected');
  await look('demo-remembered');
  await page.goto(`${url}/demo?open=all`);
  await look('demo-open');
  await page.goto(`${url}/demo/read`);
  await shows('Docs and source');
  await look('read');
}

async function continues({ page, shows, press, start, allow }: Visitor, url: string, look: Look): Promise<void> {
  await start(PROFILE, EMAIL);
  await shows('Postcards asks for more');
  await look('consent-more');
  await allow();
  await press('Refresh');
  await page.locator('.steps h3', { hasText: 'Postcards asks for new tokens' }).waitFor();
  await press('Replay the code');
  await shows('Postcards is no longer connected');
  await look('demo-replayed');
  await page.goto(url);
  await shows('Welcome, Alice Liddell');
  await look('home-logged-in');
  await page.goto(`${url}/connected`);
  await look('connected');
  await press('Disconnect Postcards');
  await page.getByRole('status').waitFor();
  await look('connected-none');
}

async function registers({ page, shows, press }: Visitor, url: string, look: Look): Promise<void> {
  await page.goto(`${url}/clients`);
  await look('clients-none');
  await page.getByRole('link', { name: 'Register a client' }).click();
  await shows('Register a client');
  await look('registration');
  await page.getByLabel('Name').fill('Garden Planner');
  await page.getByLabel('Redirect URIs').fill('ftp://garden.example/');
  await press('Register');
  await page.getByRole('alert').waitFor();
  await look('registration-invalid');
  await page
    .getByLabel('Redirect URIs')
    .fill(`https://garden.example/callback\nhttps://planner.garden.example/${'a-long-path/'.repeat(8)}`);
  await press('Register');
  await shows('Garden Planner is registered');
  await look('registered');
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await shows('Garden Planner');
  await look('client');
  await page.getByRole('link', { name: 'Change' }).click();
  await shows('Change Garden Planner');
  await look('client-change');
  await page.goto(`${url}/clients`);
  await look('clients');
  await page.getByRole('link', { name: 'Manage Garden Planner' }).click();
  await page.getByRole('link', { name: 'Remove' }).click();
  await shows('Remove Garden Planner?');
  await look('client-removal');
}

async function fails({ page, shows }: Visitor, url: string, look: Look): Promise<void> {
  await page.goto(`${url}/authorize?client_id=nobody`);
  await shows('This link does not work');
  await look('error');
  await page.goto(`${url}/nothing`);
  await shows('There is no such page');
  await look('error-not-found');
  await page.goto(`${url}/demo/callback?code=1&state=2`);
  await look('demo-unasked');
}

async function connectsDevice({ page, shows, press }: Visitor, url: string, look: Look): Promise<void> {
  await page.goto(`${url}/device`);
  await look('device-code');
  const body = new URLSearchParams({ client_id: 'terminal', scope: 'openid profile' });
  const answer = await fetch(`${url}/device_authorization`, { method: 'POST', body });
  const { user_code } = (await answer.json()) as { readonly user_code: string };
  await page.getByLabel('The code on your device').fill(user_code);
  await press('Continue');
  await shows('Connect a device to Terminal?');
  await look('device');
  await press('Allow');
  await shows('Go back to your device');
  await look('device-done');
  await page.goto(`${url}/requests`);
  await look('requests');
}

/** Somebody at a till asks for Alice's name. */
async function isAsked({ page, shows, press }: Visitor, url: string, look: Look): Promise<void> {
  const body = new URLSearchParams({ scope: 'openid profile', login_hint: 'alice', binding_message: 'TEA-42' });
  const authorization = `Basic ${btoa('till:only-tills-know')}`;
  const asked = await fetch(`${url}/backchannel_authentication`, { method: 'POST', body, headers: { authorization } });
  assert.equal(asked.status, 200, await asked.text());
  await page.goto(`${url}/requests`);
  await look('requests-waiting');
  await page.getByRole('link', { name: 'Till' }).click();
  await shows('Allow Till?');
  await look('asked');
  await press('Allow');
  await shows('You have allowed it');
  await look('asked-done');
}

/** With an authenticator of the browser's own. */
async function addsPasskey({ page, shows, press, context }: Visitor, url: string, look: Look): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'usb', hasResidentKey: false },
      ...{ hasUserVerification: false, automaticPresenceSimulation: true },
    },
  });
  await page.goto(`${url}/account/passkeys`);
  await look('passkeys-none');
  const query = {
    ...{ response_type: 'code', client_id: 'demo', scope: 'openid', redirect_uri: `${url}/demo/callback` },
    ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
  };
  const ask = (more: object) => page.goto(`${url}/authorize?${new URLSearchParams({ ...query, ...more })}`);
  await ask({ acr_values: 'urn:example:passkey' });
  await shows('Use your passkey');
  await look('passkey-missing');
  await ask({ prompt: 'select_account' });
  await shows('Choose an account');
  await look('choose');
  await page.goto(`${url}/account/passkeys`);
  await press('Add a passkey');
  const failed = page.getByText('That passkey could not be checked'); // where no script runs
  await page
    .getByRole('heading', { level: 2, name: /^Passkey of / })
    .or(failed)
    .waitFor();
  if (await failed.isVisible()) return;
  await look('passkeys');
  await ask({ acr_values: 'urn:example:passkey' });
  await shows('Use your passkey');
  await look('passkey-question');
}

async function manages({ page, shows, press }: Visitor, url: string, look: Look): Promise<void> {
  await page.goto(`${url}/account`);
  await look('account');
  await page.goto(`${url}/demo/second`);
  await look('second');
  await press('Log in with your account');
  await shows('Connect Teapots?');
  await page.getByText('What it sees').click();
  await look('consent-claims');
  await press('Allow');
  await shows('Hello, Alice Liddell');
  await look('second-known');
  await page.goto(`${url}/sessions`);
  await look('sessions');
  await page.goto(`${url}/end-session`);
  await shows('Log out?');
  await look('logout');
  await press('Log out');
  await shows('You are logged out');
  await look('logged-out');
}

const PARTS = [connects, continues, registers, connectsDevice, isAsked, addsPasskey, manages, fails];

/** Whatever is smaller than 44 px, in words. A box in a label is as large as the label; links in running text may be small. */
const SMALL = `[...document.querySelectorAll('button, .button, input:not([type=hidden]), select, textarea, summary, nav a, .ways a')]
  .map((element) => element.closest('label') ?? element)
  .filter((element) => { const { width, height } = element.getBoundingClientRect(); return height < 43.5 || width < 43.5; })
  .map((element) => element.outerHTML)`;

async function assertFits(page: Page, what: string): Promise<void> {
  const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  assert.equal(await page.evaluate(wider), 0, `${what} is wider than the screen`);
  assert.deepEqual(await page.evaluate(SMALL), [], `${what} has targets that are too small`);
}

describe('the looks of the full example in Chromium', function () {
  this.timeout(300_000);
  const browser = browserOfSuite();
  let running: RunningFull;
  let someone: Visitor;

  beforeEach(async () => {
    running = await startFull(writesPictures ? { port: 3000 } : {}); // the port of `npm start`
  });
  afterEach(async () => {
    await someone?.leave();
    await running?.stop();
  });
  const enter = async (options: BrowserContextOptions): Promise<void> => {
    someone = await visitor(browser(), running.url, options);
  };

  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const desktop = { viewport: { width: 1280, height: 850 } };
  for (const [name, options] of Object.entries({ phone, desktop })) {
    it(`every page, ${name}: fits, and axe finds nothing, light and dark`, async () => {
      await enter({ ...options, colorScheme: 'light', reducedMotion: 'reduce', bypassCSP: true }); // for axe only: see the next tests
      for (const part of PARTS) {
        await part(someone, running.url, async (what) => {
          const { page } = someone;
          await takeScreenshot(page, `full-${name}-light-${what}`);
          await assertFits(page, what);
          await assertAccessible(page, what);
          await page.emulateMedia({ colorScheme: 'dark' });
          await takeScreenshot(page, `full-${name}-dark-${what}`);
          await assertFits(page, `${what}, dark`);
          await assertContrast(page, `${what}, dark`); // its other rules do not look at colours
          await page.emulateMedia({ colorScheme: 'light' });
          const [title, heading] = [await page.title(), await page.locator('h1').innerText()];
          assert.match(
            title,
            / · (Example Accounts|Postcards, a demo application|Teapots, another demo application|A demo of koauthorize)$/,
          );
          assert.ok(title.startsWith(heading), `${title}: the title begins with the heading`);
        });
      }
    });
  }

  it('every page without JavaScript', async () => {
    await enter({ ...desktop, javaScriptEnabled: false });
    for (const part of PARTS) {
      await part(someone, running.url, async (what) => {
        assert.equal(
          await someone.page.locator('script').count(),
          ['registered', 'client', 'passkeys-none'].includes(what) ? 1 : 0,
          what,
        );
        assert.equal(await someone.page.locator('[data-copies]:visible').count(), 0, what);
        assert.equal(await someone.page.locator('[style]').count(), 0, what);
      });
    }
  });

  it('every page at 320 px, with text of twice the size: nothing is cut off', async () => {
    await enter({ viewport: { width: 320, height: 640 } });
    for (const part of PARTS) {
      await part(someone, running.url, async (what) => {
        await someone.page.evaluate('document.documentElement.style.fontSize = "200%"');
        const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        assert.equal(await someone.page.evaluate(wider), 0, `${what} is wider than the screen`);
      });
    }
  });

  /** Elements that move, or that only a background tells from what is beside them, in words. */
  const INDISTINCT = `[
    ...[...document.querySelectorAll('*')].filter((element) => {
      const { animationName, transitionDuration } = getComputedStyle(element);
      return animationName !== 'none' || transitionDuration !== '0s';
    }),
    ...[...document.querySelectorAll('button, .button, textarea, select, input:not([type=hidden], [type=checkbox], [type=radio]), a[aria-current], .tag, .number')]
      .filter((element) => { const { borderTopStyle, borderTopWidth } = getComputedStyle(element); return borderTopStyle === 'none' || borderTopWidth === '0px'; }),
  ].map((element) => element.outerHTML.slice(0, 100))`;

  it('every page at a zoom of 200 %, in the colours of the system, for who wants no motion: fits, and all has an edge', async () => {
    const zoomed = { viewport: { width: 640, height: 425 }, deviceScaleFactor: 2 };
    await enter({ ...zoomed, forcedColors: 'active', reducedMotion: 'reduce' });
    for (const part of PARTS) {
      await part(someone, running.url, async (what) => {
        await takeScreenshot(someone.page, `full-forced-${what}`);
        await assertFits(someone.page, what);
        assert.deepEqual(await someone.page.evaluate(INDISTINCT), [], what);
      });
    }
  });

  it('an injected script does not run: the policy stops it', async () => {
    await enter(desktop);
    for (const path of ['/', '/login', '/demo', '/nothing']) {
      await someone.page.goto(running.url + path);
      await someone.page.evaluate(
        `{ const script = document.createElement('script'); script.textContent = 'window.injected = true'; document.body.append(script); }`,
      );
      assert.equal(await someone.page.evaluate('window.injected'), undefined, path);
      assert.match(someone.complaints.splice(0).join(), /Content Security Policy/i, path);
    }
  });

  describe('by keyboard alone', () => {
    const focused = (): Promise<string> =>
      someone.page.evaluate(
        `{ const { tagName, name, id, textContent } = document.activeElement; [tagName, id || name || textContent.trim()].join(' '); }`,
      );
    const press = (key: string): Promise<void> => someone.page.keyboard.press(key);
    /** Goes on until it is there, and sees at each stop where it is. */
    async function tabTo(target: string): Promise<void> {
      for (let stops = 0; stops < 30; stops += 1) {
        await press('Tab');
        const outline = await someone.page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
        assert.notEqual(outline, 'none', `the focus on ${await focused()} shows`);
        if ((await focused()) === target) return;
      }
      assert.fail(`${target} cannot be reached`);
    }

    it('login and consent, in part', async () => {
      await enter(desktop);
      await someone.start(PROFILE, EMAIL);
      await someone.shows('Log in');
      await tabTo('INPUT username');
      await someone.page.keyboard.type(ALICE.username);
      await tabTo('INPUT password');
      await someone.page.keyboard.type(ALICE.password);
      await press('Enter');
      await someone.shows('Connect Postcards?');
      await tabTo('INPUT scope');
      await tabTo('INPUT scope'); // the second: the e-mail address
      await press('Space');
      await tabTo('BUTTON cancel');
      await tabTo('BUTTON Allow');
      await press('Enter');
      await someone.shows('Postcards is connected');
      assert.match((await someone.steps()).join(), /"scope": "profile"/);
    });

    it('past the menu, and disconnect', async () => {
      await enter(desktop);
      await someone.start(PROFILE);
      await someone.logIn();
      await someone.shows('Connect Postcards?');
      await someone.allow();
      await someone.page.goto(`${running.url}/connected`);
      await tabTo('A Skip to the content');
      await press('Enter');
      await tabTo('BUTTON Disconnect');
      await press('Enter');
      await someone.page.getByRole('status').waitFor();
    });

    it('from the account to the sessions, signs out there, and logs out', async () => {
      const there = await visitor(browser(), running.url);
      await enter(desktop);
      for (const { page, logIn, shows } of [there, someone]) {
        await page.goto(`${running.url}/login`);
        await logIn();
        await shows('Welcome, Alice Liddell');
      }
      await someone.page.goto(`${running.url}/account`);
      await tabTo('A Skip to the content');
      await press('Enter');
      await tabTo('A Sign out there');
      await press('Enter');
      await someone.shows('Where you are logged in');
      await tabTo('BUTTON Sign out there');
      await press('Enter');
      await someone.page.getByRole('status').waitFor();
      await there.page.goto(`${running.url}/account`);
      await there.shows('Log in');
      await there.leave();
      await tabTo('BUTTON Log out');
      await press('Enter');
      await someone.shows('Your account, your decision');
    });

    it('Enter in the dialog denies: nothing is allowed by accident', async () => {
      await enter(desktop);
      await someone.start(PROFILE);
      await someone.logIn();
      await someone.shows('Connect Postcards?');
      await tabTo('INPUT scope');
      await press('Enter');
      await someone.shows('Postcards is not connected');
    });
  });

  const pictures = async (): Promise<void> => {
    const images = join(root, 'docs', 'images');
    mkdirSync(images, { recursive: true });
    await enter({ viewport: { width: 1200, height: 900 }, colorScheme: 'light' });
    await someone.start(PROFILE, EMAIL);
    await someone.logIn();
    await someone.shows('Connect Postcards?');
    const { height } = (await someone.page.locator('main').boundingBox()) ?? { height: 600 };
    await someone.page.setViewportSize({ width: 800, height: Math.ceil(height) + 180 });
    await someone.page.screenshot({ path: join(images, 'consent.png') });
    await someone.allow();
    await someone.page.setViewportSize({ width: 1100, height: 800 });
    await someone.page.evaluate('window.scrollTo(0, 0)');
    await someone.page.screenshot({ path: join(images, 'demo.png') });
  };
  if (writesPictures) it('the pictures of the README', pictures);
});
