/** Libraries by which people log in to an application, each in a Koa application of its own. docs/client-libraries.md has what they need. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import session from 'koa-session';
import { client as clientOf, type Registered } from '../support/client-auth.js';
import { serve, startAuthorizationServer, stopAll } from '../support/interop-server.js';
import { Browser, served } from './browser.js';
import { withLibrary } from './libraries.js';
import { servedByNext } from './next-api.js';

const SECRET = 'a secret: + / and %';

/** The endpoints of the server, as these libraries ask for them. */
interface Endpoints {
  readonly issuer: string;
  readonly authorize: string;
  readonly token: string;
  readonly me: string;
}

interface Setup {
  /** Where the application has its redirect URI. */
  readonly callback: string;
  /** The method that it registered. */
  readonly method?: string;
  readonly allowMixUp?: boolean;
  readonly app: (url: string, server: Endpoints) => Koa.Middleware | Promise<Koa.Middleware>;
}

/** An application in which people log in by way of the server. @returns its URL */
async function start({ callback, method, allowMixUp = false, app }: Setup): Promise<string> {
  const clients: Registered[] = [];
  const issuer = await startAuthorizationServer(clients, { issuer: { allowMixUp: () => allowMixUp } });
  const endpoints = { issuer, authorize: `${issuer}/authorize`, token: `${issuer}/token`, me: `${issuer}/me` };
  let middleware: Koa.Middleware = () => {};
  const url = await serve(() => {
    const koa = new Koa();
    koa.keys = ['a key for tests'];
    koa.silent = true;
    return koa.use(session({ key: 'client' }, koa)).use((ctx, next) => middleware(ctx, next));
  });
  middleware = await app(url, endpoints);
  const registered = method ? { token_endpoint_auth_method: method } : {};
  clients.push(clientOf('relying-party', { client_secret: SECRET, redirect_uris: [url + callback], ...registered }));
  return url;
}

describe('client libraries that log people in', () => {
  afterEach(stopAll);

  withLibrary('grant', (load) => {
    const setup = (config: object, method?: string): Setup => ({
      callback: '/connect/as/callback',
      ...(method ? { method } : {}),
      async app(url, { authorize, token }) {
        const { default: grant } = await load<{ readonly default: { koa(): (config: object) => Koa.Middleware } }>();
        const connect = grant.koa()({
          defaults: { origin: url, transport: 'session', state: true },
          as: {
            oauth: 2,
            authorize_url: authorize,
            access_url: token,
            key: 'relying-party',
            secret: SECRET,
            response: ['tokens'],
            callback: '/done',
            ...config,
          },
        });
        return (ctx, next) =>
          connect(ctx, async () => {
            await next();
            ctx.body = ctx['session'].grant?.response ?? {};
          });
      },
    });
    const connected = async (url: string): Promise<string[]> => {
      const browser = new Browser();
      await browser.follow(`${url}/connect/as`);
      return Object.keys((await browser.json(`${url}/done`)) as object);
    };

    it('grant with pkce: true, and the secret in the form', async () => {
      assert.deepEqual(await connected(await start(setup({ pkce: true }, 'client_secret_post'))), [
        'access_token',
        'refresh_token',
      ]);
    });
    it('grant with token_endpoint_auth_method: client_secret_basic', async () => {
      const basic = { pkce: true, token_endpoint_auth_method: 'client_secret_basic' };
      assert.deepEqual(await connected(await start(setup(basic, 'client_secret_basic'))), [
        'access_token',
        'refresh_token',
      ]);
    });
    it('grant without pkce is refused', async () => {
      assert.equal((await connected(await start(setup({}))))[0], 'error');
    });
  });

  withLibrary('@auth/core', (load) => {
    interface Library {
      Auth(request: Request, config: object): Promise<Response>;
    }
    const setup = (provider: (server: Endpoints) => object, more: Partial<Setup> = {}): Setup => ({
      callback: '/auth/callback/as',
      ...more,
      async app(url, server) {
        const { Auth } = await load<Library>();
        const { authorize, token, me } = server;
        const config = {
          basePath: '/auth',
          secret: 'a secret of the application',
          trustHost: true,
          logger: { error: () => {}, warn: () => {} },
          providers: [
            {
              id: 'as',
              name: 'Our server',
              type: 'oauth',
              clientId: 'relying-party',
              clientSecret: SECRET,
              authorization: { url: authorize, params: { scope: '' } },
              token,
              userinfo: me,
              profile: ({ user }: { user: string }) => ({ id: user, name: user }),
              ...provider(server),
            },
          ],
        };
        return served(url, (request) => Auth(request, config));
      },
    });
    const userOf = async (url: string): Promise<string | undefined> => {
      const browser = new Browser();
      const { csrfToken } = (await browser.json(`${url}/auth/csrf`)) as { csrfToken: string };
      await browser.follow(`${url}/auth/signin/as`, new URLSearchParams({ csrfToken, callbackUrl: `${url}/done` }));
      return ((await browser.json(`${url}/auth/session`)) as { user?: { name: string } } | null)?.user?.name;
    };

    it('Auth.js with issuer', async () => {
      assert.equal(
        await userOf(await start(setup(({ issuer }) => ({ issuer }), { method: 'client_secret_basic' }))),
        'alice',
      );
    });
    it('Auth.js without issuer refuses the iss of the response', async () => {
      assert.equal(await userOf(await start(setup(() => ({})))), undefined);
    });
    it('Auth.js without issuer: allowMixUp', async () => {
      assert.equal(await userOf(await start(setup(() => ({}), { allowMixUp: true }))), 'alice');
    });
  });

  withLibrary('next-auth', (load) => {
    type NextAuth = (request: object, response: object, options: object) => Promise<void>;
    const setup = (provider: (server: Endpoints) => object, more: Partial<Setup> = {}): Setup => ({
      callback: '/api/auth/callback/as',
      ...more,
      async app(url, server) {
        const loaded = (await load<{ readonly default: NextAuth | { readonly default: NextAuth } }>()).default;
        const NextAuth = 'default' in loaded ? loaded.default : loaded;
        process.env['NEXTAUTH_URL'] = url;
        const options = {
          secret: 'a secret of the application',
          logger: { error: () => {}, warn: () => {}, debug: () => {} },
          providers: [
            {
              id: 'as',
              name: 'Our server',
              type: 'oauth',
              clientId: 'relying-party',
              clientSecret: SECRET,
              authorization: { url: server.authorize, params: { scope: '' } },
              token: server.token,
              userinfo: server.me,
              profile: ({ user }: { user: string }) => ({ id: user, name: user }),
              ...provider(server),
            },
          ],
        };
        return servedByNext((request, response) => NextAuth(request, response, options));
      },
    });
    after(() => delete process.env['NEXTAUTH_URL']);

    const userOf = async (url: string): Promise<string | undefined> => {
      const browser = new Browser();
      const { csrfToken } = (await browser.json(`${url}/api/auth/csrf`)) as { csrfToken: string };
      const form = new URLSearchParams({ csrfToken, callbackUrl: `${url}/done` });
      await browser.follow(`${url}/api/auth/signin/as`, form);
      return ((await browser.json(`${url}/api/auth/session`)) as { user?: { name: string } }).user?.name;
    };
    const checks = ['pkce', 'state'];

    it("NextAuth with issuer and checks: ['pkce', 'state']", async () => {
      assert.equal(await userOf(await start(setup(({ issuer }) => ({ issuer, checks })))), 'alice');
    });
    it('NextAuth without issuer refuses the iss of the response', async () => {
      assert.equal(await userOf(await start(setup(() => ({ checks })))), undefined);
    });
    it('NextAuth without issuer: allowMixUp', async () => {
      assert.equal(await userOf(await start(setup(() => ({ checks }), { allowMixUp: true }))), 'alice');
    });
    it('NextAuth without pkce is refused', async () => {
      assert.equal(await userOf(await start(setup(({ issuer }) => ({ issuer })))), undefined);
    });
  });

  withLibrary('better-auth', (load) => {
    interface Library {
      betterAuth(options: object): { handler(request: Request): Promise<Response> };
    }
    const setup = (provider: object, method: string): Setup => ({
      callback: '/api/auth/callback/as',
      method,
      async app(url, { authorize, token, me }) {
        const { betterAuth } = await load<Library>();
        const { genericOAuth } = await load<{ genericOAuth(options: object): object }>(
          'better-auth/plugins/generic-oauth',
        );
        const { memoryAdapter } = await load<{ memoryAdapter(tables: object): object }>('better-auth/adapters/memory');
        const config = {
          providerId: 'as',
          authorizationUrl: authorize,
          tokenUrl: token,
          userInfoUrl: me,
          clientId: 'relying-party',
          clientSecret: SECRET,
          mapProfileToUser: ({ user }: { user: string }) => ({ name: user, email: `${user}@as.example` }),
          accountSubject: ({ profile }: { profile: { user: string } }) => profile.user,
          ...provider,
        };
        const auth = betterAuth({
          baseURL: url,
          secret: 'a secret of the application, of thirty-two characters',
          database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
          plugins: [genericOAuth({ config: [config] })],
          logger: { disabled: true },
          telemetry: { enabled: false },
          rateLimit: { enabled: false },
        });
        return served(url, (request) => auth.handler(request));
      },
    });
    const userOf = async (url: string): Promise<string | undefined> => {
      const browser = new Browser();
      const body = JSON.stringify({ provider: 'as', callbackURL: `${url}/done` });
      const { url: page } = (await browser.json(`${url}/api/auth/sign-in/social`, body)) as { url: string };
      await browser.follow(page);
      return ((await browser.json(`${url}/api/auth/get-session`)) as { user: { name: string } } | null)?.user.name;
    };

    it('better-auth sends the secret in the form', async () => {
      assert.equal(await userOf(await start(setup({}, 'client_secret_post'))), 'alice');
    });
    it("better-auth with authentication: 'basic'", async () => {
      assert.equal(await userOf(await start(setup({ authentication: 'basic' }, 'client_secret_basic'))), 'alice');
    });
    it('better-auth with pkce: false is refused', async () => {
      assert.equal(await userOf(await start(setup({ pkce: false }, 'client_secret_post'))), undefined);
    });
  });
});
