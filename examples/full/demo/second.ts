/**
 * Teapots, a second application to which users log in with their account at the server. It shows single sign-on and single logout. Like a real client, it uses
 * openid-client for the protocol.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Context } from 'koa';
import * as openid from 'openid-client';
import { keyOf } from '../storage/index.js';
import { endedSession } from './logout-token.js';
import { secondPage } from './second-view.js';
import { csrfOf, type Documents, isOwnForm, visitID } from './visit.js';

const CLIENT_ID = 'teapots';
const CLIENT_SECRET = 'short-and-stout'; // in the source only because anybody may use Teapots
const PAGE = '/demo/second';
/** Seconds for which a browser is remembered. */
const LIFETIME = 10 * 60;

interface Asked {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What Teapots knows of a browser. */
export interface Guest {
  readonly asked?: Asked;
  readonly name?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly idToken?: string;
  /** The reason why the user is no longer logged in. */
  readonly notice?: string;
}

/** @param issuer the URL of the server @param documents the store in which browsers are remembered, for ten minutes */
export function second(issuer: string, documents: Documents): Router {
  const router = new Router({ prefix: '/second' });
  let discovered: Promise<openid.Configuration> | undefined;
  const configuration = (): Promise<openid.Configuration> => {
    const insecure = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []; // config.ts allows http only for this machine
    const authentication = openid.ClientSecretBasic(CLIENT_SECRET);
    discovered ??= openid.discovery(new URL(issuer), CLIENT_ID, undefined, authentication, { execute: insecure });
    return discovered.catch((error) => {
      discovered = undefined;
      throw error;
    });
  };
  const idOf = (ctx: Context): string => visitID(ctx, issuer, 'teapots');
  const load = async (id: string) => ((await documents.get(keyOf('teapots', id))) ?? {}) as Guest;
  const save = (id: string, guest: Guest) => documents.set(keyOf('teapots', id), guest, LIFETIME);
  const redirect = (ctx: Context, to: string | URL): void => {
    ctx.status = 303;
    ctx.redirect(String(to));
  };

  router.get('/', async (ctx) => {
    const id = idOf(ctx);
    ctx.body = secondPage(await load(id), csrfOf(id));
  });
  router.get('/callback', async (ctx) => {
    const id = idOf(ctx);
    const { asked } = await load(id);
    if (!asked) return redirect(ctx, PAGE);
    const config = await configuration();
    try {
      const tokens = await openid.authorizationCodeGrant(config, new URL(ctx.search, `${issuer}${PAGE}/callback`), {
        expectedState: asked.state,
        expectedNonce: asked.nonce,
        pkceCodeVerifier: asked.verifier,
        idTokenExpected: true,
      });
      const claims: Readonly<Record<string, unknown>> = tokens.claims() ?? {};
      const { name } = await openid.fetchUserInfo(config, tokens.access_token, String(claims['sub']));
      await save(id, { name: name ?? 'you', claims, ...(tokens.id_token && { idToken: tokens.id_token }) });
      await documents.set(keyOf('teapots session', String(claims['sid'])), { id }, LIFETIME);
    } catch (error) {
      await save(id, { notice: `You are not logged in: ${(error as Error).message}` });
    }
    redirect(ctx, PAGE);
  });

  const form = bodyParser({ enableTypes: ['form'], formLimit: '10kb' });
  const fieldOf = (ctx: Context, name: string): unknown =>
    (ctx.request.body as Record<string, unknown> | undefined)?.[name];
  router.post('/backchannel', form, async (ctx) => {
    const key = await endedSession(issuer, CLIENT_ID, String(fieldOf(ctx, 'logout_token'))).then(
      (sid) => keyOf('teapots session', sid),
      () => undefined,
    );
    if (key === undefined) return ctx.throw(400);
    const found = (await documents.get(key)) as { readonly id: string } | undefined;
    if (found) await save(found.id, { notice: 'You have logged out at the server, and it told Teapots.' });
    ctx.body = {};
  });
  router.post('/login', form, async (ctx) => {
    const id = idOf(ctx);
    if (!isOwnForm(id, fieldOf(ctx, 'csrf'))) return ctx.throw(403);
    const config = await configuration();
    const asked = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    };
    await save(id, { asked });
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: `${issuer}${PAGE}/callback`,
      scope: 'openid profile',
      state: asked.state,
      nonce: asked.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(asked.verifier),
      code_challenge_method: 'S256',
    });
    redirect(ctx, url);
  });
  router.post('/logout', form, async (ctx) => {
    const id = idOf(ctx);
    if (!isOwnForm(id, fieldOf(ctx, 'csrf'))) return ctx.throw(403);
    const { idToken } = await load(id);
    await documents.remove(keyOf('teapots', id));
    const back = { post_logout_redirect_uri: `${issuer}${PAGE}`, ...(idToken && { id_token_hint: idToken }) };
    redirect(ctx, openid.buildEndSessionUrl(await configuration(), back));
  });
  return router;
}
