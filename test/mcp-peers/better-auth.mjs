/**
 * better-auth with its MCP plugin, which is its OAuth provider and guards the MCP server, too: tables in memory, clients that register themselves, and what its documentation has the application
 * write: pages for the login and the dialog, and the well-known locations.
 */
import { mcp, requireMcpAuth } from '@better-auth/mcp';
import { oauthProviderAuthServerMetadata } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import { listen } from './listen.mjs';

const SCOPE = 'mcp:tools';
const PASSWORD = 'correct horse battery';
const BASE = '/api/auth';

const escaped = (text) => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
const html = (body) =>
  new Response(body, { headers: { 'Content-Type': 'text/html', 'Content-Security-Policy': "frame-ancestors 'none'" } });

/** Its tables, which its adapter for memory wants to find empty. */
const TABLES = 'user session account verification jwks oauthClient oauthResource oauthClientResource oauthRefreshToken';
const MORE = 'oauthAccessToken oauthConsent oauthClientAssertion rateLimit';
const emptyTables = () => Object.fromEntries(`${TABLES} ${MORE}`.split(' ').map((name) => [name, []]));

function authOf(url) {
  return betterAuth({
    baseURL: url,
    basePath: BASE,
    secret: 'a secret for tests, which is long enough',
    database: memoryAdapter(emptyTables()),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [
      jwt(),
      mcp({
        loginPage: '/login',
        consentPage: '/consent',
        resource: `${url}/mcp`,
        scopes: ['openid', 'offline_access', SCOPE],
        allowDynamicClientRegistration: true,
        allowUnauthenticatedClientRegistration: true,
        silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
      }),
    ],
  });
}

/** The page of its dialog: the signed request goes back with what the user decides. */
function dialog({ searchParams, search }) {
  const [client, redirectURI] = [searchParams.get('client_id') ?? '', searchParams.get('redirect_uri') ?? ''];
  return html(`<p>${escaped(client)} asks; the answer goes to ${escaped(redirectURI)}</p><form method="post" action="/decision">
<input type="hidden" name="oauth_query" value="${escaped(search.slice(1))}">
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>`);
}

/** What scripts of its pages send to it: JSON, from a form. */
function forward(auth, request, path, body) {
  const [cookie, { origin }] = [request.headers.get('cookie') ?? '', new URL(request.url)];
  const headers = { 'Content-Type': 'application/json', cookie, origin };
  return auth.handler(new Request(`${origin}${BASE}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function logIn(auth, request) {
  const form = new URLSearchParams(await request.text());
  return forward(auth, request, '/sign-in/email', { email: form.get('email'), password: PASSWORD });
}

async function decide(auth, request) {
  const form = new URLSearchParams(await request.text());
  const decision = { accept: form.get('decision') === 'allow', oauth_query: form.get('oauth_query') };
  const answer = await forward(auth, request, '/oauth2/consent', decision);
  const { url, redirect_uri: location = url } = await answer.clone().json();
  return location ? new Response(undefined, { status: 302, headers: { Location: location } }) : answer;
}

const LOGIN = '<form method="post" action="/login"><input name="email"><button>Log in</button></form>';

function pagesOf(auth) {
  const guarded = requireMcpAuth(auth, () => Response.json({ jsonrpc: '2.0', id: 1, result: {} }), {
    resource: `${auth.options.baseURL}/mcp`,
    requiredScopes: [SCOPE],
  });
  const metadata = oauthProviderAuthServerMetadata(auth);
  return async (request) => {
    const url = new URL(request.url);
    if (url.pathname === '/mcp') return guarded(request);
    if (url.pathname === `/.well-known/oauth-authorization-server${BASE}`) return metadata(request);
    if (url.pathname === '/login') return request.method === 'POST' ? logIn(auth, request) : html(LOGIN);
    if (url.pathname === '/consent') return dialog(url);
    if (url.pathname === '/decision') return decide(auth, request);
    return auth.handler(asNavigation(request));
  };
}

/** The exam's browser is `fetch` of Node, which always says that a script calls; to scripts better-auth answers with JSON in place of redirects. */
function asNavigation(request) {
  const headers = new Headers(request.headers);
  if (headers.get('accept') === 'text/html') headers.set('sec-fetch-mode', 'navigate');
  return new Request(request, { headers });
}

export async function startBetterAuth() {
  const { url, stop } = await listen(async (own) => {
    const auth = authOf(own);
    for (const name of ['alice', 'mallory'])
      await auth.api.signUpEmail({ body: { name, email: `${name}@users.example`, password: PASSWORD } });
    return toNodeHandler(pagesOf(auth));
  });
  const logInAs = (name) => async (visitor) =>
    visitor.submit(await visitor.get(`${url}/login`), { email: `${name}@users.example` });
  const users = { login: logInAs('alice'), loginOther: logInAs('mallory') };
  return { target: { resource: `${url}/mcp`, ...users, grace: 30 }, stop };
}
