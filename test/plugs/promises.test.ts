/** Extensions whose functions must give a value at once: a promise would be ignored, and its refusal with it. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import { createServer, type Extension, exchange, grant, OAuth2Error, pkce } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { clientRegistration, registeredClients } from 'koauthorize/client-registration';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, tokenRequest, type User } from '../support/authorization-server.js';
import { pluggedServer } from '../support/plugged-server.js';

/** The rejections that nobody handled while a function ran: without a listener, each ends the process. */
async function unhandled(run: () => unknown): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  const listen = (error: unknown) => seen.push(error);
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen);
  try {
    await run();
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.removeListener('unhandledRejection', listen);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return seen;
}

const refuse = async (): Promise<never> => {
  await null;
  throw new OAuth2Error('blocked', 'unauthorized_client', undefined, 400);
};

describe('a function of an extension that is async, and must not be', () => {
  it('authenticated: the client gets no token, and no rejection is left unhandled', async () => {
    const left = await unhandled(async () => {
      const { app } = pluggedServer({ plugs: [{ name: 'blocklist', authenticated: refuse }] });
      app.silent = true;
      const errors: Error[] = [];
      app.on('error', (error) => errors.push(error));
      const { body } = await tokenRequest(app, { grant_type: 'client_credentials' }).expect(500);
      assert.equal(body.access_token, undefined);
      assert.match(String(errors[0]), /authenticated of blocklist gave a promise/);
    });
    assert.deepEqual(left, []);
  });

  it('judgeClient: the registration is not stored, and no rejection is left unhandled', async () => {
    const left = await unhandled(async () => {
      const store = memoryStore();
      const tokens = tokenService<App, User>({ store });
      const clients = registeredClients(store);
      const judge: Extension<App, User> = { name: 'judge', judgeClient: refuse };
      const server = createServer<App, User>({
        issuer: 'https://as.example',
        tokens: tokenService<App, User>({ store }),
      });
      server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)).extend(pkce());
      server.extend(clientRegistration({ clients: clients as never, allowAnyone: true }), judge);
      clientAuthentication<App>({ server, methods: [clientSecretBasic()] });
      const app: Koa = new Koa().use(server.errorHandler()).use(server.route('registration'));
      app.silent = true;
      const errors: Error[] = [];
      app.on('error', (error) => errors.push(error));
      const form = { redirect_uris: ['https://c.example/cb'] };
      const { body } = await request(app.callback()).post('/register').send(form).expect(500);
      assert.equal(body.client_id, undefined);
      assert.match(String(errors[0]), /judgeClient of judge gave a promise/);
    });
    assert.deepEqual(left, []);
  });

  for (const [name, extension] of [
    ['ready', { name: 'wrong', ready: refuse }],
    ['findings', { name: 'wrong', findings: refuse as never }],
  ] as const) {
    it(`${name}: the server does not start, and no rejection is left unhandled`, async () => {
      const left = await unhandled(() =>
        assert.throws(() => createServer().extend(extension).check(), {
          name: 'TypeError',
          message: `${name} of wrong gave a promise where a value is needed`,
        }),
      );
      assert.deepEqual(left, []);
    });
  }
});
