/** passport-oauth2 as a relying party in another Koa application, with a session of its own. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import passport from 'koa-passport';
import session from 'koa-session';
import { Strategy as OAuth2Strategy, type VerifyCallback } from 'passport-oauth2';
import { client as clientOf } from '../support/client-auth.js';
import { serve, startAuthorizationServer, stopAll } from '../support/interop-server.js';

interface Profile {
  readonly client: string;
  readonly user: string;
}

/** An application that lets people log in by way of the authorization server. */
function relyingParty(url: string, server: string, clientSecret: string): Koa {
  const auth = new passport.KoaPassport();
  auth.serializeUser((user, done) => done(null, user));
  auth.deserializeUser((user: Profile, done) => done(null, user));
  const options = {
    authorizationURL: `${server}/authorize`,
    tokenURL: `${server}/token`,
    clientID: 'relying-party',
    clientSecret,
    callbackURL: `${url}/callback`,
    state: true,
    pkce: true,
  };
  const verify = async (accessToken: string, _refreshToken: string, _profile: unknown, done: VerifyCallback) => {
    const me = await fetch(`${server}/me`, { headers: { Authorization: `Bearer ${accessToken}` } });
    done(null, (await me.json()) as Profile);
  };
  auth.use(new OAuth2Strategy(options, verify));

  const app = new Koa();
  app.keys = ['a key'];
  app.silent = true;
  const router = new Router();
  router.get('/login', auth.authenticate('oauth2'));
  router.get('/callback', auth.authenticate('oauth2', { failureRedirect: '/failed' }), (ctx) => ctx.redirect('/'));
  router.get('/', (ctx) => {
    ctx.body = { user: ctx.state['user'] ?? null };
  });
  app
    .use(session({ key: 'relying-party' }, app))
    .use(auth.initialize())
    .use(auth.session())
    .use(router.routes());
  return app;
}

/** Follows redirects with one jar of cookies, as a browser does. */
async function browse(start: string): Promise<Response> {
  const jar = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < 10; hop++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('Location');
    if (location === null) return response;
    url = new URL(location, url).href;
  }
  return assert.fail('It never ends');
}

describe('passport-oauth2 as a relying party', () => {
  after(stopAll);

  async function start(secret: string): Promise<string> {
    const clients: ReturnType<typeof clientOf>[] = [];
    const server = await startAuthorizationServer(clients);
    const url = await serve((own) => relyingParty(own, server, secret));
    clients.push(
      clientOf('relying-party', {
        client_secret: 'its secret',
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [`${url}/callback`],
      }),
    );
    return url;
  }

  it('logs a user in, with state and PKCE', async () => {
    const url = await start('its secret');
    const page = await browse(`${url}/login`);
    assert.deepEqual(await page.json(), { user: { client: 'relying-party', user: 'alice' } });
  });

  it('does not with a wrong secret', async () => {
    const url = await start('another');
    const page = await browse(`${url}/login`);
    assert.equal(page.status, 500);
  });
});
