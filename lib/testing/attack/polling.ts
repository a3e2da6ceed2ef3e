/**
 * Attacks on the polling of the device grant and of CIBA, in which a client polls for tokens with a code until a user has decided.
 *
 * @see RFC 8628 §3.4, §3.5, CIBA §10.1, §11
 */
import { type AttackOutcome, succeeded, withstood } from './attack.js';
import type { AttackContext } from './context.js';
import type { Page } from './http.js';
import { describePage } from './request.js';
import type { AttackClient } from './target.js';
import { memberOf, tokenIn } from './token/answer.js';

/** Polls with the code that is attacked. */
export type Poll = (client: AttackClient) => Promise<Page>;

/** The clients of the target other than the one that the code was issued to. */
export function othersThan(client: AttackClient, { target }: AttackContext): readonly AttackClient[] {
  const known = [target.client, target.otherClient, target.publicClient];
  return known.flatMap((one) => (one && one.client_id !== client.client_id ? [one] : []));
}

/** Other clients poll with a code whose user has allowed the request, and then its own client does. @param what the name of the code in the report */
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

/** Ten concurrent polls, with a code whose user has allowed the request. */
export async function pollAtOnce(poll: () => Promise<Page>): Promise<AttackOutcome> {
  const pages = await Promise.all(Array.from({ length: 10 }, poll));
  const given = pages.filter((page) => tokenIn(page) !== undefined).length;
  return given > 1 ? succeeded(`ten polls at once got tokens ${given} times`) : withstood;
}

/**
 * Twenty polls in a row without waiting, with a code whose user has not decided.
 *
 * @param first the answer to a poll that waited.
 * @throws Error if that answer is not the expected one
 */
export async function pollFast(first: Page, poll: () => Promise<Page>): Promise<AttackOutcome> {
  if (memberOf(first, 'error') !== 'authorization_pending')
    throw new Error(`A client that waits is answered with ${describePage(first)}`);
  for (let count = 0; count < 20; count += 1) {
    const page = await poll();
    if (page.status === 429 || memberOf(page, 'error') !== 'authorization_pending') return withstood;
  }
  return succeeded('twenty polls in a row were answered as if the client had waited');
}
