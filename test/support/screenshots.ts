/** Pictures of pages for a person to look at. They cost seconds each, so that they are taken only where somebody asks for them: `SCREENSHOTS=1`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../run.js';

const directory = join(root, 'test', 'output');

/** Writes `test/output/<name>.png`, the whole page, with SCREENSHOTS=1. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
}
