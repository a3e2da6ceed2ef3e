/** Measures whether the time of an answer depends on a secret. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';
import { guess, isUnauthenticated } from './answer.js';

/** How many pairs of times are compared. */
const PAIRS = 40;
/** The number of requests for each time, which is that of the fastest: other work of the machine can only make a request slower. */
const TRIES = 3;
/** The number of pairs in which one side must be slower. By chance, this happens once in a hundred million trials. */
const NEARLY_ALL = 37;

class Throttled extends Error {}

/** Milliseconds that a refusal takes. @throws Throttled if the server throttles the requests */
async function timed(context: AttackContext, impostor: AttackClient): Promise<number> {
  const fields = guess(impostor);
  const start = performance.now();
  const page = await context.post(impostor, fields);
  const time = performance.now() - start;
  if (page.status === 429) throw new Throttled();
  if (!isUnauthenticated(page)) throw new Error(`A wrong secret is not refused: ${describePage(page)}`);
  return time;
}

/** Whether the first client's refusal is slower, in one pair. Requests of both alternate, so that other work of the machine affects both. */
async function isSlower(context: AttackContext, pair: readonly [AttackClient, AttackClient]): Promise<boolean> {
  const fastest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const order = Math.random() < 0.5 ? [0, 1] : [1, 0];
  for (let count = 0; count < TRIES; count += 1) {
    for (const which of order) {
      const impostor = pair[which] ?? pair[0];
      fastest[which] = Math.min(fastest[which] ?? 0, await timed(context, impostor));
    }
  }
  return (fastest[0] ?? 0) > (fastest[1] ?? 0);
}

/** Whether the times of two clients differ, by a sign test. A threshold in milliseconds would depend on the machine. */
async function tellsApart(context: AttackContext, pair: readonly [AttackClient, AttackClient]): Promise<boolean> {
  const few = PAIRS - NEARLY_ALL;
  let [slower, faster] = [0, 0];
  while (slower + faster < PAIRS && Math.min(slower, faster) <= few) {
    if (await isSlower(context, pair)) slower += 1;
    else faster += 1;
  }
  return Math.min(slower, faster) <= few;
}

/** Two wrong secrets with the length of the right one: one differs in every character, the other in the second half only. */
function guesses(secret: string): readonly [string, string] {
  const none = [...secret].map((character) => (character === 'a' ? 'b' : 'a')).join('');
  const half = Math.ceil(secret.length / 2);
  return [none, secret.slice(0, half) + none.slice(half)];
}

async function leaks(context: AttackContext): Promise<readonly string[]> {
  const { client, otherClient = client } = context.target;
  const [none, half] = guesses(otherClient.client_secret ?? random());
  const known = { ...otherClient, client_secret: none };
  const unknown = {
    ...known,
    client_id: random().padEnd(known.client_id.length, 'x').slice(0, known.client_id.length),
  };
  const found: string[] = [];
  if (await tellsApart(context, [{ ...known, client_secret: half }, known]))
    found.push('how much of a secret was guessed');
  if (await tellsApart(context, [unknown, known])) found.push('whether there is a client of this name');
  return found;
}

export const timingOfSecrets: Attack = {
  name: 'timing-of-secrets',
  title: 'the time of a refusal discloses something about a secret',
  clause: 'RFC 6749 §2.3.1',
  async run(context) {
    try {
      const found = await leaks(context);
      return found.length === 0 ? withstood : succeeded(`the time tells ${found.join(', and ')}`);
    } catch (error) {
      if (error instanceof Throttled)
        return { outcome: 'withstood', detail: 'who guesses is stopped (429) before there is enough to measure' };
      throw error;
    }
  },
};
