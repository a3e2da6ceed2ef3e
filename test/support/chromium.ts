/** Headless Chromium, where the machine has one. */
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { noteNotTested } from './not-tested.js';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/** Chromium without windows: the same pages for half of the CPU time, where it is installed beside the browser. It has no profiles. */
const SHELL = 'chromium-headless-shell';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first of these on the PATH. */
function find(names: readonly string[]): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
}

/** `--no-sandbox` is what Chromium wants of root, as in containers. */
const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** The first Chromium. @throws Error when there is none and REQUIRE_BROWSER is set */
function findOrSay(names: readonly string[]): string | undefined {
  const path = find(names);
  if (path !== undefined) return path;
  const missing = `no ${BROWSERS.join(', ')} on the PATH`;
  if (process.env['REQUIRE_BROWSER']) throw new Error(`REQUIRE_BROWSER is set, but there is ${missing}`);
  noteNotTested(`browsers (${missing})`);
  return undefined;
}

/**
 * Starts Chromium with an empty profile.
 *
 * @returns undefined, after saying so, when there is none
 * @throws Error when there is none and REQUIRE_BROWSER is set
 */
export async function launchChromium(): Promise<Browser | undefined> {
  const executablePath = findOrSay([SHELL, ...BROWSERS]);
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args: ARGS });
}

/**
 * A browser for the tests of the suite around the call. Where the machine has none, they are skipped.
 *
 * @returns what gives the browser, once the tests run
 */
export function browserOfSuite(): () => Browser {
  let browser: Browser | undefined;
  before(async function () {
    browser = await launchChromium();
    if (!browser) this.skip();
  });
  after(() => browser?.close());
  return () => {
    if (!browser) throw new Error('The browser is started before the tests, and not while they are defined');
    return browser;
  };
}

/** What a user has set of cookies in frames at other sites: `profile.cookie_controls_mode`. */
const COOKIE_CONTROLS = { allowed: 0, blocked: 1 } as const;

/**
 * Starts Chromium with a profile in which cookies of frames at other sites are allowed or blocked. It takes every certificate. The
 * profile is removed when the process ends.
 *
 * @returns undefined, after saying so, when there is none
 * @throws Error when there is none and REQUIRE_BROWSER is set
 */
export async function openProfile(
  thirdPartyCookies: keyof typeof COOKIE_CONTROLS,
): Promise<BrowserContext | undefined> {
  const executablePath = findOrSay(BROWSERS);
  if (executablePath === undefined) return undefined;
  const profile = mkdtempSync(join(tmpdir(), 'koauthorize-profile-'));
  const cookies = { cookie_controls_mode: COOKIE_CONTROLS[thirdPartyCookies] };
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: cookies }));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ARGS,
    ignoreHTTPSErrors: true,
  });
  process.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 })); // Chromium writes into it after it was closed
  return context;
}
