/** What devices and clients of CIBA have in common for an attacker: a code by which a client polls for tokens until a user has decided. @see RFC 8628 §3.4, §3.5, CIBA §10.1, §11 */
import { type AttackOutcome, succeeded, withstood } from './attack.js';
import type { AttackContext } from './context.js';
import type { Page } from './http.js';
import { describePage } from './request.js';
import type { AttackClient } from './target.js';
import { memberOf, tokenIn } from './token/answer.js';

/** A poll by the code that is attacked. */
export type Poll = (client: AttackClient) => Promise<Page>;

/** The clients of the target that the code is not for. */
export function othersThan(client: AttackClient, { target }: AttackContext): readonly AttackClient[] {
  const known = [target.client, target.otherClient, target.publicClient];
  return known.flatMap((one) => (one && one.client_id !== client.client_id ? [one] : []));
}

/** Thieves poll by a code whose user has allowed it, and then its own client does. @param what the code, in the words of the report */
export async function stealTokens(
  client: AttackClient,
  thieves: readonly AttackClient[],
  poll: Poll,
  what: string,
): Promise<AttackOutcome> {
  for (const thief of thieves)
    if (tokenIn(await poll(thief)) !== undefined)
      return succeeded(`${thief.client_id} got the tokens of ${client.client_id}`);
  return tokenIn(await poll(client)) === undefined
    ? succeeded(`the ${what} was spent by another client, and its own one got nothing`)
    : withstood;
}

/** Ten polls at the same moment, by a code whose user has allowed it. */
export async function pollAtOnce(poll: () => Promise<Page>): Promise<AttackOutcome> {
  const pages = await Promise.all(Array.from({ length: 10 }, poll));
  const given = pages.filter((page) => tokenIn(page) !== undefined).length;
  return given > 1 ? succeeded(`ten polls at once got tokens ${given} times`) : withstood;
}

/** Twenty polls in a row, without waiting, by a code whose user has not decided. @param first the answer to a poll in time. @throws Error where that is not honest */
export async function pollFast(first: Page, poll: () => Promise<Page>): Promise<AttackOutcome> {
  if (memberOf(first, 'error') !== 'authorization_pending')
    throw new Error(`A client that waits is answered with ${describePage(first)}`);
  for (let count = 0; count < 20; count += 1) {
    const page = await poll();
    if (page.status === 429 || memberOf(page, 'error') !== 'authorization_pending') return withstood;
  }
  return succeeded('twenty polls in a row were answered as if the client had waited');
}
