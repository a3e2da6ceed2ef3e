/** Several servers in one application, over one session: RFC 6749 §10.12, the dialog of one is not answered by another. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import session from 'koa-session';
import { createServer, grant, issuer, type OAuth2State, type Server, type ServerOptions } from 'koauthorize';
import request from 'supertest';
import { type App, CLIENT, REQUEST, redirected, type User } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';

type Plug = (server: Server<App, User>) => void;

interface One {
  readonly options?: ServerOptions<App, User>;
  readonly plug?: Plug;
}

const withIssuer =
  (url: string): Plug =>
  (server) => {
    server.extend(issuer(url));
  };

/** An application with a route for each server: /0/authorize, /0/decision, /1/authorize, ... */
function application(servers: readonly One[], sessions = new Map<string, object>()) {
  const app = new Koa();
  app.keys = ['a key for tests'];
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  const store = {
    get: async (key: string) => structuredClone(sessions.get(key)),
    set: async (key: string, value: object) => void sessions.set(key, structuredClone(value)),
    destroy: async (key: string) => void sessions.delete(key),
  };
  app.use(session({ store }, app));
  const router = new Router<OAuth2State<App, User>>();
  for (const [index, { options, plug }] of servers.entries()) {
    const server = createServer<App, User>(options);
    server.serializeClient(({ client_id }) => client_id);
    server.deserializeClient(() => CLIENT);
    server.grant(grant.code({ issue: () => `a code of server ${index}` }));
    plug?.(server);
    router.use(`/${index}`, server.errorHandler());
    router.get(
      `/${index}/authorize`,
      server.authorization((_id, uri) => [CLIENT, uri]),
      (ctx) => {
        ctx.body = ctx.state.oauth2.transactionID;
      },
    );
    router.post(`/${index}/decision`, server.decision());
  }
  app.use(router.routes());
  return { app, errors, sessions };
}

type Agent = ReturnType<typeof request.agent>;
const begin = async (agent: Agent, index: number) => (await agent.get(`/${index}/authorize`).query(REQUEST)).text;
const decide = (agent: Agent, index: number, transaction_id: string) =>
  agent.post(`/${index}/decision`).type('form').send({ transaction_id });

const PAIRS: readonly (readonly [how: string, servers: readonly [One, One]])[] = [
  ['by their names', [{ options: { name: 'lax' } }, { options: { name: 'strict' } }]],
  ['by their issuers', [{ plug: withIssuer('https://a.example') }, { plug: withIssuer('https://b.example') }]],
  ['with neither', [{}, {}]],
];

describe('RFC 6749 §10.12 two servers over one session', () => {
  for (const [how, servers] of PAIRS) {
    it(`§10.12 a dialog that began at one server is not answered by another: told apart ${how}`, async () => {
      const { app, errors } = application(servers);
      const agent = request.agent(app.callback());
      for (const [here, there] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const transactionID = await begin(agent, here);
        assertErrorHere(await decide(agent, there, transactionID), 403, 'access_denied');
        assert.match(String(errors.pop()?.cause), /It began at the server /, 'the operator is told why');
        const answered = await decide(agent, here, transactionID);
        assert.equal(redirected(answered)['code'], `a code of server ${here}`, 'and nothing was taken');
      }
    });
  }

  for (const [how, one] of [
    ['a name', { options: { name: 'as' } }],
    ['an issuer', { plug: withIssuer('https://as.example') }],
  ] as const) {
    it(`two processes of one server agree by ${how}`, async () => {
      const sessions = new Map<string, object>();
      const [first, second] = [application([one], sessions), application([one], sessions)];
      const dialog = await request(first.app.callback()).get('/0/authorize').query(REQUEST);
      const cookies = ([dialog.headers['set-cookie']].flat() as string[]).map((line) => line.split(';')[0]).join('; ');
      const answer = await request(second.app.callback())
        .post('/0/decision')
        .set('Cookie', cookies)
        .type('form')
        .send({ transaction_id: dialog.text });
      assert.equal(redirected(answer)['code'], 'a code of server 0');
    });
  }

  it('a dialog that koauthorize 0.1 or oauth2orize-koa left, which names no server, is answered', async () => {
    const { app, sessions } = application([{}, {}]);
    const agent = request.agent(app.callback());
    const transactionID = await begin(agent, 0);
    for (const kept of sessions.values()) {
      const { authorize } = kept as { authorize: Record<string, { server?: string }> };
      for (const record of Object.values(authorize)) {
        assert.ok(record.server);
        delete record.server;
      }
    }
    assert.equal(redirected(await decide(agent, 1, transactionID))['code'], 'a code of server 1');
  });
});
