/** A transaction that an application keeps, and puts back into a later request by itself. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import { createServer, grant, type OAuth2State } from 'koauthorize';
import request from 'supertest';

const CLIENT = { client_id: 'client', redirect_uris: ['https://client.example/callback'] };
const REQUEST = { response_type: 'code', client_id: 'client' };

type State = OAuth2State<typeof CLIENT, { id: string }>;

/** Two browsers, each with a session; `again` makes what is put back out of what was kept. */
function application(again: (txn: State['oauth2']) => State['oauth2'] = (txn) => txn) {
  const sessions = new Map<string, object>();
  const kept: State['oauth2'][] = [];
  const server = createServer<typeof CLIENT, { id: string }>();
  server.serializeClient((client) => client.client_id);
  server.deserializeClient(() => CLIENT);
  server.grant(grant.code({ issue: () => 'the code' }));
  const load: Koa.Middleware = (ctx, next) => {
    ctx.state['oauth2'] = again(kept[0] as State['oauth2']);
    return next();
  };
  const router = new Router<State>();
  router.get(
    '/authorize',
    server.authorization(() => [CLIENT, undefined]),
    (ctx) => {
      kept.push(ctx.state.oauth2);
      ctx.body = {};
    },
  );
  router.post('/decision', server.decision({ loadTransaction: load }));
  const app = new Koa();
  app.silent = true;
  app.use((ctx, next) => {
    const browser = ctx.get('X-Browser');
    if (!sessions.has(browser)) sessions.set(browser, {});
    ctx['session'] = sessions.get(browser);
    ctx.state['user'] = { id: 'alice' };
    return next();
  });
  app.use(server.errorHandler()).use(router.routes());
  const agent = request(app.callback());
  return {
    authorize: (browser: string) => agent.get('/authorize').query(REQUEST).set('X-Browser', browser).expect(200),
    decide: (browser: string) => agent.post('/decision').type('form').send({ a: '1' }).set('X-Browser', browser),
  };
}

describe('a transaction that an application keeps', () => {
  it('is answered in the session that it waits in, once', async () => {
    const { authorize, decide } = application();
    await authorize('one');
    const { headers } = await decide('one').expect(303);
    assert.match(String(headers['location']), /code=the\+code/);
    await decide('one').expect(403);
  });

  it('RFC 6749 §10.12: is not answered in another session', async () => {
    const { authorize, decide } = application();
    await authorize('one');
    const { body } = await decide('another').expect(403);
    assert.match(body.error_description, /Unable to load/);
  });

  for (const [how, copy] of [
    ['copied', (txn: State['oauth2']) => ({ ...txn })],
    ['derived from', (txn: State['oauth2']) => Object.create(txn)],
  ] as const) {
    it(`${how}, is the application's own: where it waited, ours cannot know`, async () => {
      const { authorize, decide } = application(copy);
      await authorize('one');
      await decide('another').expect(303);
    });
  }
});
