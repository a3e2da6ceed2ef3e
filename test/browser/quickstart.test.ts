/** The quickstart example in a real browser, as a person meets it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { CHALLENGE } from '../support/authorization-server.js';
import { browserOfSuite } from '../support/chromium.js';
import { type Running, startQuickstart, USER } from '../support/quickstart.js';
import { takeScreenshot } from '../support/screenshots.js';

describe('the quickstart in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  let running: Running;
  let context: BrowserContext;
  let page: Page;
  let violations: string[];

  before(async () => {
    running = await startQuickstart();
  });
  after(async () => {
    await running?.stop();
  });

  const open = async (options: BrowserContextOptions = {}): Promise<void> => {
    context = await browser().newContext(options);
    violations = [];
    context.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
    });
    page = await context.newPage();
  };
  beforeEach(() => open());
  afterEach(async () => {
    await context?.close();
    assert.deepEqual(violations ?? [], []);
  });

  const heading = (of = page): Promise<string> => of.getByRole('heading', { level: 1 }).innerText();
  /** Waits for a page with this heading. */
  const shows = async (title: string, on = page): Promise<void> => {
    await on.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
    await on.waitForLoadState(); // the heading comes before the rest of the page
  };
  const press = (name: string, on = page): Promise<void> => on.getByRole('button', { name, exact: true }).click();

  async function logIn(password: string = USER.password): Promise<void> {
    await page.getByLabel('User name').fill(USER.username);
    await page.getByLabel('Password').fill(password);
    await press('Log in');
  }

  /** From the demo application to the dialog. */
  async function connect(): Promise<void> {
    await page.goto(`${running.url}/demo`);
    await press('Connect');
    await shows('Log in');
    await logIn();
    await shows('Connect Postcards?');
  }

  const isConnected = async (): Promise<void> => {
    await page.waitForURL(`${running.url}/demo`);
    await shows('Connected');
    assert.match(await page.locator('main').innerText(), /It knows you as Alice Liddell, alice@example\.com/);
  };

  it('allow: the demo application shows the whole way', async () => {
    await connect();
    const dialog = await page.locator('main').innerText();
    assert.match(dialog, /Postcards asks for access to the account of Alice Liddell/);
    assert.match(dialog, /See your name\s+See your e-mail address/);
    assert.ok(dialog.includes(new URL(running.url).host));
    await press('Allow');
    await isConnected();
    assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), [
      'Postcards asks the server where everything is',
      'Your browser takes the question to the server, and the answer back',
      'Postcards exchanges the code for tokens',
      'Postcards calls the API',
    ]);
    await press('Refresh the token');
    await page.getByRole('heading', { level: 2, name: 'Postcards asks for new tokens' }).waitFor();
    assert.equal(await page.getByRole('heading', { level: 2 }).count(), 6);
    await isConnected();
  });

  it('deny: the demo application says so', async () => {
    await connect();
    await press('Deny');
    await page.waitForURL(`${running.url}/demo`);
    assert.match(await page.getByRole('alert').innerText(), /access_denied/);
    await shows('Connect your account');
  });

  it('a wrong password: says so, keeps the name and the way back', async () => {
    await page.goto(`${running.url}/demo`);
    await press('Connect');
    await logIn('wrong');
    assert.equal(await page.getByRole('alert').innerText(), 'That is not a user name and password we know.');
    assert.equal(await page.getByLabel('User name').inputValue(), USER.username);
    await page.getByLabel('Password').fill(USER.password);
    await press('Log in');
    await shows('Connect Postcards?');
  });

  it('logging in again gives the session a new ID, and logging out ends it', async () => {
    const session = async () => (await context.cookies()).find(({ name }) => name === 'quickstart')?.value;
    const logInAgain = async () => {
      await page.goto(`${running.url}/login`);
      await logIn();
      await page.getByText('You are logged in as Alice Liddell').waitFor();
      return await session();
    };
    const [before, after] = [await logInAgain(), await logInAgain()];
    assert.ok(before && after && before !== after, `${before} ${after}`);
    await press('Log out');
    await page.getByText('You are not logged in').waitFor();
  });

  it('a login from a page that is out of date: asks again', async () => {
    await page.goto(`${running.url}/login`);
    await context.clearCookies();
    await logIn();
    assert.equal(await page.getByRole('alert').innerText(), 'This page was open for too long. Please log in again.');
    await logIn();
    await shows('It runs');
  });

  it('the login leads back to this server only', async () => {
    for (const elsewhere of ['https://attacker.example/', '//attacker.example/', '/\\attacker.example/']) {
      await context.clearCookies();
      await page.goto(`${running.url}/login?return_to=${encodeURIComponent(elsewhere)}`);
      await logIn();
      await shows('It runs');
      assert.equal(page.url(), `${running.url}/`);
    }
  });

  it('the back button after deciding: whatever is there to press, it ends well', async () => {
    await connect();
    await press('Allow');
    await isConnected();
    await page.goBack();
    await shows('Connect Postcards?');
    await press('Allow');
    // a browser that kept the old dialog has it refused; one that asked for a new dialog sends the client an answer it did not ask for
    await page.getByText(/Postcards did not ask for this answer|It was answered already/).waitFor();
    await page.goto(`${running.url}/demo`);
    await shows('Connected');
  });

  /** Lets the browser post a copy of the dialog, as a second tab or a second click would. */
  async function copyOfDialog(): Promise<Page> {
    const action = await page.locator('form').getAttribute('action');
    const id = await page.locator('input[name=transaction_id]').inputValue();
    const copy = await context.newPage();
    await copy.goto(`${running.url}/`);
    await copy.setContent(
      `<form method="post" action="${running.url}${action}"><input name="transaction_id" value="${id}"><button>Allow</button></form>`,
    );
    return copy;
  }

  it('the same dialog sent from two tabs: one code; the later tab is told so, or sees what came of the first', async () => {
    await connect();
    const copy = await copyOfDialog();
    const codes: string[] = [];
    context.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === '/demo/callback') codes.push(searchParams.get('code') ?? '');
    });
    await Promise.all([page.waitForEvent('load'), copy.waitForEvent('load'), press('Allow'), press('Allow', copy)]);
    await page.waitForLoadState();
    const [first, second = ''] = [await heading(), await heading(copy)].sort();
    assert.equal(first, 'Connected');
    // Two requests at the same moment get the same answer. One that comes later finds that the dialog was answered.
    assert.match(second, /^(Connected|This request is no longer open)$/);
    assert.equal(new Set(codes).size, 1);
  });

  it('cookies gone before the decision: a page that says what to do', async () => {
    await connect();
    await context.clearCookies();
    const [response] = await Promise.all([page.waitForResponse(/decision/), press('Allow')]);
    assert.equal(response.status(), 403);
    await shows('This request is no longer open');
    assert.match(await page.locator('main').innerText(), /go back to the application that you came from/);
  });

  it('logged out in another tab before the decision: the same', async () => {
    await connect();
    const other = await context.newPage();
    await other.goto(running.url);
    await press('Log out', other);
    await other.getByText('You are not logged in').waitFor();
    await press('Allow');
    await shows('This request is no longer open');
  });

  const request = (params: Readonly<Record<string, string>>): string =>
    `${running.url}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: 'demo',
      redirect_uri: `${running.url}/demo/callback`,
      state: `a "state" & <more>`,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...params,
    })}`;

  it('form_post: the browser posts the answer by itself', async () => {
    await page.route('**/demo/callback', (route) => route.fulfill({ body: 'posted' }));
    await page.goto(request({ response_mode: 'form_post' }));
    await logIn();
    const [posted] = await Promise.all([page.waitForRequest('**/demo/callback'), press('Allow')]);
    assert.equal(posted.method(), 'POST');
    const form = new URLSearchParams(posted.postData() ?? '');
    assert.deepEqual([...form.keys()].sort(), ['code', 'iss', 'state']);
    assert.equal(form.get('state'), `a "state" & <more>`);
    assert.equal(form.get('iss'), running.url);
  });

  it('the answer reaches a client of another origin, which a form-action policy would forbid', async () => {
    await page.goto(request({}).replace('localhost', '127.0.0.1'));
    await logIn();
    await press('Allow');
    await page.waitForURL(`${running.url}/demo`);
    assert.equal(await page.getByRole('alert').innerText(), 'Postcards did not ask for this answer.');
  });

  it('a request that cannot be answered: a page, that runs nothing of what it was sent', async () => {
    await page.goto(request({ client_id: '<img src=x onerror=alert(1)>' }));
    await logIn();
    await shows('This link does not work');
    assert.equal(await page.locator('img').count(), 0);
  });

  it('no other page can frame the dialog', async () => {
    await connect();
    const dialog = page.url();
    const other = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<iframe src="${dialog}"></iframe>`);
    });
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const address = other.address();
    assert.ok(address && typeof address === 'object');
    await page.goto(`http://localhost:${address.port}/`);
    const frame = page.frames()[1];
    assert.equal(await frame?.getByRole('button', { name: 'Allow' }).count(), 0);
    other.close();
    other.closeAllConnections();
    assert.ok(violations.splice(0).every((message) => message.includes('frame-ancestors')));
  });

  const screens: Readonly<Record<string, BrowserContextOptions>> = {
    phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
    'phone-dark': { viewport: { width: 360, height: 740 }, isMobile: true, colorScheme: 'dark' },
    light: { viewport: { width: 1100, height: 800 }, colorScheme: 'light' },
    dark: { viewport: { width: 1100, height: 800 }, colorScheme: 'dark' },
    'no-script': { viewport: { width: 1100, height: 800 }, javaScriptEnabled: false },
  };
  for (const [name, options] of Object.entries(screens)) {
    it(`fits the screen and looks like it should: ${name}`, async () => {
      await context.close();
      await open(options);
      let number = 0;
      const look = async (what: string): Promise<void> => {
        number += 1;
        await takeScreenshot(page, `quickstart-${name}-${number}-${what}`);
        if (options.javaScriptEnabled === false) return;
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.equal(wider, 0, `${what} is wider than the screen`);
      };
      await page.goto(running.url);
      await look('start');
      await page.getByRole('link', { name: 'Open the demo application' }).click();
      await shows('Connect your account');
      await look('demo');
      await press('Connect');
      await logIn('wrong');
      await page.getByRole('alert').waitFor();
      await look('login');
      await logIn();
      await shows('Connect Postcards?');
      await look('dialog');
      await press('Allow');
      await isConnected();
      await look('connected');
      await page.goto(request({ client_id: 'nobody' }));
      await look('error');
    });
  }
});
