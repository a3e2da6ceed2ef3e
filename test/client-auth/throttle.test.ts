import assert from 'node:assert/strict';
import { TokenError } from 'koauthorize';
import { type AuthenticationAttempt, clientSecretBasic, type Throttle } from 'koauthorize/client-auth';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { throttle as quickstartThrottle } from '../../examples/quickstart/throttle.js';
import { basic, client, clientAuthServer, DOORS, METHODS } from '../support/client-auth.js';
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

    it('who has to wait for less than a second is refused, too', async () => {
      const throttle: Throttle = { before: () => 0, after: () => assert.fail('nothing was tried') };
      const { token, issued } = clientAuthServer({ door, authentication: { throttle } });
      assertErrorHere(await token({}, basic('client', 'a secret')), 429, 'temporarily_unavailable');
      assert.deepEqual(issued, []);
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

    describe('RFC 6749 §2.3.1 clients that try one way to send the secret, and then the other', () => {
      const form = { client_id: 'poster', client_secret: 'its secret' };
      const server = (throttle: Throttle) => {
        const poster = client('poster', {
          client_secret: 'its secret',
          token_endpoint_auth_method: 'client_secret_post',
        });
        const user = client('user', { client_secret: 'its secret', token_endpoint_auth_method: 'client_secret_basic' });
        return clientAuthServer({ door, clients: [poster, user], authentication: { throttle } });
      };

      it('are not locked out: what is refused for its method alone does not count', async () => {
        const { token } = server(quickstartThrottle(3, 3));
        for (let time = 0; time < 10; time++) {
          assertErrorHere(await token({}, basic('poster', 'its secret')), 401, 'invalid_client');
          if (time === 9) await token(form).expect(200);
        }
        for (let time = 0; time < 10; time++)
          assertErrorHere(await token({ client_id: 'user', client_secret: 'its secret' }), 400, 'invalid_client');
        await token({}, basic('user', 'its secret')).expect(200);
      });

      it('are locked out with wrong secrets, however they send them', async () => {
        for (const send of [basic('poster', 'a guess'), {}]) {
          const { token } = server(quickstartThrottle(3));
          const guess = 'Authorization' in send ? {} : { ...form, client_secret: 'a guess' };
          const refused = 'Authorization' in send ? 401 : 400; // RFC 6749 §5.2: 401 is a MUST for the header only
          for (let time = 0; time < 3; time++) assertErrorHere(await token(guess, send), refused, 'invalid_client');
          assertErrorHere(await token(guess, send), 429, 'temporarily_unavailable');
          assertErrorHere(await token(form), 429, 'temporarily_unavailable');
        }
      });

      it('the throttle is told that only the method was wrong, and the operator, but not the client', async () => {
        const outcomes: string[] = [];
        const { token, errors } = server({
          before: () => undefined,
          after: (_, outcome) => void outcomes.push(outcome),
        });
        await token({}, basic('poster', 'its secret'));
        await token({}, basic('poster', 'a guess'));
        await token({ client_id: 'poster' });
        assert.deepEqual(outcomes, ['other-method', 'refused', 'refused']);
        assert.deepEqual(
          errors.map(({ cause }) => (cause as Error).message),
          [
            'poster came by client_secret_basic, by another method than registered: client_secret_post. Its secret is right (client: "poster", grant_type: "client_credentials")',
            'poster came by client_secret_basic, by another method than registered: client_secret_post (client: "poster", grant_type: "client_credentials")',
            'poster came by none, by another method than registered: client_secret_post (client: "poster", grant_type: "client_credentials")',
          ],
        );
      });

      it('a method of your own, and clients without a secret, are never asked about each other', async () => {
        const asked: string[] = [];
        const compare = (_secret: string, { client_id }: { client_id: string }): boolean => asked.push(client_id) > 0;
        const methods = [clientSecretBasic({ compare }), ...METHODS.slice(1)];
        const clients = ['none', 'private_key_jwt', 'mine'].map((token_endpoint_auth_method) =>
          client(token_endpoint_auth_method, { token_endpoint_auth_method }),
        );
        const outcomes: string[] = [];
        const throttle: Throttle = { before: () => undefined, after: (_, outcome) => void outcomes.push(outcome) };
        const { token } = clientAuthServer({ door, clients, authentication: { throttle, methods } });
        for (const { client_id } of clients) await token({}, basic(client_id, 'x')).expect(401);
        await token({ client_id: 'mine' }).expect(400);
        assert.deepEqual([asked, outcomes], [[], ['refused', 'refused', 'refused', 'refused']]);
      });
    });

    describe('a success', () => {
      it('forgets what was counted against that client from that address', async () => {
        const { token } = clientAuthServer({ door, authentication: { throttle: quickstartThrottle(3) } });
        for (let round = 0; round < 4; round++) {
          for (let guess = 0; guess < 2; guess++) await token({}, basic('client', 'of yesterday')).expect(401);
          await token({}, basic('client', 'a secret')).expect(200);
        }
      });

      it('does not let the owner of one client guess the secrets of others from the same address: the count of the address stays', async () => {
        const { token } = clientAuthServer({ door, authentication: { throttle: quickstartThrottle(100, 3) } });
        const statuses: number[] = [];
        for (let guess = 0; guess < 5; guess++) {
          statuses.push((await token({}, basic('client', `guess ${guess}`))).status);
          await token({ client_id: 'other', client_secret: 'other secret' });
        }
        assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
      });

      it('nor those of another client: each has a count of its own', async () => {
        const { token } = clientAuthServer({ door, authentication: { throttle: quickstartThrottle(3) } });
        for (let guess = 0; guess < 3; guess++) await token({}, basic('client', `guess ${guess}`)).expect(401);
        await token({ client_id: 'other', client_secret: 'other secret' }).expect(200);
        await token({}, basic('client', 'a guess')).expect(429);
      });
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
