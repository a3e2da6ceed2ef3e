import assert from 'node:assert/strict';
import Koa from 'koa';
import passport from 'koa-passport';
import { errorHandler } from 'koauthorize';
import { ClientStrategy } from 'koauthorize/client-auth';
import request from 'supertest';
import { basic, CONFIDENTIAL, METHODS, type Registered } from '../support/client-auth.js';
import { assertInvalidClient } from '../support/form.js';

/** An application with the strategy among others. */
function application(options: object, strategies: string | string[] = 'oauth2-client') {
  const auth = new passport.KoaPassport();
  auth.use(
    new ClientStrategy<Registered>({ find: (id) => (id === 'client' ? CONFIDENTIAL : undefined), methods: METHODS }),
  );
  auth.use('never', {
    authenticate() {
      this.fail('Never', 401);
    },
  } as Parameters<typeof auth.use>[1] & object);
  const app = new Koa();
  app.silent = true;
  app.use(errorHandler()).use(auth.authenticate(strategies, options));
  app.use((ctx) => {
    ctx.body = {
      user: ctx.state['user'].client_id,
      client: ctx.state['oauth2'].client.client_id,
      info: ctx.state['authInfo'],
    };
  });
  return (headers: Record<string, string>) =>
    request(app.callback()).post('/').type('form').set(headers).send({ a: 'b' });
}

describe('client-auth: ClientStrategy under koa-passport', () => {
  for (const options of [{ session: false }, { session: false, failWithError: true }]) {
    it(`is JSON either way, with ${JSON.stringify(options)}`, async () => {
      const post = application(options);
      const response = await post(basic('client', 'a secret')).expect(200);
      assert.deepEqual(response.body, { user: 'client', client: 'client', info: { method: 'client_secret_basic' } });
      assertInvalidClient(await post(basic('client', 'wrong')));
      assertInvalidClient(await post({}));
    });
  }

  it('stands after another strategy', async () => {
    const post = application({ session: false }, ['never', 'oauth2-client']);
    await post(basic('client', 'a secret')).expect(200);
    assertInvalidClient(await post(basic('client', 'wrong')));
  });

  it('without koa-passport it says what is missing', () => {
    const strategy = new ClientStrategy({ find: () => undefined, methods: METHODS });
    let thrown: unknown;
    const actions = {
      success: () => assert.fail(),
      error: (error: Error) => {
        thrown = error;
      },
    };
    strategy.authenticate.call(actions, {});
    assert.match(String(thrown), /ClientStrategy needs koa-passport/);
  });
});
