/** RFC 8628 §3.3, §3.5, CIBA §8, §10.1: decisions and polls at the same moment, at two servers that share a store, on each store. */
import assert from 'node:assert/strict';
import type { TokenService, TokenStore } from 'koauthorize/tokens';
import type { App, User } from '../support/authorization-server.js';
import { backchannelServer } from '../support/backchannel-server.js';
import { deviceServer } from '../support/device-server.js';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';

/** Rounds of each race. POLLING_ROUNDS=1000 is the whole. */
const ROUNDS = Number(process.env['POLLING_ROUNDS'] ?? 10);

/** What a client was given. */
interface Begun {
  /** By which the client polls. */
  readonly code: string;
  /** By which the user finds it. */
  readonly name: string;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly error?: string; readonly access_token?: string };
}

/** A server whose clients poll. Two polls are a second apart. */
interface PolledServer {
  readonly clock: { now: number };
  readonly tokens: TokenService<App, User>;
  begin(user: string): Promise<Begun>;
  /** A user is shown what waits. @returns what decides, and tells whether the decision counts */
  open(begun: Begun, user: string): Promise<(allow: boolean) => Promise<boolean>>;
  poll(code: string): PromiseLike<Answer>;
}

/** Two servers with one store, and a clock that goes as the stores' own. */
async function twoOf(place: Place, make: (store: TokenStore) => Promise<PolledServer>) {
  const one = await make(place.open());
  const two = await make(place.open());
  const both = [one, two];
  const tick = (seconds = 0) => {
    for (const { clock } of both) clock.now = Date.now() / 1000 + seconds;
  };
  tick();
  return { one, two, both, tick };
}

async function ofDevices(store: TokenStore): Promise<PolledServer> {
  const server = deviceServer({ store, device: { interval: 1, guessesPerAddress: 1_000_000 } });
  return {
    ...server,
    async begin() {
      const { device_code, user_code } = (await server.begin().expect(200)).body;
      return { code: device_code, name: user_code };
    },
    async open({ name }, user) {
      const tab = server.person(user);
      const { id } = (await tab.type(name)).body;
      return async (allow) => (await tab.decide(id, allow ? {} : { cancel: 'yes' })).status === 200;
    },
  };
}

async function ofCIBA(store: TokenStore): Promise<PolledServer> {
  const server = await backchannelServer({ store, ciba: { interval: 1 } });
  return {
    ...server,
    async begin(user) {
      const { auth_req_id } = (await server.begin({ login_hint: user }).expect(200)).body;
      return { code: auth_req_id, name: server.asked.at(-1)?.id ?? '' };
    },
    open:
      async ({ name }, user) =>
      async (allow) =>
        (await server.decide(name, { user, allow })).status === 200,
  };
}

for (const [what, make] of Object.entries({ devices: ofDevices, CIBA: ofCIBA }))
  for (const [name, start] of Object.entries(PLACES))
    describe(`${what} at two servers over ${name}`, function () {
      this.timeout(120_000 + ROUNDS * 1000);
      let place: Place | undefined;
      before(async function () {
        place = await start();
        if (!place) skipStore(this, name);
      });
      after(() => place?.remove());
      const servers = () => {
        assert.ok(place);
        return twoOf(place, make);
      };

      it('of decisions at two servers one counts, and the client is told what that one said', async () => {
        const { one, both, tick } = await servers();
        for (let round = 0; round < ROUNDS; round += 1) {
          const user = `user ${round}`;
          const begun = await one.begin(user);
          const tabs = await Promise.all([...both, ...both].map((server) => server.open(begun, user)));
          const counts = await Promise.all(tabs.map((decide, index) => decide(index % 2 === 0)));
          assert.equal(counts.filter(Boolean).length, 1);
          tick(2);
          const { status, body } = await one.poll(begun.code);
          const isAllowed = counts.indexOf(true) % 2 === 0;
          assert.deepEqual([status, body.error], isAllowed ? [200, undefined] : [400, 'access_denied']);
          tick();
        }
      });

      it('while the user allows it, and after, of all polls one gets tokens', async () => {
        const { one, two, both, tick } = await servers();
        for (let round = 0; round < ROUNDS; round += 1) {
          const user = `user ${round}`;
          const begun = await two.begin(user);
          const decide = await one.open(begun, user);
          const polls = [...both, ...both].map(async ({ poll }) => (await poll(begun.code)).status);
          const [counts, ...statuses] = await Promise.all([decide(true), ...polls]);
          assert.equal(counts, true);
          let given = statuses.filter((status) => status === 200).length;
          for (const later of [2, 4]) {
            tick(later);
            const answers = await Promise.all([...both, ...both].map(({ poll }) => poll(begun.code)));
            given += answers.filter(({ status }) => status === 200).length;
          }
          assert.equal(given, 1);
          tick();
        }
      });

      it('of 50 polls at two servers one gets tokens', async () => {
        const { one, both, tick } = await servers();
        for (let round = 0; round < Math.ceil(ROUNDS / 10); round += 1) {
          const begun = await one.begin(`user ${round}`);
          await (await one.open(begun, `user ${round}`))(true);
          tick(2);
          const polls = Array.from({ length: 25 }, () => both.map(({ poll }) => poll(begun.code))).flat();
          const answers = await Promise.all(polls);
          assert.equal(answers.filter(({ status }) => status === 200).length, 1);
          tick();
        }
      });

      it('after a revocation a poll gets no tokens; if both are concurrent, no token stays valid', async () => {
        const { one, two, tick } = await servers();
        for (let round = 0; round < ROUNDS; round += 1) {
          const id = `user ${round}`;
          const begun = await one.begin(id);
          await (await one.open(begun, id))(true);
          tick(2);
          const revoking = two.tokens.revokeAll({ user: { id, name: id } });
          const isAtOnce = round % 2 === 0;
          if (!isAtOnce) await revoking;
          const { status, body } = await one.poll(begun.code);
          await revoking;
          if (!isAtOnce) assert.deepEqual([status, body.error], [400, 'invalid_grant']);
          if (status === 200) assert.equal(await two.tokens.verify(String(body.access_token)), undefined);
          tick();
        }
      });
    });
