/** Headless Chromium, where the machine has one. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first Chromium on the PATH. */
function find(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
}

/**
 * Starts Chromium with an empty profile.
 *
 * @returns undefined, after saying so, when there is none
 * @throws Error when there is none and REQUIRE_BROWSER is set
 */
export async function launchChromium(): Promise<Browser | undefined> {
  const executablePath = find();
  if (executablePath === undefined) {
    const missing = `no ${NAMES.join(', ')} on the PATH`;
    if (process.env['REQUIRE_BROWSER']) throw new Error(`REQUIRE_BROWSER is set, but there is ${missing}`);
    console.log(`    Browser tests are skipped: ${missing}`);
    return undefined;
  }
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', // which Chromium wants of root, as in containers
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
