/** Measures whether the time of an answer tells something of a secret. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';
import { guess, isUnauthenticated } from './answer.js';

/** Who is slower is asked so many times, */
const PAIRS = 40;
/** of the fastest of so many requests each, since nothing makes a request too fast. */
const TRIES = 3;
/** One is slower as often as this by chance once in a hundred million. */
const NEARLY_ALL = 37;

class Throttled extends Error {}

/** Milliseconds that a refusal takes. @throws Throttled when the server has had enough */
async function timed(context: AttackContext, impostor: AttackClient): Promise<number> {
  const fields = guess(impostor);
  const start = performance.now();
  const page = await context.post(impostor, fields);
  const time = performance.now() - start;
  if (page.status === 429) throw new Throttled();
  if (!isUnauthenticated(page)) throw new Error(`A wrong secret is not refused: ${describePage(page)}`);
  return time;
}

/** Whether the first is slower, in one pair: both in turn, so that whatever else the machine does happens to both. */
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

/** A sign test: no threshold in milliseconds, which would be another one on every machine. */
async function tellsApart(context: AttackContext, pair: readonly [AttackClient, AttackClient]): Promise<boolean> {
  const few = PAIRS - NEARLY_ALL;
  let [slower, faster] = [0, 0];
  while (slower + faster < PAIRS && Math.min(slower, faster) <= few) {
    if (await isSlower(context, pair)) slower += 1;
    else faster += 1;
  }
  return Math.min(slower, faster) <= few;
}

/** Wrong, as long as the right one, and right in none of its characters, or in the first half of them. */
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
  title: 'the time of a refusal tells something of a secret',
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
