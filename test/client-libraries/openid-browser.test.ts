/** oidc-client-ts in Chromium, as a page without a server: logs in, renews silently, logs out. docs/client-libraries.md has what it needs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Koa from 'koa';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { client as clientOf } from '../support/client-auth.js';
import { type Provider, startProvider } from '../support/forging-provider.js';
import { serve, stopAll } from '../support/interop-server.js';
import { forgeries } from './forgeries.js';
import { withLibrary } from './libraries.js';

const BUNDLE = new URL('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url);

/** Every address of the application has this page; what it does is said by the test, and by the frame of a silent renewal itself. */
const page = (
  issuer: string,
): string => `<!DOCTYPE html><title>App</title><script src="/oidc-client-ts.js"></script><script>
const manager = new oidc.UserManager({
  authority: ${JSON.stringify(issuer)},
  client_id: 'page',
  redirect_uri: location.origin + '/callback',
  silent_redirect_uri: location.origin + '/silent',
  post_logout_redirect_uri: location.origin + '/done',
  scope: 'openid profile email',
  loadUserInfo: true,
  automaticSilentRenew: false,
});
if (location.pathname === '/silent') manager.signinSilentCallback();
</script>`;

withLibrary('oidc-client-ts', () => {
  describe('relying party in Chromium', function () {
    this.timeout(60_000);
    let chromium: Browser | undefined;
    let provider: Provider;
    let app: string;
    let someone: Page;

    before(async function () {
      chromium = await launchChromium();
      if (!chromium) return this.skip();
      provider = await startProvider();
      app = await serve(() =>
        new Koa().use((ctx) => {
          ctx.type = ctx.path === '/oidc-client-ts.js' ? 'js' : 'html';
          ctx.body = ctx.path === '/oidc-client-ts.js' ? readFileSync(BUNDLE) : page(provider.issuer);
        }),
      );
      provider.origins.push(app);
      provider.clients.push(
        clientOf('page', {
          token_endpoint_auth_method: 'none',
          redirect_uris: [`${app}/callback`, `${app}/silent`],
          post_logout_redirect_uris: [`${app}/done`],
        }),
      );
    });
    after(async () => {
      await chromium?.close();
      await stopAll();
    });
    beforeEach(async () => {
      delete provider.forging.current;
      provider.errors.length = 0;
      assert.ok(chromium);
      someone = await (await chromium.newContext()).newPage();
    });
    afterEach(() => someone?.context().close());

    /** Runs a script of the page, which may end with a user of oidc-client-ts. */
    const user = (script: string) =>
      someone.evaluate<{ name?: string; sub: string; expires_in: number; access_token: string } | null>(
        `${script}.then((user) => user && { ...user.profile, access_token: user.access_token })`,
      );
    async function logIn() {
      await someone.goto(app);
      await Promise.all([
        someone.waitForURL(`${app}/callback?**`),
        someone.evaluate("void manager.signinRedirect({ nonce: 'of this login' })"),
      ]);
      return user('manager.signinCallback()');
    }

    it('oidc-client-ts with the issuer as authority logs in, and reads UserInfo', async () => {
      const { name, sub } = (await logIn()) ?? {};
      assert.deepEqual([sub, name], ['alice', 'Alice Adams']);
      assert.deepEqual(provider.errors, []);
    });
    it('oidc-client-ts renews silently in an iframe, by prompt=none', async () => {
      const first = await logIn();
      const second = await user('manager.signinSilent({ forceIframeAuth: true })');
      assert.equal(second?.sub, 'alice');
      assert.notEqual(second?.access_token, first?.access_token);
      assert.deepEqual(provider.errors, []);
    });
    it('oidc-client-ts is told login_required in its iframe when the session is over', async () => {
      await logIn();
      await someone.context().clearCookies();
      await assert.rejects(user('manager.signinSilent({ forceIframeAuth: true })'), /The user has to log in/);
    });
    it('oidc-client-ts renews by its refresh token', async () => {
      const first = await logIn();
      await someone.context().clearCookies();
      const second = await user('manager.signinSilent()');
      assert.equal(second?.sub, 'alice');
      assert.notEqual(second?.access_token, first?.access_token);
    });
    it('oidc-client-ts signs out at the provider, and comes back', async () => {
      await logIn();
      await Promise.all([
        someone.waitForURL(`${app}/done?**`),
        someone.evaluate("void manager.signoutRedirect({ state: 'of the page' })"),
      ]);
      assert.equal(
        await someone.evaluate('manager.signoutCallback().then((answer) => answer.userState)'),
        'of the page',
      );
      await someone.goto(`${provider.issuer}/who`);
      assert.equal(await someone.textContent('body'), '{"user":null}');
      assert.deepEqual(provider.errors, []);
    });
    forgeries(
      'oidc-client-ts',
      () => provider,
      async () => {
        try {
          return (await logIn())?.name;
        } catch {
          return undefined;
        }
      },
      [
        'iss of another provider in the ID token',
        'aud of another client in the ID token',
        'ID token that has expired',
        'ID token signed with another key',
        'iss of another provider beside the code',
      ],
    );
  });
});
