import assert from 'node:assert/strict';
import { TokenError } from 'koauthorize';
import { type AuthenticationAttempt, clientSecretBasic, type Throttle } from 'koauthorize/client-auth';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { basic, clientAuthServer, DOORS } from '../support/client-auth.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';

/** As the README has it: wrong guesses by client and address together. */
function limited(points: number): Throttle {
  const wrong = new RateLimiterMemory({ points, duration: 60 });
  const keyOf = ({ clientID, address }: AuthenticationAttempt) => JSON.stringify([clientID, address]);
  return {
    async before(attempt) {
      try {
        await wrong.consume(keyOf(attempt));
        return undefined;
      } catch (limit) {
        if (!(limit instanceof RateLimiterRes)) throw limit;
        return limit.msBeforeNext / 1000;
      }
    },
    async after(attempt, outcome) {
      if (outcome !== 'refused') await wrong.reward(keyOf(attempt));
    },
  };
}

for (const door of DOORS) {
  describe(`client-auth: throttle of ${door}`, () => {
    it('RFC 6585 §4 who guesses too often is told to wait, even with the right secret, and others are not', async () => {
      const { token, issued } = clientAuthServer({ door, authentication: { throttle: limited(3) } });
      for (let guess = 0; guess < 3; guess++) assertInvalidClient(await token({}, basic('client', `guess ${guess}`)));
      const response = await token({}, basic('client', 'a secret'));
      assertErrorHere(response, 429, 'temporarily_unavailable');
      const seconds = Number(response.headers['retry-after']);
      assert.ok(seconds > 50 && seconds <= 60, `${seconds}`);
      assert.deepEqual(issued, []);
      await token({ client_id: 'other', client_secret: 'other secret' }).expect(200);
    });

    it('many guesses at the same moment are counted', async () => {
      const { token } = clientAuthServer({ door, authentication: { throttle: limited(3) } });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, guess) => token({}, basic('client', `${guess}`))),
      );
      assert.equal(answers.filter(({ status }) => status === 401).length, 3);
      assert.equal(answers.filter(({ status }) => status === 429).length, 17);
    });

    it('whoever is right is never slowed down', async () => {
      const { token } = clientAuthServer({ door, authentication: { throttle: limited(1) } });
      for (let time = 0; time < 5; time++) await token({}, basic('client', 'a secret')).expect(200);
    });

    it('is told who tries, from where, and how it ended', async () => {
      const seen: unknown[] = [];
      const throttle: Throttle = {
        before({ clientID, address }) {
          seen.push(['before', clientID, address.replace('::ffff:', '')]);
          return undefined;
        },
        after({ clientID }, outcome) {
          seen.push(['after', clientID, outcome]);
        },
      };
      const compare = (secret: string): boolean => {
        if (secret === 'broken') throw Object.assign(new Error('broken'), { code: 'invalid_client' });
        if (secret === 'later') throw new TokenError('Try again later', 'temporarily_unavailable');
        return secret === 'right';
      };
      const authentication = { throttle, methods: [clientSecretBasic({ compare })] };
      const { token } = clientAuthServer({ door, authentication });
      await token({}, basic('client', 'right')).expect(200);
      await token({}, basic('client', 'wrong')).expect(401);
      await token({}, basic('nobody', 'wrong')).expect(401);
      await token({}, basic('client', 'broken')).expect(500);
      await token({}, basic('client', 'later')).expect(503);
      await token().expect(400);
      const outcomes = [
        ['client', 'authenticated'],
        ['client', 'refused'],
        ['nobody', 'refused'],
        ['client', 'failed'],
        ['client', 'failed'],
      ];
      assert.deepEqual(
        seen,
        outcomes.flatMap(([id, outcome]) => [
          ['before', id, '127.0.0.1'],
          ['after', id, outcome],
        ]),
      );
    });
  });
}
