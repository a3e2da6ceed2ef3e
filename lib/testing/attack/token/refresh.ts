/** Attacks with refresh tokens. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { Page } from '../http.js';
import type { AttackClient } from '../target.js';
import {
  clientsOf,
  honest,
  memberOf,
  obtainRefreshToken,
  proveAuthentication,
  refresh,
  thefts,
  tokenIn,
} from './answer.js';

const NONE = skipped('the client is given no refresh token');

interface Rotated {
  readonly client: AttackClient;
  readonly spent: string;
  /** The answer to the refresh that used the token. */
  readonly page: Page;
  readonly successor: string;
}

/** Refreshes once for each client whose refresh tokens are rotated. Those of a confidential client need not be, since only that client can use them. */
async function rotate(context: AttackContext): Promise<readonly Rotated[] | AttackOutcome> {
  const rotated: Rotated[] = [];
  let isGiven = false;
  for (const client of clientsOf(context)) {
    const spent = await obtainRefreshToken(context, client);
    if (spent === undefined) continue;
    isGiven = true;
    const page = honest(await refresh(context, client, spent), 'An honest refresh');
    const successor = memberOf(page, 'refresh_token');
    if (successor !== undefined && successor !== spent) rotated.push({ client, spent, page, successor });
    else if (client.client_secret === undefined) return succeeded('a public client may use its refresh token for ever');
  }
  if (!isGiven) return NONE;
  return rotated.length > 0 ? rotated : { outcome: 'withstood', detail: 'bound to the authentication of the client' };
}

/** Whether an answer is exactly the first one again: a server may repeat it for a client that did not receive it. */
function isAgain(page: Page, first: Page): boolean {
  return ['access_token', 'refresh_token'].every((name) => memberOf(page, name) === memberOf(first, name));
}

export const refreshReplay: Attack = {
  name: 'refresh-replay',
  title: 'a used refresh token gives tokens again',
  clause: 'RFC 9700 §4.14.2',
  async run(context) {
    const rotated = await rotate(context);
    if ('outcome' in rotated) return rotated;
    const { grace = 0 } = context.target;
    for (const { client, spent, page } of rotated) {
      const again = await refresh(context, client, spent);
      if (tokenIn(again) === undefined) continue;
      if (!isAgain(again, page)) return succeeded('a refresh token that was spent gave other tokens');
      if (grace === 0)
        return succeeded('a refresh token that was spent gave its tokens again, and `grace` does not allow it');
    }
    return withstood;
  },
};

export const refreshReplayKeepsFamily: Attack = {
  name: 'refresh-replay-keeps-family',
  title: 'after the replay of a refresh token, its successor still works',
  clause: 'RFC 9700 §4.14.2',
  async run(context) {
    const rotated = await rotate(context);
    if ('outcome' in rotated) return rotated;
    const { grace = 0 } = context.target;
    if (grace > 0) await context.wait(grace + 1);
    for (const { client, spent, successor } of rotated) {
      await refresh(context, client, spent);
      if (tokenIn(await refresh(context, client, successor)) !== undefined)
        return succeeded('one of two has stolen the refresh token, and both may go on');
    }
    return withstood;
  },
};

const RACERS = 20;

export const refreshRace: Attack = {
  name: 'refresh-race',
  title: `a refresh token is used ${RACERS} times at once`,
  clause: 'RFC 9700 §4.14.2',
  async run(context) {
    let outcome = NONE;
    for (const client of clientsOf(context)) {
      const token = await obtainRefreshToken(context, client);
      if (token === undefined) continue;
      const pages = await Promise.all(Array.from({ length: RACERS }, () => refresh(context, client, token)));
      const answers = pages.filter(({ status }) => status !== 429); // a server may throttle requests before it authenticates the client
      const given = answers.filter((page) => tokenIn(page) !== undefined);
      if (given.length === 0) throw new Error(`None of ${RACERS} at once got tokens`);
      const successors = new Set(given.map((page) => memberOf(page, 'refresh_token')));
      if (successors.size > 1) return succeeded(`${successors.size} of ${RACERS} got successors of their own`);
      outcome = withstood;
    }
    return outcome;
  },
};

export const refreshOfAnotherClient: Attack = {
  name: 'refresh-of-another-client',
  title: 'a client uses a refresh token that was given to another',
  clause: 'RFC 6749 §6',
  async run(context) {
    const pairs = thefts(context);
    if (pairs.length === 0) return skipped('there is no other client');
    let outcome = NONE;
    for (const { victim, thief } of pairs) {
      await proveAuthentication(context, thief);
      const stolen = await obtainRefreshToken(context, victim);
      if (stolen === undefined) continue;
      if (tokenIn(await refresh(context, thief, stolen)) !== undefined)
        return succeeded(`${thief.client_id} got tokens for a refresh token of ${victim.client_id}`);
      honest(await refresh(context, victim, stolen), 'An honest refresh after that');
      outcome = withstood;
    }
    return outcome;
  },
};
