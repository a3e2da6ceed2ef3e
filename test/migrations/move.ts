/** What must be true when an application of another library is replaced by one of ours, whatever the library was. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import {
  type Answer,
  type Asked,
  allow,
  Browser,
  callAPI,
  type Held,
  type InFlight,
  OTHER,
  PHONE,
  received,
  redeem,
  refresh,
  refused,
  request,
  served,
  WEB,
} from './people.js';
import { type Running, start } from './process.js';

export interface Move {
  /** The two applications, as files below this folder. */
  readonly before: string;
  readonly after: string;
  /** Whether the web site sends a code_challenge. */
  readonly web: 'challenged' | 'unchallenged';
  /** What the API says to a token of Alice's. */
  readonly me: object;
  /** What becomes of a dialog that was open: it is answered, or shown once more. */
  readonly dialog: 'answered' | 'shown again';
  /** Whether a token or code that was used is known when it comes again, and ends what came of it. */
  readonly noticesReplay: boolean;
}

/** What the people have when the old server stops. */
interface Before {
  readonly alice: Browser;
  readonly bob: Browser;
  readonly web: Held;
  readonly phone: Held;
  readonly used: { readonly refreshToken: string; readonly code: InFlight };
  readonly inFlight: { readonly web: InFlight; readonly phone: InFlight; readonly guessed: InFlight };
  readonly dialog: { readonly page: string; readonly asked: Asked };
}

async function live(server: string, { web }: Move): Promise<Before> {
  const [alice, bob] = [new Browser(), new Browser()];
  const ofWeb = { user: 'alice', challenged: web };
  const ofPhone = { user: 'alice', challenged: 'challenged' } as const;
  const code = await allow(alice, server, WEB, ofWeb);
  const first = served(await redeem(server, WEB, code));
  const second = served(await refresh(server, WEB, first.refresh_token));
  const phone = served(await redeem(server, PHONE, await allow(alice, server, PHONE, ofPhone)));
  const asked = request(WEB, web);
  const { page = '' } = await bob.ask(server, asked.query, 'bob');
  assert.ok(page.includes('/authorize/decision'), page);
  const inFlight = {
    web: await allow(alice, server, WEB, ofWeb),
    phone: await allow(alice, server, PHONE, ofPhone),
    guessed: await allow(alice, server, PHONE, ofPhone),
  };
  assert.deepEqual([alice.logins, bob.logins], [1, 1]);
  return {
    alice,
    bob,
    web: second,
    phone,
    used: { refreshToken: first.refresh_token, code },
    inFlight,
    dialog: { page, asked },
  };
}

/** What both applications are told, and what the new one alone needs. */
function secrets() {
  const secret = (): string => randomBytes(32).toString('hex');
  return { SESSION_KEY: secret(), SIGNING_SECRET: secret(), KEYS_SECRET: secret() };
}

/** The old server runs and stops; two processes of the new one take its place. */
async function replace(move: Move) {
  const DATA = await mkdtemp(join(tmpdir(), 'koauthorize-move-'));
  const PORT = String(await freePort());
  const env = { DATA, ISSUER: `http://127.0.0.1:${PORT}`, ...secrets() };
  const old = await start(move.before, { ...env, PORT });
  let before: Before;
  try {
    before = await live(old.url, move);
  } finally {
    await old.stop();
  }
  const servers: [Running, Running] = [await start(move.after, { ...env, PORT }), await start(move.after, env)];
  assert.equal(servers[0].url, old.url);
  const [one, two] = [servers[0].url, servers[1].url];
  const end = async (): Promise<void> => {
    for (const server of servers) await server.stop();
    await rm(DATA, { recursive: true });
  };
  return { before, one, two, end };
}

/** Of several requests at the same moment, at both processes, how many successors there are. */
function successors(answers: readonly Answer[]): number {
  const given = answers.filter(({ status }) => status === 200).map(({ body }) => body.refresh_token);
  return new Set(given).size;
}

export function testMove(title: string, move: Move): void {
  describe(title, function () {
    this.timeout(120_000);
    let state: Awaited<ReturnType<typeof replace>>;
    before(async () => {
      state = await replace(move);
    });
    after(() => state?.end());

    it('access tokens that were issued before are honoured, and unknown ones are refused', async () => {
      const { before, one, two } = state;
      for (const server of [one, two])
        for (const { access_token } of [before.web, before.phone])
          assert.deepEqual((await callAPI(server, access_token)).body, move.me);
      const notAccessTokens = [
        `${before.web.access_token.slice(0, -4)}AAAA`,
        before.web.refresh_token,
        before.inFlight.web.code,
      ];
      for (const token of notAccessTokens) {
        const { status, challenge } = await callAPI(one, token);
        assert.equal(status, 401);
        assert.match(challenge ?? '', /^Bearer/);
      }
    });

    it('a session of before is one of after: nobody logs in, and nobody allows again what they allowed', async () => {
      const { before, one } = state;
      const asked = request(WEB, move.web);
      const { location } = await before.alice.ask(one, asked.query, 'alice');
      const held = served(await redeem(one, WEB, received(location, WEB, asked)));
      assert.deepEqual((await callAPI(one, held.access_token)).body, move.me);
      assert.equal(before.alice.logins, 1);
    });

    it(`a dialog that was open is ${move.dialog}`, async () => {
      const { before, one } = state;
      const { page, asked } = before.dialog;
      const decided = await before.bob.submit(one, '/authorize/decision', page);
      assert.equal(decided.location ? 'answered' : 'shown again', move.dialog);
      const { location } = decided.page ? await before.bob.submit(one, '/authorize/decision', decided.page) : decided;
      served(await redeem(one, WEB, received(location, WEB, asked)));
      assert.equal(before.bob.logins, 1);
    });

    it('secrets of clients are as they were, and wrong ones are refused', async () => {
      const { before, one } = state;
      const wrong = { ...WEB, secret: 'another' };
      refused(await refresh(one, wrong, before.web.refresh_token), 'invalid_client');
      refused(await redeem(one, wrong, before.inFlight.web), 'invalid_client');
    });

    it('another client can use neither a refresh token nor a code of before', async () => {
      const { before, one } = state;
      refused(await refresh(one, OTHER, before.web.refresh_token));
      refused(await redeem(one, OTHER, before.inFlight.web));
    });

    it('what was used before is refused: a refresh token, and a code', async () => {
      const { before, one } = state;
      refused(await refresh(one, WEB, before.used.refreshToken));
      refused(await redeem(one, WEB, before.used.code));
    });

    it('a code in flight is exchanged, by the client that has its verifier', async () => {
      const { before, one, two } = state;
      const held = served(await redeem(one, PHONE, before.inFlight.phone));
      assert.deepEqual((await callAPI(two, held.access_token)).body, move.me);
      served(await refresh(two, PHONE, held.refresh_token));
      refused(await redeem(one, PHONE, { ...before.inFlight.guessed, code_verifier: 'x'.repeat(43) }));
    });

    it('of several exchanges of one code at two processes exactly one is served', async () => {
      const { before, one, two } = state;
      const servers = [one, two, one, two, one, two];
      const answers = await Promise.all(servers.map((server) => redeem(server, WEB, before.inFlight.web)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      const [held] = answers.flatMap(({ status, body }) => (status === 200 ? [body] : []));
      const { status } = await callAPI(one, held?.access_token ?? '');
      assert.equal(status, move.noticesReplay ? 401 : 200);
    });

    it('of several refreshes with one token at two processes there is one successor, which is refreshed', async () => {
      const { before, one, two } = state;
      for (const [client, { refresh_token }] of [
        [WEB, before.web],
        [PHONE, before.phone],
      ] as const) {
        const servers = [one, two, one, two, one, two];
        const answers = await Promise.all(servers.map((server) => refresh(server, client, refresh_token)));
        assert.equal(successors(answers), 1);
        const [held] = answers.flatMap(({ status, body }) => (status === 200 ? [body] : []));
        const next = served(await refresh(two, client, held?.refresh_token ?? ''));
        assert.deepEqual((await callAPI(one, next.access_token)).body, move.me);
      }
    });
  });
}
