/** RFC 8628 §3.3, §3.5: decisions and polls at the same moment, at two servers that share a store, on each store. */
import assert from 'node:assert/strict';
import { deviceServer } from '../support/device-server.js';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';

/** Rounds of each race. DEVICE_ROUNDS=1000 is the whole. */
const ROUNDS = Number(process.env['DEVICE_ROUNDS'] ?? 10);

for (const [name, start] of Object.entries(PLACES))
  describe(`devices at two servers over ${name}`, function () {
    this.timeout(120_000 + ROUNDS * 1000);
    let place: Place | undefined;
    before(async function () {
      place = await start();
      if (!place) skipStore(this, name);
    });
    after(() => place?.remove());

    /** Two servers with one store, and a clock that goes as the stores' own. */
    const servers = () => {
      assert.ok(place);
      const stores = [place.open(), place.open()];
      const both = stores.map((store) =>
        deviceServer({ store, device: { interval: 1, guessesPerAddress: 1_000_000 } }),
      );
      const tick = (seconds = 0) => {
        for (const { clock } of both) clock.now = Date.now() / 1000 + seconds;
      };
      tick();
      const [one, two] = both;
      assert.ok(one && two);
      return { one, two, both, tick };
    };

    it('of decisions in two tabs one counts, and the device is told what that one said', async () => {
      const { one, both, tick } = servers();
      for (let round = 0; round < ROUNDS; round += 1) {
        const { device_code, user_code } = (await one.begin().expect(200)).body;
        const tabs = await Promise.all(
          [...both, ...both].map(async (server, index) => {
            const tab = server.person(`user ${round}`);
            const { id } = (await tab.type(user_code)).body;
            return () => tab.decide(id, index % 2 === 0 ? {} : { cancel: 'yes' });
          }),
        );
        const answers = await Promise.all(tabs.map((decide) => decide()));
        const counted = answers.filter(({ status }) => status === 200);
        assert.equal(counted.length, 1);
        tick(2);
        const { status, body } = await one.poll(device_code);
        assert.deepEqual(
          [status, body.error],
          counted[0]?.body.page === 'allowed' ? [200, undefined] : [400, 'access_denied'],
        );
        tick();
      }
    });

    it('while the user allows it, and after, of all polls one gets tokens', async () => {
      const { one, two, both, tick } = servers();
      for (let round = 0; round < ROUNDS; round += 1) {
        const { device_code, user_code } = (await two.begin().expect(200)).body;
        const tab = one.person(`user ${round}`);
        const { id } = (await tab.type(user_code)).body;
        const polls = [...both, ...both].map(({ poll }) => poll(device_code).then(({ status }) => status));
        const [decided, ...statuses] = await Promise.all([tab.decide(id), ...polls]);
        assert.equal(decided.status, 200);
        let given = statuses.filter((status) => status === 200).length;
        for (const later of [2, 4]) {
          tick(later);
          const answers = await Promise.all([...both, ...both].map(({ poll }) => poll(device_code)));
          given += answers.filter(({ status }) => status === 200).length;
        }
        assert.equal(given, 1);
        tick();
      }
    });

    it('of 50 polls at once one gets tokens', async () => {
      const { one, both, tick } = servers();
      for (let round = 0; round < Math.ceil(ROUNDS / 10); round += 1) {
        const { device_code, user_code } = (await one.begin().expect(200)).body;
        const tab = one.person(`user ${round}`);
        await tab.decide((await tab.type(user_code)).body.id).expect(200);
        tick(2);
        const polls = Array.from({ length: 25 }, () => both.map(({ poll }) => poll(device_code))).flat();
        const answers = await Promise.all(polls);
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
        tick();
      }
    });

    it('what was allowed is revoked, and then nothing is given; of a revocation and a poll at once, nothing is left', async () => {
      const { one, two, tick } = servers();
      for (let round = 0; round < ROUNDS; round += 1) {
        const { device_code, user_code } = (await one.begin().expect(200)).body;
        const id = `user ${round}`;
        const tab = one.person(id);
        await tab.decide((await tab.type(user_code)).body.id).expect(200);
        tick(2);
        const revoking = two.tokens.revokeAll({ user: { id, name: id } });
        const isAtOnce = round % 2 === 0;
        if (!isAtOnce) await revoking;
        const { status, body } = await one.poll(device_code);
        await revoking;
        if (!isAtOnce) assert.deepEqual([status, body.error], [400, 'invalid_grant']);
        if (status === 200) assert.equal(await two.tokens.verify(body.access_token), undefined);
        tick();
      }
    });
  });
