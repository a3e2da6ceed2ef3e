/** axe-core in a page: what a person with a screen reader, a keyboard or weak eyes would stumble over. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SCRIPT = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const say = ({ id, help, nodes }: Violation): string =>
  `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`;

/** The page's context must be one with `bypassCSP`, since our pages let no script in. */
export function assertAccessible(page: Page, what: string): Promise<void> {
  return assertNoViolations(page, what, TAGS);
}

/** The rules that depend on colours, for a page that `assertAccessible` has seen in others. */
export function assertContrast(page: Page, what: string): Promise<void> {
  return assertNoViolations(page, what, ['color-contrast', 'link-in-text-block']);
}

async function assertNoViolations(page: Page, what: string, runOnly: readonly string[]): Promise<void> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.addScriptTag({ path: SCRIPT });
  const options = { runOnly, resultTypes: ['violations'] };
  const run = `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const violations = await page.evaluate<readonly Violation[]>(run);
  assert.deepEqual(violations.map(say), [], what);
}
