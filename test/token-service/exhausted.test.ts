/** More requests than the database can answer in time: each gets an answer, and what is refused has cost nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError, type TokenStore } from 'koauthorize/tokens';
import { toParams } from '../../lib/syntax/param-map.js';
import { CLIENT } from '../support/authorization-server.js';
import { skipStore } from '../support/missing-server.js';
import { tokenServer, WORKER } from '../support/token-server.js';
import { type WiredOptions, type WiredStore, wiredPostgres, wiredRedis } from '../support/wired-stores.js';

const REQUESTS = 256;
const CONNECTIONS = 4;

/** What a refresh sends to PostgreSQL. */
const STATEMENTS = 2;

/** The real time, by which Redis removes what has expired. */
const now = (): number => Date.now() / 1000;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
  readonly retryAfter: string | null;
  /** Its place among the answers. */
  readonly place: number;
}

/** A few at a time: what is prepared and looked at must not be refused. */
async function inSlices<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let i = 0; i < all.length; i += 8) results.push(...(await Promise.all(all.slice(i, i + 8).map(work))));
  return results;
}

/** Asks again where it is told to: a machine that has other work may not answer in time. What was spent is never good again. */
function insist(refresh: (token: string) => Promise<Answer>) {
  return async (token: string): Promise<Answer> => {
    let answer = await refresh(token);
    while (answer.status === 503) answer = await refresh(token);
    return answer;
  };
}

/** Nothing, for an error of that class. */
function onlyWhere(expected: new (...args: never) => Error) {
  return (error: unknown): undefined => {
    if (!(error instanceof expected)) throw error;
  };
}

/** A server that listens, over a store. */
async function listening(store: TokenStore, timeout: number) {
  const made = tokenServer({ tokens: { store, now, timeout } });
  const http: Server = createServer(made.app.callback()).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/token`;
  let answered = 0;
  const ask = async (params: Record<string, string>, { client_id }: { readonly client_id: string } = CLIENT) => {
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_id}-secret`).toString('base64')}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(params),
    });
    const place = answered++;
    const body = (await response.json()) as Answer['body'];
    return { status: response.status, body, retryAfter: response.headers.get('retry-after'), place };
  };
  const request = { grantType: '', client: CLIENT, params: toParams(new Map()), body: {} };
  const newToken = async (user: string): Promise<string> => {
    const allowed = { user: { id: user, name: '' }, scope: ['read'] };
    const issued = await made.tokens.issue(allowed, request).catch(onlyWhere(StoreUnavailableError));
    return issued?.refresh_token ?? newToken(user);
  };
  return {
    ...made,
    refresh: (refresh_token: string): Promise<Answer> => ask({ grant_type: 'refresh_token', refresh_token }),
    credentials: (): Promise<Answer> => ask({ grant_type: 'client_credentials' }, WORKER),
    newTokens: () =>
      inSlices(
        Array.from({ length: REQUESTS }, (_, i) => `user ${i}`),
        newToken,
      ),
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

const statusesOf = (answers: readonly Answer[]): readonly number[] => [...new Set(answers.map(({ status }) => status))];

function assertTryLater(answers: readonly Answer[]): void {
  for (const { status, body, retryAfter } of answers) {
    assert.deepEqual([status, body['error']], [503, 'temporarily_unavailable']);
    assert.match(retryAfter ?? '', /^[1-9]\d*$/);
  }
}

interface Opened extends Awaited<ReturnType<typeof listening>> {
  readonly wired: WiredStore;
}

/** Opens a server over a store, works with it, and closes both. */
async function withServer(
  suite: Mocha.Context,
  open: (options: WiredOptions) => Promise<WiredStore | undefined>,
  timeout: number,
  work: (server: Opened) => Promise<void>,
): Promise<void> {
  const wired = await open({ connections: CONNECTIONS, timeout });
  if (!wired) skipStore(suite, open === wiredPostgres ? 'PostgreSQL' : 'Redis');
  const server = await listening(wired.store, timeout);
  try {
    await work({ ...server, wired });
  } finally {
    wired.wire.delay(0);
    await server.close();
    await wired.close();
  }
}

for (const [name, open] of Object.entries({ PostgreSQL: wiredPostgres, Redis: wiredRedis })) {
  describe(`${REQUESTS} requests at once on ${name}`, function () {
    this.timeout(60_000);

    it('are all answered over four connections, about in the order in which they came', async function () {
      await withServer(this, open, 30, async ({ newTokens, refresh }) => {
        const tokens = await newTokens();
        const answers = await Promise.all(tokens.map(refresh));
        assert.deepEqual(statusesOf(answers), [200]);
        const overtaken = Math.max(...answers.map(({ place }, i) => place - i));
        assert.ok(overtaken < REQUESTS / 4, `one request was overtaken by ${overtaken}`);
      });
    });

    it('are all refused with 503 while the database stands still, and nothing was spent', async function () {
      await withServer(this, open, 1, async ({ newTokens, refresh, wired }) => {
        const tokens = await newTokens();
        wired.wire.delay(Number.POSITIVE_INFINITY);
        assertTryLater(await Promise.all(tokens.map(refresh)));
        await sleep(1000); // it stands still for 2 s in all
        wired.wire.delay(0);
        await sleep(200);
        const again = await inSlices(tokens, insist(refresh));
        assert.deepEqual(statusesOf(again), [200]);
        const some = again.filter((_, i) => i % 16 === 0);
        const next = await inSlices(some, ({ body }) => insist(refresh)(body['refresh_token'] ?? ''));
        assert.deepEqual(statusesOf(next), [200]);
      });
    });

    it('are answered after it, where the database stands still for a shorter time than they wait', async function () {
      await withServer(this, open, 30, async ({ newTokens, refresh, wired }) => {
        const tokens = await newTokens();
        wired.wire.delay(Number.POSITIVE_INFINITY);
        const asked = Promise.all(tokens.map(refresh));
        await sleep(2000);
        wired.wire.delay(0);
        assert.deepEqual(statusesOf(await asked), [200]);
      });
    });
  });
}

describe(`${REQUESTS} requests at once on a PostgreSQL that needs 200 ms for each statement, over ${CONNECTIONS} connections`, function () {
  this.timeout(60_000);

  /** How many get tokens is a matter of the machine; but the database has worked for these, and for few others. @returns those that were refused */
  function refusedOf(answers: readonly Answer[], sent: number, statements: number): readonly Answer[] {
    const refused = answers.filter(({ status }) => status !== 200);
    assertTryLater(refused);
    const good = answers.length - refused.length;
    assert.ok(good > 0 && refused.length > 0, `${good} of ${answers.length} got tokens`);
    assert.ok(sent <= statements * (2 * good + CONNECTIONS), `${sent} statements were sent, and ${good} got tokens`);
    return refused;
  }

  it('get as many tokens as there is time for, and the others 503', async function () {
    await withServer(this, wiredPostgres, 2, async ({ credentials, wired }) => {
      await credentials();
      wired.wire.delay(200);
      const before = wired.wire.commands;
      const answers = await Promise.all(Array.from({ length: REQUESTS }, () => credentials()));
      refusedOf(answers, wired.wire.commands - before, 1);
    });
  });

  it('refresh as many tokens as there is time for, and the others 503, whose tokens are still good', async function () {
    await withServer(this, wiredPostgres, 2, async ({ newTokens, refresh, wired }) => {
      const tokens = await newTokens();
      wired.wire.delay(200);
      const before = wired.wire.commands;
      const answers = await Promise.all(tokens.map(refresh));
      const refused = refusedOf(answers, wired.wire.commands - before, STATEMENTS);
      wired.wire.delay(0);
      await sleep(400);
      const again = tokens.filter((_, i) => refused.includes(answers[i] as Answer));
      assert.deepEqual(statusesOf(await inSlices(again, insist(refresh))), [200], 'what was refused is still good');
    });
  });

  it('take no time of those that come later: what nobody waits for is not sent', async function () {
    await withServer(this, wiredPostgres, 2, async ({ newTokens, refresh, wired }) => {
      const tokens = await newTokens();
      wired.wire.delay(200);
      assertTryLater((await Promise.all(tokens.map(refresh))).filter(({ status }) => status !== 200));
      wired.wire.delay(0);
      const before = wired.wire.commands;
      assert.equal((await refresh(tokens.at(-1) ?? '')).status, 200);
      const sent = wired.wire.commands - before;
      assert.ok(sent <= STATEMENTS + CONNECTIONS, `${sent} statements were sent`); // each connection may have been at one when nobody waited any more
    });
  });
});
