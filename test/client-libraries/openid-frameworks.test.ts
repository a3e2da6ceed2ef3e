/** Libraries by which people log in to an application, as relying parties of an OpenID Provider. docs/client-libraries.md has what they need. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import Koa from 'koa';
import { client as clientOf } from '../support/client-auth.js';
import { type Provider, startProvider } from '../support/forging-provider.js';
import { serve, stopAll } from '../support/interop-server.js';
import { type Express, type Handler, startApplication, stopApplications } from './application.js';
import { Browser, served } from './browser.js';
import { forgeries } from './forgeries.js';
import { withLibrary } from './libraries.js';

const SECRET = 'a secret: + / and %';

describe('relying parties in JavaScript', function () {
  this.timeout(30_000);
  let provider: Provider;
  before(async () => {
    provider = await startProvider();
  });
  beforeEach(() => {
    delete provider.forging.current;
    provider.errors.length = 0;
  });
  after(async () => {
    stopApplications();
    await stopAll();
  });

  function register(client_id: string, redirect_uri: string, more: object = {}): void {
    provider.clients.push(clientOf(client_id, { client_secret: SECRET, redirect_uris: [redirect_uri], ...more }));
  }
  /** Whether alice is still logged in at the provider. */
  const isLoggedIn = async (browser: Browser): Promise<boolean> =>
    ((await browser.json(`${provider.issuer}/who`)) as { user: string | null }).user === 'alice';

  withLibrary('@auth/express', (load) => {
    interface Library {
      ExpressAuth(config: object): Handler;
    }
    const start = (id: string, more: object): Promise<string> =>
      startApplication(async (url) => {
        register(id, `${url}/auth/callback/op`, { token_endpoint_auth_method: 'client_secret_basic' });
        const { ExpressAuth } = await load<Library>();
        const { default: express } = await load<Express>('express');
        const op = {
          id: 'op',
          name: 'Our provider',
          type: 'oidc',
          issuer: provider.issuer,
          clientId: id,
          clientSecret: SECRET,
          ...more,
        };
        const logger = { error: () => {}, warn: () => {} };
        const config = { secret: 'a secret of the application', trustHost: true, logger, providers: [op] };
        const app = express();
        app.use(/^\/auth\/(.*)/, ExpressAuth(config));
        return app;
      });
    async function userOf(url: string): Promise<string | undefined> {
      const browser = new Browser();
      const { csrfToken } = (await browser.json(`${url}/auth/csrf`)) as { csrfToken: string };
      await browser.follow(`${url}/auth/signin/op`, new URLSearchParams({ csrfToken, callbackUrl: `${url}/done` }));
      const found = (await browser.json(`${url}/auth/session`)) as { user?: { name?: string } } | null;
      return found?.user && (found.user.name ?? 'somebody');
    }
    let url: string;
    before(async () => {
      url = await start('auth.js', { checks: ['pkce', 'state', 'nonce'], idToken: false });
    });

    it('Auth.js, type oidc, finds everything by the issuer, and reads UserInfo', async () => {
      assert.equal(await userOf(url), 'Alice Adams');
      assert.deepEqual(provider.errors, []);
    });
    it('Auth.js, type oidc, without idToken: false looks for the name in the ID token, where it is not', async () => {
      assert.equal(await userOf(await start('auth.js with the ID token', {})), 'somebody');
    });
    it('Auth.js, type oidc, asks for the name in the ID token by the parameter claims', async () => {
      const claims = { id_token: { name: null } };
      const params = { scope: 'openid profile', claims };
      assert.equal(await userOf(await start('auth.js with claims', { authorization: { params } })), 'Alice Adams');
    });
    forgeries(
      'Auth.js',
      () => provider,
      () => userOf(url),
      ['ID token signed with another key'],
    );
  });

  withLibrary('passport-openidconnect', (load) => {
    type Verify = (issuer: string, profile: { displayName: string }, done: (e: null, user: object) => void) => void;
    interface Passport {
      readonly default: {
        use(strategy: object): void;
        initialize(): Handler;
        session(): Handler;
        authenticate(strategy: string, options?: object): Handler;
        serializeUser(serialize: (user: object, done: (error: null, user: object) => void) => void): void;
        deserializeUser(deserialize: (user: object, done: (error: null, user: object) => void) => void): void;
      };
    }
    interface Library {
      readonly Strategy: new (options: object, verify: Verify) => object;
    }
    const start = (id: string, more: object, registered: object): Promise<string> =>
      startApplication(async (url) => {
        register(id, `${url}/callback`, registered);
        const { Strategy } = (await load<{ readonly default: Library }>()).default;
        const { default: passport } = await load<Passport>('passport');
        const { default: express } = await load<Express>('express');
        const { default: session } = await load<{ readonly default: (options: object) => Handler }>('express-session');
        const { issuer } = provider;
        const options = {
          issuer,
          authorizationURL: `${issuer}/authorize`,
          tokenURL: `${issuer}/token`,
          userInfoURL: `${issuer}/userinfo`,
          clientID: id,
          clientSecret: SECRET,
          callbackURL: `${url}/callback`,
          scope: 'profile',
          skipUserProfile: false,
          ...more,
        };
        passport.use(new Strategy(options, (_issuer, { displayName }, done) => done(null, { name: displayName })));
        passport.serializeUser((user, done) => done(null, user));
        passport.deserializeUser((user, done) => done(null, user));
        const app = express();
        app.use(session({ secret: 'a secret', resave: false, saveUninitialized: false }));
        app.use(passport.session());
        app.get('/login', passport.authenticate('openidconnect'));
        app.get(
          '/callback',
          passport.authenticate('openidconnect', { successRedirect: '/done', failureRedirect: '/failed' }),
        );
        app.get('/who', (request, response) => response.json(request.user ?? null));
        app.use((_error: Error, _request: unknown, response: { json(body: unknown): void }, _next: unknown) =>
          response.json({ failed: true }),
        );
        return app;
      });
    async function userOf(url: string): Promise<string | undefined> {
      const browser = new Browser();
      await browser.follow(`${url}/login`);
      return ((await browser.json(`${url}/who`)) as { name: string } | null)?.name;
    }
    let url: string;
    before(async () => {
      url = await start(
        'passport',
        { nonce: true },
        { cannot_pkce: true, token_endpoint_auth_method: 'client_secret_post' },
      );
    });

    it('passport-openidconnect with nonce: true, at a server that allows it to have no PKCE', async () => {
      assert.equal(await userOf(url), 'Alice Adams');
      assert.deepEqual(provider.errors, []);
    });
    forgeries(
      'passport-openidconnect',
      () => provider,
      () => userOf(url),
      [
        'ID token signed with another key',
        'sub of another user at UserInfo',
        'iss of another provider beside the code',
      ],
    );
  });

  withLibrary('better-auth', (load) => {
    interface Library {
      betterAuth(options: object): { handler(request: Request): Promise<Response> };
    }
    let url: string;
    before(async () => {
      const { betterAuth } = await load<Library>();
      const { genericOAuth } = await load<{ genericOAuth(options: object): object }>(
        'better-auth/plugins/generic-oauth',
      );
      const { memoryAdapter } = await load<{ memoryAdapter(tables: object): object }>('better-auth/adapters/memory');
      let handle = async (_request: Request): Promise<Response> => new Response();
      url = await serve((url) => new Koa().use(served(url, (request) => handle(request))));
      register('better-auth', `${url}/api/auth/callback/op`, {
        token_endpoint_auth_method: 'client_secret_post',
        post_logout_redirect_uris: [`${url}/done`],
      });
      const op = {
        providerId: 'op',
        discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
        clientId: 'better-auth',
        clientSecret: SECRET,
        scopes: ['openid', 'profile', 'email'],
        requireIdTokenVerification: true,
      };
      const auth = betterAuth({
        baseURL: url,
        secret: 'a secret of the application, of thirty-two characters',
        database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
        plugins: [genericOAuth({ config: [op] })],
        logger: { disabled: true },
        telemetry: { enabled: false },
        rateLimit: { enabled: false },
      });
      handle = (request) => auth.handler(request);
    });
    async function logIn(): Promise<Browser> {
      const browser = new Browser();
      const body = JSON.stringify({ provider: 'op', callbackURL: `${url}/done` });
      const { url: page } = (await browser.json(`${url}/api/auth/sign-in/social`, body)) as { url: string };
      await browser.follow(page);
      return browser;
    }
    const userOf = async (browser: Browser): Promise<string | undefined> =>
      ((await browser.json(`${url}/api/auth/get-session`)) as { user: { name: string } } | null)?.user.name;

    it('better-auth with discoveryUrl logs in, and reads UserInfo', async () => {
      assert.equal(await userOf(await logIn()), 'Alice Adams');
      assert.deepEqual(provider.errors, []);
    });
    it('better-auth refreshes, and takes the ID token of the refresh', async () => {
      const browser = await logIn();
      const [account] = (await browser.json(`${url}/api/auth/list-accounts`)) as { id: string }[];
      const refresh = () => browser.json(`${url}/api/auth/refresh-token`, JSON.stringify({ accountId: account?.id }));
      const first = (await refresh()) as { idToken: string; refreshToken: string };
      const second = (await refresh()) as typeof first;
      assert.equal(decodeJwt(second.idToken).sub, 'alice');
      assert.notEqual(second.refreshToken, first.refreshToken);
      assert.deepEqual(provider.errors, []);
    });
    it('better-auth signs out at the provider, and comes back', async () => {
      const browser = await logIn();
      assert.equal(await isLoggedIn(browser), true);
      const body = JSON.stringify({ callbackURL: `${url}/done`, state: 'a state' });
      const { url: page } = (await browser.json(`${url}/api/auth/sign-out`, body)) as { url: string };
      assert.equal((await browser.follow(page)).href, `${url}/done?state=a+state`);
      assert.equal(await isLoggedIn(browser), false);
      assert.equal(await userOf(browser), undefined);
      assert.deepEqual(provider.errors, []);
    });
    forgeries(
      'better-auth',
      () => provider,
      async () => userOf(await logIn()),
    );
  });
});
