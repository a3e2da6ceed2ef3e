/** What a library makes of answers that were changed on the way, which tells what it checks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FORGERIES, type Forgery, type ForgeryName } from '../support/forger.js';
import type { Provider } from '../support/forging-provider.js';

const docs = readFileSync(new URL('../../docs/client-libraries.md', import.meta.url), 'utf8');

/** What the page of documentation says that a library takes. */
function saidToBeTaken(library: string): string | undefined {
  const table = docs.slice(docs.indexOf('| takes all the same |'));
  const row = table.split('\n').find((line) => line.startsWith(`| ${library}`));
  return row?.split(' | ')[3];
}

/**
 * A test for each forgery, and one that docs/client-libraries.md has those that are not refused.
 *
 * @param logIn logs alice in anew, and tells who is logged in at the application then
 * @param taken those that the library does not refuse
 */
export function forgeries(
  library: string,
  provider: () => Provider,
  logIn: () => Promise<string | undefined>,
  taken: readonly ForgeryName[] = [],
): void {
  const withAnswers = async (forgery: Forgery): Promise<string | undefined> => {
    const { forging } = provider();
    Object.assign(forging, { current: forgery, done: 0 });
    const user = await logIn();
    assert.ok(forging.done > 0, 'nothing was changed');
    return user;
  };
  it(`${library} takes what docs/client-libraries.md says`, () => {
    assert.equal(saidToBeTaken(library), taken.join(', ') || 'nothing');
  });
  it(`${library} takes answers that are made again and say the same`, async () => {
    assert.equal(await withAnswers({ idToken: {}, userinfo: {}, response: {} }), 'Alice Adams');
  });
  for (const [name, forgery] of Object.entries(FORGERIES)) {
    const isTaken = taken.some((one) => one === name);
    it(`${library} ${isTaken ? 'takes' : 'refuses'}: ${name}`, async () => {
      assert.equal(await withAnswers(forgery), isTaken ? 'Alice Adams' : undefined);
    });
  }
}
