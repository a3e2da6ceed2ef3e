/** Dialogs of one browser that are stored at the same moment, just before and just after the moment at which the IDs of empty places change. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { exchange, grant, pkce } from 'koauthorize';
import { memoryStore, storedTransactions, type TokenStore, tokenService } from 'koauthorize/tokens';
import { type App, authorizationServer, browser, type User } from '../support/authorization-server.js';
import { watched } from '../support/token-store.js';

/** The IDs change here: every ten minutes. */
const CHANGE = 1_767_225_600;

/** A server whose clock shows another time than that of the others. */
function server(store: TokenStore, now: () => number) {
  const tokens = tokenService<App, User>({ store, now });
  return authorizationServer({
    session: false,
    options: { name: 'the same in both processes', now, transactions: storedTransactions(store, { now }) },
    plug: (made) => void made.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce()),
  }).app;
}

/** A store in which each of `count` requests has looked for empty places before the first one fills one. */
function together(count: number): TokenStore {
  let looked = 0;
  let start = (): void => {};
  const all = new Promise<void>((resolve) => {
    start = resolve;
  });
  return watched(async (method, _args, call) => {
    if (method === 'put') await all;
    const answer = await call();
    if (method === 'list' && ++looked === count) start();
    return answer;
  }, memoryStore());
}

describe('storedTransactions(): two dialogs on both sides of the moment at which the IDs of places change', () => {
  for (const [what, apart] of [
    ['a moment later', 0.002],
    ['by clocks that are 20 s apart', 20],
  ] as const)
    it(`do not end each other: ${what}`, async () => {
      for (let round = 0; round < 60; round++) {
        const store = together(2);
        const cookie = `authorize.browser=${randomBytes(32).toString('base64url')}`;
        const visitors = [-apart / 2, apart / 2].map((after) => browser(server(store, () => CHANGE + after)));
        for (const { agent } of visitors) agent.set('Cookie', cookie);
        const dialogs = await Promise.all(visitors.map(({ authorize }) => authorize().expect(200)));
        for (const [i, { body }] of dialogs.entries()) {
          const answer = await visitors[1 - i]?.decide(body.transactionID);
          assert.equal(answer?.status, 303, `round ${round}`);
        }
      }
    });
});
