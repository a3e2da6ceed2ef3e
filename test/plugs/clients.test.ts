/** The clients said once: found for the authorization endpoint, for the dialog that waits, and by extensions. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import session from 'koa-session';
import { createServer, grant, type Plug, pkce, type Server, type ServerOptions, type Transaction } from 'koauthorize';
import { type App, browser, CALLBACK, CLIENT, OTHER, redirected, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

/** Nothing but what `createServer` was told: no validate, and no (de)serializers. */
function bare(
  options: ServerOptions<App, User>,
  plug: Plug<App, User> | undefined,
  authorization = (server: Server<App, User>): Middleware => server.authorization({}),
) {
  const server = createServer<App, User>(options)
    .grant(grant.code<App, User>(() => 'code'))
    .extend(pkce());
  if (plug) server.extend(plug);
  const app: Koa = new Koa();
  app.keys = ['a key for tests'];
  app.silent = true;
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  app.use(session(app)).use(server.errorHandler());
  app.use(async (ctx, next) => {
    ctx.state['user'] = { id: 'alice', name: 'Alice' };
    await next();
  });
  const dialog: Middleware = (ctx) => {
    ctx.body = { transactionID: ctx.state['oauth2'].transactionID, client: ctx.state['oauth2'].client };
  };
  const router = new Router();
  router.get('/authorize', authorization(server), dialog);
  router.post('/decision', server.decision());
  app.use(router.routes());
  return { app, server, errors };
}

const clients = new Map([CLIENT, OTHER].map((client) => [client.client_id, client]));
const find = async (id: string) => clients.get(id);

/** Finds clients that are their own URL. */
const urls: Plug<App, User> = {
  name: 'urls',
  client: async (id) =>
    id.startsWith('https://') ? { client_id: id, client_name: 'By URL', redirect_uris: [CALLBACK] } : undefined,
};
const URL_ID = 'https://client.example/about';

describe('createServer({ clients })', () => {
  it('is validate, serializeClient and deserializeClient where nothing else is said', async () => {
    const { app } = bare({ clients: { find } }, undefined);
    const { authorize, decide } = browser(app);
    const dialog = await authorize().expect(200);
    assert.equal(dialog.body.client.client_id, 'client');
    assert.equal(redirected(await decide(dialog.body.transactionID).expect(303))['code'], 'code');
  });

  it('the redirect URI is compared with the registration that it finds', async () => {
    const { app } = bare({ clients: { find } }, undefined);
    assertErrorHere(await browser(app).authorize({ redirect_uri: 'https://evil.example/' }), 400, 'invalid_request');
    assertErrorHere(await browser(app).authorize({ client_id: 'nobody' }), 403, 'unauthorized_client');
    await browser(app).authorize({ redirect_uri: undefined }).expect(200);
  });

  it('a client that is gone while its dialog waits', async () => {
    const some = new Map(clients);
    const { app } = bare({ clients: { find: (id) => some.get(id) } }, undefined);
    const { authorize, decide } = browser(app);
    const { transactionID } = (await authorize()).body;
    some.clear();
    assertErrorHere(await decide(transactionID), 403, 'unauthorized_client');
  });

  it('what an application says itself wins', async () => {
    const server = (one: Server<App, User>) =>
      one
        .serializeClient(() => 'mine')
        .deserializeClient((value) => (value === 'mine' ? OTHER : undefined))
        .authorization((_id, uri) => [CLIENT, uri]);
    const { app } = bare({ clients: { find: () => undefined } }, undefined, server);
    const { authorize, decide } = browser(app);
    const dialog = await authorize().expect(200);
    assert.equal(dialog.body.client.client_id, 'client');
    assertErrorHere(await decide(dialog.body.transactionID), 400, 'invalid_request'); // of another client by now
  });

  it('without it, validate is needed: told at once', () =>
    assert.throws(() => createServer().authorization({}), /a validate function, or createServer\(\{ clients \}\)/));

  it('authorization({ immediate, complete }): callbacks by name', async () => {
    const completed: unknown[] = [];
    const named = (server: Server<App, User>) =>
      server.authorization({
        immediate: ({ req }: Transaction<App, User>) => req.scope?.includes('read') === true,
        complete: (_ctx, { res }) => void completed.push(res?.allow),
      });
    const { app } = bare({ clients: { find } }, undefined, named);
    assert.equal(redirected(await browser(app).authorize().expect(302))['code'], 'code');
    await browser(app).authorize({ scope: 'write' }).expect(200);
    assert.deepEqual(completed, [true]);
  });
});

describe('clients that extensions find', () => {
  for (const [what, options] of [
    ['besides those of createServer({ clients })', { clients: { find } }],
    ['alone', {}],
  ] as const) {
    it(`${what}: from request to code`, async () => {
      const { app } = bare(options, urls);
      const { authorize, decide } = browser(app);
      const dialog = await authorize({ client_id: URL_ID }).expect(200);
      assert.equal(dialog.body.client.client_name, 'By URL');
      assert.equal(redirected(await decide(dialog.body.transactionID).expect(303))['code'], 'code');
      assertErrorHere(await authorize({ client_id: 'nobody' }), 403, 'unauthorized_client');
    });
  }

  it('the application is asked first, and then each extension in order, until one finds it', async () => {
    const asked: string[] = [];
    const asking = (name: string, found: boolean): Plug<App, User> => ({
      name,
      client(id) {
        asked.push(name);
        return found && id === 'x' ? { ...CLIENT, client_id: name } : undefined;
      },
    });
    const server = createServer<App, User>({
      clients: {
        find(id) {
          asked.push('application');
          return id === 'client' ? CLIENT : null;
        },
      },
    });
    server.extend(asking('one', false)).extend(asking('two', true)).extend(asking('three', true));
    assert.equal((await server.core.findClient('client'))?.client_id, 'client');
    assert.equal((await server.core.findClient('x'))?.client_id, 'two');
    assert.equal(await server.core.findClient('y'), undefined);
    assert.deepEqual(asked.join(' '), 'application application one two application one two three');
  });
});
