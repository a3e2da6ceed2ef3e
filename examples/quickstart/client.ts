/**
 * An application that connects to the server. It knows only the URL of the server, and talks to it over HTTP. It runs in the same process only so that
 * one command starts both. It does each step by itself and shows it; a real client uses a library such as openid-client.
 */
import { createHash, randomBytes } from 'node:crypto';
import Router from '@koa/router';
import type { Context } from 'koa';
import { type Account, demoPage, type Step } from './views.js';

const random = (): string => randomBytes(32).toString('base64url');

/** The registration of the application at the server, with its secret. */
export const registration = (server: string) => ({
  client_id: 'demo',
  client_name: 'Postcards',
  redirect_uris: [`${server}/demo/callback`],
  secret: 'only-postcards-knows',
});

/** Limits of what is kept in memory: browsers, and steps of one browser. */
const MOST_VISITS = 1000;
const MOST_STEPS = 30;

interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** What the application keeps for one browser. */
interface Visit {
  readonly steps: Step[];
  metadata?: Metadata;
  /** The authorization request that waits for its response. */
  asked?: { readonly state: string; readonly verifier: string; readonly url: URL } | undefined;
  tokens?: Tokens;
  account?: Account;
  problem?: string | undefined;
}

const lines = (params: URLSearchParams): string => [...params].map(([name, value]) => `${name}=${value}`).join('\n  &');
const showURL = ({ origin, pathname, searchParams }: URL): string =>
  `GET ${origin}${pathname}${searchParams.size ? `\n  ?${lines(searchParams)}` : ''}`;

/** JSON with one member on each line. */
const showJSON = (json: object): string =>
  `{\n${Object.entries(json)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(',\n')}\n}`;

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

/** Calls the server, and records request and response as a step. */
async function call(visit: Visit, title: string, why: string, url: string, init: Init = {}): Promise<object> {
  const response = await fetch(url, init);
  const json = (await response.json()) as object;
  const { method = 'GET', headers = {}, body } = init;
  const said = Object.entries(headers).map(
    ([name, value]) => `${name}: ${value.replace(/^Basic .*/, 'Basic (ID and secret)')}`,
  );
  const form = body ? ['', `  ${lines(body)}`] : [];
  visit.steps.push({
    title,
    why,
    request: [`${method} ${url}`, ...said, ...form].join('\n'),
    response: `${response.status} ${response.statusText}\n\n${showJSON(json)}`,
  });
  if (visit.steps.length > MOST_STEPS) visit.steps.shift();
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return json;
}

/** The application's pages, below /demo. @param server the URL of the authorization server */
export function demo(server: string): Router {
  const { client_id, redirect_uris, secret } = registration(server);
  const redirect_uri = redirect_uris[0] ?? '';
  const visits = new Map<string, Visit>();

  const begin = (ctx: Context): Visit => {
    const visit: Visit = { steps: [] };
    const id = random();
    visits.set(id, visit);
    const [oldest] = visits.keys();
    if (visits.size > MOST_VISITS && oldest !== undefined) visits.delete(oldest);
    ctx.cookies.set('demo', id, { path: '/demo', sameSite: 'lax' });
    return visit;
  };
  const visitOf = (ctx: Context): Visit | undefined => visits.get(ctx.cookies.get('demo') ?? '');

  const ask = async (visit: Visit): Promise<URL> => {
    const metadata = (await call(
      visit,
      'Postcards asks the server where everything is',
      'All that Postcards knows is the URL of the server, its own client ID and its secret.',
      `${server}/.well-known/oauth-authorization-server`,
    )) as Metadata;
    if (metadata.issuer !== server) throw new Error('The metadata is that of another server.');
    visit.metadata = metadata;
    const state = random();
    const verifier = random();
    const url = new URL(metadata.authorization_endpoint);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri,
      scope: 'profile email',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    visit.asked = { state, verifier, url };
    return url;
  };

  /** The code of the authorization response, and its PKCE verifier. @param answer the URL at which the browser came back */
  const codeFrom = (visit: Visit, answer: URL): { code: string; code_verifier: string } => {
    const { asked } = visit;
    const { state, iss, code, error } = Object.fromEntries(answer.searchParams);
    // the response does not belong to a request of this browser: an attacker may have sent it (CSRF)
    if (!asked || state !== asked.state) throw new Error('Postcards did not ask for this answer.');
    visit.asked = undefined;
    visit.steps.push({
      title: 'Your browser takes the question to the server, and the answer back',
      why: 'You log in there, so Postcards never sees your password. The state ties the answer to your browser, iss says who answered, and of the verifier only the hash is shown yet.',
      request: showURL(asked.url),
      response: showURL(answer),
    });
    if (iss !== server) throw new Error('The answer is from another server.');
    if (!code) throw new Error(`The server refused: ${error}.`);
    return { code, code_verifier: asked.verifier };
  };

  const tokens = async (visit: Visit, title: string, why: string, params: Record<string, string>): Promise<void> => {
    visit.tokens = (await call(visit, title, why, visit.metadata?.token_endpoint ?? '', {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${client_id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams(params),
    })) as Tokens;
    visit.account = await call(
      visit,
      'Postcards calls the API',
      'The access token says what Postcards may see, and of whom.',
      `${server}/api/me`,
      { headers: { Authorization: `Bearer ${visit.tokens.access_token}` } },
    );
  };

  const router = new Router({ prefix: '/demo' });
  const attempt = async (ctx: Context, visit: Visit, act: () => Promise<string>): Promise<void> => {
    let next = '/demo';
    visit.problem = undefined;
    try {
      next = await act();
    } catch (error) {
      visit.problem = (error as Error).message;
    }
    ctx.status = 303;
    ctx.redirect(next);
  };

  router.get('/', (ctx) => {
    const visit = visitOf(ctx);
    ctx.body = demoPage(visit?.steps ?? [], visit?.account, visit?.problem);
  });
  router.post('/start', (ctx) => {
    const visit = begin(ctx);
    return attempt(ctx, visit, async () => (await ask(visit)).href);
  });
  router.get('/callback', (ctx) => {
    const visit = visitOf(ctx) ?? begin(ctx);
    return attempt(ctx, visit, async () => {
      const { code, code_verifier } = codeFrom(visit, new URL(ctx.search, redirect_uri));
      await tokens(
        visit,
        'Postcards exchanges the code for tokens',
        'Out of sight of the browser, with its secret, and with the verifier: only who asked the question can use the code.',
        { grant_type: 'authorization_code', code, redirect_uri, code_verifier },
      );
      return '/demo';
    });
  });
  router.post('/refresh', (ctx) => {
    const visit = visitOf(ctx) ?? begin(ctx);
    return attempt(ctx, visit, async () => {
      const { refresh_token = '' } = visit.tokens ?? {};
      await tokens(
        visit,
        'Postcards asks for new tokens',
        'Access tokens live for a quarter of an hour. A refresh token counts once: with the new access token comes the next one.',
        { grant_type: 'refresh_token', refresh_token },
      );
      return '/demo';
    });
  });
  return router;
}
