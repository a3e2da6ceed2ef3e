/** Relying parties in other languages, driven through a browser's HTTP. docs/client-libraries.md has what they need. */
import assert from 'node:assert/strict';
import { client as clientOf } from '../support/client-auth.js';
import type { ForgeryName } from '../support/forger.js';
import { type Provider, startProvider } from '../support/forging-provider.js';
import { stopAll } from '../support/interop-server.js';
import { type Apache, startApache } from './apache.js';
import { Browser } from './browser.js';
import { forgeries } from './forgeries.js';
import {
  APACHE,
  AUTHLIB_APP,
  GO_OIDC,
  MOD_AUTH_OPENIDC,
  PYTHON,
  startProgram,
  stopPrograms,
  withProgram,
} from './programs.js';

const SECRET = 'a secret: + / and %';

/** What an application says of who is logged in. */
interface Who {
  readonly name: string;
  readonly access_token: string;
}

describe('relying parties in other languages', function () {
  this.timeout(60_000);
  let provider: Provider;
  before(async () => {
    provider = await startProvider();
  });
  beforeEach(() => {
    delete provider.forging.current;
    provider.errors.length = 0;
  });
  after(async () => {
    await stopPrograms();
    await stopAll();
  });

  const start = async (client_id: string, file: string, args: readonly string[] = []): Promise<string> => {
    const url = await startProgram(file, args, { ISSUER: provider.issuer, CLIENT_SECRET: SECRET });
    const registered = { client_secret: SECRET, redirect_uris: [`${url}/callback`] };
    provider.clients.push(clientOf(client_id, { ...registered, post_logout_redirect_uris: [`${url}/after`] }));
    return url;
  };
  const isLoggedIn = async (browser: Browser): Promise<boolean> =>
    ((await browser.json(`${provider.issuer}/who`)) as { user: string | null }).user === 'alice';

  const who = async (browser: Browser, url: string) => (await browser.json(`${url}/who`)) as Who | null;

  /** Tests with an application that has the same few pages, in whatever language. */
  function logsIn(library: string, url: () => string, taken: readonly ForgeryName[] = []): void {
    async function loggedIn(): Promise<Browser> {
      const browser = new Browser();
      await browser.follow(`${url()}/login`);
      return browser;
    }

    it(`${library} finds everything by the issuer, logs in, and reads UserInfo`, async () => {
      assert.equal((await who(await loggedIn(), url()))?.name, 'Alice Adams');
      assert.deepEqual(provider.errors, []);
    });
    it(`${library} refreshes`, async () => {
      const browser = await loggedIn();
      const before = await who(browser, url());
      assert.equal((await browser.follow(`${url()}/refresh`)).href, `${url()}/done`);
      const after = await who(browser, url());
      assert.notEqual(after?.access_token, before?.access_token);
      assert.deepEqual(provider.errors, []);
    });
    it(`${library} logs out at the provider, and comes back`, async () => {
      const browser = await loggedIn();
      assert.equal(await isLoggedIn(browser), true);
      assert.equal((await browser.follow(`${url()}/logout`)).href, `${url()}/done`);
      assert.equal(await isLoggedIn(browser), false);
      assert.equal(await who(browser, url()), null);
      assert.deepEqual(provider.errors, []);
    });
    forgeries(
      library,
      () => provider,
      async () => (await who(await loggedIn(), url()))?.name,
      taken,
    );
  }

  withProgram('Authlib', [PYTHON], () => {
    let url: string;
    before(async () => {
      url = await start('authlib', PYTHON, [AUTHLIB_APP]);
    });
    logsIn('Authlib', () => url, ['sub of another user at UserInfo', 'iss of another provider beside the code']);
  });

  withProgram('go-oidc', [GO_OIDC], () => {
    let url: string;
    before(async () => {
      url = await start('go-oidc', GO_OIDC);
    });
    logsIn('go-oidc', () => url, ['iss of another provider beside the code']);
  });

  withProgram('mod_auth_openidc', [APACHE, MOD_AUTH_OPENIDC], () => {
    let apache: Apache;
    before(async () => {
      apache = await startApache({ issuer: provider.issuer, clientID: 'apache', clientSecret: SECRET });
      const redirectURI = `${apache.url}/protected/redirect_uri`;
      provider.clients.push(
        clientOf('apache', {
          client_secret: SECRET,
          redirect_uris: [redirectURI],
          post_logout_redirect_uris: [`${apache.url}/after.html`],
          backchannel_logout_uri: `${redirectURI}?logout=backchannel`,
          backchannel_logout_session_required: true,
        }),
      );
    });
    after(() => apache?.remove());

    /** The protected page, as it is shown in this browser; undefined where it asks for a login. */
    async function seen(browser: Browser): Promise<{ name: string; token: string } | undefined> {
      const { status, headers } = await browser.open(`${apache.url}/protected/page.html`);
      return status === 200
        ? { name: headers.get('x-name') ?? '', token: headers.get('x-access-token') ?? '' }
        : undefined;
    }
    async function loggedIn(): Promise<Browser> {
      const browser = new Browser();
      await browser.follow(`${apache.url}/protected/page.html`);
      return browser;
    }

    it('mod_auth_openidc shows the protected page after a login, with the claims of UserInfo', async () => {
      const browser = new Browser();
      assert.equal(await seen(browser), undefined);
      await browser.follow(`${apache.url}/protected/page.html`);
      assert.equal((await seen(browser))?.name, 'Alice Adams');
      assert.deepEqual([provider.errors, apache.complaints()], [[], '']);
    });
    it('mod_auth_openidc refreshes', async () => {
      const browser = await loggedIn();
      const before = await seen(browser);
      const query = new URLSearchParams({ refresh: `${apache.url}/after.html`, access_token: before?.token ?? '' });
      assert.equal(
        (await browser.follow(`${apache.url}/protected/redirect_uri?${query}`)).href,
        `${apache.url}/after.html`,
      );
      const after = await seen(browser);
      assert.ok(after);
      assert.notEqual(after.token, before?.token);
    });
    it('mod_auth_openidc logs out at the provider, and comes back', async () => {
      const browser = await loggedIn();
      const query = new URLSearchParams({ logout: `${apache.url}/after.html` });
      assert.equal(
        (await browser.follow(`${apache.url}/protected/redirect_uri?${query}`)).href,
        `${apache.url}/after.html`,
      );
      assert.equal(await isLoggedIn(browser), false);
      assert.equal(await seen(browser), undefined);
    });
    it('mod_auth_openidc is told by the back channel that the session is over, and asks for a login', async () => {
      const browser = await loggedIn();
      const other = await loggedIn();
      const page = (await (await browser.open(`${provider.issuer}/logout`)).json()) as { id: string };
      await browser.open(`${provider.issuer}/logout/decision`, new URLSearchParams({ logout_id: page.id }));
      assert.equal(await isLoggedIn(browser), false);
      assert.equal(await seen(browser), undefined);
      assert.equal((await seen(other))?.name, 'Alice Adams', 'another session goes on');
      assert.deepEqual(provider.errors, []);
    });
    forgeries(
      'mod_auth_openidc',
      () => provider,
      async () => {
        const name = (await seen(await loggedIn()))?.name;
        return name === '(null)' ? undefined : name; // it logs the user in, and drops what UserInfo said
      },
    );
  });
});
