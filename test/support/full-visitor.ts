/** Somebody in a browser, in front of the full example. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { ALICE } from './full.js';

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of: violated policies, errors of scripts. */
  readonly complaints: string[];
  /** Waits for a page with this heading. */
  shows(title: string | RegExp): Promise<void>;
  press(name: string): Promise<void>;
  logIn(user?: { readonly username: string; readonly password: string }): Promise<void>;
  /** From the demo application's first page to the server. @param scopes labels to tick; others are unticked */
  start(...scopes: readonly string[]): Promise<void>;
  /** Ends the question if there is one, and comes back to a connected application. */
  allow(): Promise<void>;
  /** The heading and the text of each step that the demo application shows. */
  steps(): Promise<readonly string[]>;
  /** @throws AssertionError when the browser complained of anything */
  leave(): Promise<void>;
}

const ASKED = [
  'Logging you in with your account there',
  'Your name',
  'Your e-mail address',
  'Reading your notes',
  'Writing notes for you',
];
/** Asked for only where it is named: the dialog is shown each time. */
const PAYMENT = 'Paying 1.20 EUR for a stamp, once';
/** A page that says no says so with its status, which the console repeats. */
const isStatus = (text: string): boolean => /the server responded with a status of 4\d\d/.test(text);

function listen(context: BrowserContext, complaints: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error' && !isStatus(message.text())) complaints.push(message.text());
    if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
}

export async function visitor(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  listen(context, complaints);
  const page = await context.newPage();
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const shows = async (name: string | RegExp): Promise<void> => {
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.waitForLoadState(); // the heading comes before the rest of the page
  };
  return {
    context,
    page,
    complaints,
    press,
    shows,
    async logIn({ username, password } = ALICE) {
      await page.getByLabel('User name').fill(username);
      await page.getByLabel('Password').fill(password);
      await press('Log in');
    },
    async start(...scopes) {
      await page.goto(`${url}/demo`);
      if (await page.getByRole('button', { name: 'Start over' }).isVisible()) await press('Start over');
      for (const label of ASKED) await page.getByLabel(label).setChecked(scopes.length === 0 || scopes.includes(label));
      await page.getByLabel(PAYMENT).setChecked(scopes.includes(PAYMENT));
      await press('Start');
    },
    async allow() {
      await press('Allow');
      await shows('Postcards is connected');
    },
    steps: () => page.locator('.steps > li').allTextContents(),
    async leave() {
      await context.close();
      assert.deepEqual(complaints, [], 'the browser complained');
    },
  };
}
