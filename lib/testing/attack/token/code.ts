/** Attacks with codes that were used before. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf } from '../http.js';
import type { AttackClient } from '../target.js';
import { honest, memberOf, refresh, tokenIn } from './answer.js';

export const codeReplay: Attack = {
  name: 'code-replay',
  title: 'a code is exchanged twice',
  clause: 'RFC 6749 §4.1.2',
  async run(context) {
    const { client } = context.target;
    const obtained = await context.obtainCode(client);
    honest(await context.exchange(client, obtained), 'An honest exchange');
    const again = await context.exchange(client, obtained);
    return tokenIn(again) === undefined ? withstood : succeeded('a used code gave tokens again');
  },
};

/** Whether a token is active, by the introspection endpoint for this client; undefined if the endpoint does not tell. */
async function isActive(context: AttackContext, client: AttackClient, token: string): Promise<boolean | undefined> {
  const { introspection } = context.endpoints;
  if (introspection === undefined) return undefined;
  const { active } = membersOf(await context.post(client, { token }, introspection));
  return typeof active === 'boolean' ? active : undefined;
}

export const codeReplayKeepsTokens: Attack = {
  name: 'code-replay-keeps-tokens',
  title: 'after the replay of a code, its first tokens still work',
  clause: 'RFC 6749 §4.1.2',
  async run(context) {
    const { client } = context.target;
    const obtained = await context.obtainCode(client);
    const first = honest(await context.exchange(client, obtained), 'An honest exchange');
    const [access, refreshing] = [tokenIn(first) ?? '', memberOf(first, 'refresh_token')];
    const wasActive = await isActive(context, client, access);
    if (refreshing === undefined && !wasActive)
      return skipped('the client is given no refresh token, and may not introspect its access token');
    await context.exchange(client, obtained);
    if (wasActive && (await isActive(context, client, access))) return succeeded('the access token is still active');
    if (refreshing !== undefined && tokenIn(await refresh(context, client, refreshing)) !== undefined)
      return succeeded('the refresh token still works');
    return withstood;
  },
};

const RACERS = 20;
const RACES = 3;

export const codeRace: Attack = {
  name: 'code-race',
  title: `a code is exchanged ${RACERS} times at once`,
  clause: 'RFC 6749 §10.5',
  async run(context) {
    const { client } = context.target;
    for (let race = 0; race < RACES; race += 1) {
      const obtained = await context.obtainCode(client);
      const pages = await Promise.all(Array.from({ length: RACERS }, () => context.exchange(client, obtained)));
      const answers = pages.filter(({ status }) => status !== 429); // a server may throttle requests before it authenticates the client
      const tokens = new Set(answers.map(tokenIn).filter((token) => token !== undefined));
      if (tokens.size > 1) return succeeded(`${tokens.size} of ${RACERS} got tokens`);
      if (tokens.size === 0) throw new Error(`None of ${RACERS} at once got tokens`);
    }
    return withstood;
  },
};
