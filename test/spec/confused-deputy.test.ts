/** RFC 6749 §2.3, §3.2.1: that a person is logged in says nothing about a client. */
import assert from 'node:assert/strict';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import passport from 'koa-passport';
import session from 'koa-session';
import { createServer, exchange, introspection, pkce, revocation } from 'koauthorize';
import { ClientStrategy, clientAuthentication } from 'koauthorize/client-auth';
import { BasicStrategy } from 'passport-http';
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password';
import request from 'supertest';
import { basic, CONFIDENTIAL, METHODS, PUBLIC, type Registered } from '../support/client-auth.js';
import { assertInvalidClient } from '../support/form.js';

/** A user whose ID is that of a client: the worst that a registration form allows. */
const USERS = [
  { id: 'alice' },
  { id: 'client' },
  { id: 'public', client_id: 'public', client_name: 'evil', redirect_uris: [] },
];
const find = (id: string) => [CONFIDENTIAL, PUBLIC].find(({ client_id }) => client_id === id);

type Doors = Readonly<Record<string, (auth: InstanceType<typeof passport.KoaPassport>) => Middleware>>;
const doors: Doors = {
  clientAuthentication: () => clientAuthentication({ find, methods: METHODS }),
  ClientStrategy(auth) {
    auth.use(new ClientStrategy({ find, methods: METHODS }));
    return auth.authenticate('oauth2-client', { session: false });
  },
  'passport-http and passport-oauth2-client-password': (auth) => {
    const verify = (id: string, secret: string, done: (error: null, client: object | false) => void) => {
      const client = find(id);
      done(null, client?.client_secret === secret ? client : false);
    };
    auth.use(new BasicStrategy(verify)).use(new ClientPasswordStrategy(verify));
    return auth.authenticate(['basic', 'oauth2-client-password'], { session: false, failWithError: true });
  },
  'nothing at all': () => (_ctx, next) => next(),
};

/** One application in which the session and the token endpoint are on the same route, as they should not be. */
function application(door: Doors[string]) {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, (user as { id: string }).id));
  auth.deserializeUser((id: string, done) => done(null, USERS.find((user) => user.id === id) ?? false));
  const server = createServer<Registered>();
  const issued: string[] = [];
  server
    .exchange(
      exchange.clientCredentials(({ client_id }) => {
        issued.push(client_id);
        return 'token';
      }),
    )
    .extend(pkce());
  const authenticate = door?.(auth) ?? assert.fail();
  const app = new Koa();
  app.keys = ['a key'];
  app.silent = true;
  app.use(session(app)).use(server.errorHandler()).use(bodyParser()).use(auth.initialize()).use(auth.session());
  const router = new Router();
  router.get('/login/:id', (ctx) =>
    ctx.login({ id: ctx['params']['id'] }).then(() => {
      ctx.body = '';
    }),
  );
  router.post('/token', authenticate, server.token());
  router.post(
    '/introspect',
    authenticate,
    server.endpoint(introspection(() => ({ active: true, client_id: 'client' }))),
  );
  router.post('/revoke', authenticate, server.endpoint(revocation(() => void issued.push('revoked'))));
  app.use(router.routes());
  return { app, issued };
}

for (const [name, door] of Object.entries(doors)) {
  describe(`confused deputy: a logged-in user and ${name}`, () => {
    for (const { id } of USERS) {
      for (const params of [
        {},
        { client_id: 'client' },
        { client_id: 'client', client_secret: '' },
        { client_id: 'alice' },
      ]) {
        it(`${id} with ${JSON.stringify(params)} is no client`, async () => {
          const { app, issued } = application(door);
          const browser = request.agent(app.callback());
          await browser.get(`/login/${id}`).expect(200);
          for (const path of ['/token', '/introspect', '/revoke']) {
            const own = path === '/token' ? { grant_type: 'client_credentials' } : { token: 'a token' };
            const form = { ...own, ...params };
            assertInvalidClient(await browser.post(path).type('form').send(form));
          }
          assert.deepEqual(issued, []);
        });
      }
    }

    it('a public client that is named has its own rights, of which a login makes no more', async () => {
      const answers = async (user?: string) => {
        const { app, issued } = application(door);
        const browser = request.agent(app.callback());
        if (user) await browser.get(`/login/${user}`).expect(200);
        const form = { grant_type: 'client_credentials', client_id: 'public', token: 'a token' };
        const responses = [];
        for (const path of ['/token', '/introspect']) responses.push(await browser.post(path).type('form').send(form));
        return { issued, answers: responses.map(({ status, text }) => [status, text]) };
      };
      const alone = await answers();
      assert.deepEqual(alone.issued, []);
      for (const { id } of USERS) assert.deepEqual(await answers(id), alone);
    });

    if (name !== 'nothing at all')
      it('the client itself gets in, whoever is logged in', async () => {
        const { app, issued } = application(door);
        const browser = request.agent(app.callback());
        await browser.get('/login/alice').expect(200);
        await browser
          .post('/token')
          .set(basic('client', 'a secret'))
          .type('form')
          .send({ grant_type: 'client_credentials' })
          .expect(200);
        assert.deepEqual(issued, ['client']);
      });
  });
}

describe('confused deputy: a user whom passport has authenticated at the token endpoint', () => {
  it('is no client, since users have no client identifier, and the operator is told', async () => {
    const auth = new passport.KoaPassport();
    auth.use(new BasicStrategy((id, _password, done) => done(null, { id })));
    const server = createServer<Registered>({ clients: { find } });
    const issued: unknown[] = [];
    server.exchange(exchange.clientCredentials((client) => void issued.push(client)));
    const app = new Koa();
    const reasons: string[] = [];
    app.on('error', (error) => reasons.push(String(error.cause?.message)));
    app
      .use(server.errorHandler())
      .use(auth.initialize())
      .use(auth.authenticate('basic', { session: false }));
    app.use(new Router().post('/token', server.token()).routes());
    for (const form of [{}, { client_id: 'client' }]) {
      const response = await request(app.callback())
        .post('/token')
        .set(basic('alice', 'secret'))
        .type('form')
        .send({ grant_type: 'client_credentials', ...form });
      assertInvalidClient(response);
    }
    assert.deepEqual(issued, []);
    assert.match(reasons[0] ?? '', /^What passport left in ctx\.state\.user has no client_id: it is a user, or /);
  });
});
