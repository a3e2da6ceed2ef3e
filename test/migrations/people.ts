/** Browsers of users, and clients: what they hold stays with them when the server is replaced. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

export interface Held {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Held & { readonly error?: string };
}

/** A browser: cookies, and the page that is shown. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  /** How often a login page was shown. */
  logins = 0;

  async #request(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const headers = { Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const body = form && new URLSearchParams(form);
    const response = await fetch(url, { redirect: 'manual', headers, ...(body && { method: 'POST', body }) });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';', 1)[0]?.split(/=(.*)/s) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects within the server, and gives the first one out of it, or the page. */
  async #follow(server: string, response: Response): Promise<{ readonly page?: string; readonly location?: URL }> {
    const location = response.headers.get('Location');
    if (!location) return { page: await response.text() };
    const next = new URL(location, server);
    if (next.origin !== new URL(server).origin) return { location: next };
    if (next.pathname === '/login') this.logins += 1;
    return this.#follow(server, await this.#request(next.href));
  }

  async open(server: string, path: string) {
    return this.#follow(server, await this.#request(new URL(path, server).href));
  }

  async submit(server: string, path: string, page: string, fields: Readonly<Record<string, string>> = {}) {
    const hidden = [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const form = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value.replaceAll('&#38;', '&')]));
    return this.#follow(server, await this.#request(new URL(path, server).href, { ...form, ...fields }));
  }

  /** Logs in where the server asks for it. */
  async ask(server: string, query: Readonly<Record<string, string>>, user: string) {
    const { page, location } = await this.open(server, `/authorize?${new URLSearchParams(query)}`);
    if (!page?.includes('action="/login"')) return { page, location };
    return this.submit(server, '/login', page, { id: user, password: `password of ${user}` });
  }
}

/** A client, whichever library it has. */
export interface Application {
  readonly id: string;
  readonly secret?: string;
  readonly redirectURI: string;
}

export const WEB: Application = { id: 'web', secret: 'secret-of-web', redirectURI: 'https://web.example/cb' };
export const PHONE: Application = { id: 'phone', redirectURI: 'com.example.app:/cb' };
export const OTHER: Application = { id: 'other', secret: 'secret-of-other', redirectURI: 'https://other.example/cb' };

/** A code on its way, and what its client must send with it. */
export interface InFlight {
  readonly code: string;
  readonly redirect_uri: string;
  readonly code_verifier?: string;
}

/** What a client asks for. @param challenged whether it sends a code_challenge */
export function request({ id, redirectURI }: Application, challenged: 'challenged' | 'unchallenged') {
  const code_verifier = challenged === 'challenged' ? randomBytes(32).toString('base64url') : undefined;
  const state = randomBytes(8).toString('hex');
  const query = { response_type: 'code', client_id: id, redirect_uri: redirectURI, scope: 'read write', state };
  if (!code_verifier) return { query, state };
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
  return { query: { ...query, code_challenge, code_challenge_method: 'S256' }, code_verifier, state };
}

export type Asked = ReturnType<typeof request>;

/** What came back to the client. */
export function received(location: URL | undefined, { redirectURI }: Application, asked: Asked): InFlight {
  const { href = '', searchParams = [] } = location ?? {};
  assert.ok(href.startsWith(redirectURI), href);
  const { state, code, error } = Object.fromEntries(searchParams);
  assert.equal(state, asked.state, error);
  assert.ok(code, error);
  return { code, redirect_uri: redirectURI, ...(asked.code_verifier && { code_verifier: asked.code_verifier }) };
}

/** From the login to a code, with the dialog where it is shown. */
export async function allow(
  browser: Browser,
  server: string,
  client: Application,
  { user, challenged }: { readonly user: string; readonly challenged: 'challenged' | 'unchallenged' },
): Promise<InFlight> {
  const asked = request(client, challenged);
  const { page, location } = await browser.ask(server, asked.query, user);
  if (location) return received(location, client, asked);
  const decided = await browser.submit(server, '/authorize/decision', page ?? '');
  return received(decided.location, client, asked);
}

export async function token(server: string, { id, secret }: Application, params: object): Promise<Answer> {
  const encoded = `${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`;
  const response = await fetch(new URL('/token', server), {
    method: 'POST',
    headers: secret ? { Authorization: `Basic ${Buffer.from(encoded).toString('base64')}` } : {},
    body: new URLSearchParams({ ...params, ...(!secret && { client_id: id }) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { error: text } };
}

export const redeem = (server: string, client: Application, inFlight: object): Promise<Answer> =>
  token(server, client, { grant_type: 'authorization_code', ...inFlight });

export const refresh = (server: string, client: Application, refresh_token: string): Promise<Answer> =>
  token(server, client, { grant_type: 'refresh_token', refresh_token });

/** @throws AssertionError where the server refused */
export function served({ status, body }: Answer): Held {
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

export function refused({ status, body }: Answer, error = 'invalid_grant'): void {
  assert.equal(body.error, error);
  assert.equal(status, error === 'invalid_client' ? 401 : 400);
}

/** What the API says to a token. */
export async function callAPI(server: string, accessToken: string) {
  const response = await fetch(new URL('/api/me', server), { headers: { Authorization: `Bearer ${accessToken}` } });
  const challenge = response.headers.get('WWW-Authenticate');
  return { status: response.status, challenge, body: response.ok ? await response.json() : undefined };
}
