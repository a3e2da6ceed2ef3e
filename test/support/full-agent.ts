/** A person at a browser in front of the full example, as far as HTTP goes: keeps cookies, and fills in the forms of a page. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it leads, if it is a redirect. */
  readonly location: string;
}

type Fields = Readonly<Record<string, string | readonly string[]>>;

export interface Form {
  readonly action: string;
  readonly fields: URLSearchParams;
}

const unescaped = (html: string): string => html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

const attribute = (tag: string, name: string): string =>
  unescaped(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/** What a browser would send of a form, if nothing were typed, and a button without a name pressed. */
function fieldsIn(form: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [tag] of form.matchAll(/<input [^>]*>/g)) {
    const choice = /type="(checkbox|radio)"/.test(tag);
    if (attribute(tag, 'name') && (!choice || / checked/.test(tag)))
      fields.append(attribute(tag, 'name'), attribute(tag, 'value'));
  }
  for (const [, tag = '', value = ''] of form.matchAll(/(<textarea [^>]*>)([^<]*)<\/textarea>/g))
    fields.append(attribute(tag, 'name'), unescaped(value));
  return fields;
}

export function formsIn({ text }: Page): readonly Form[] {
  const forms = [...text.matchAll(/(<form [^>]*>)(.*?)<\/form>/gs)];
  return forms.map(([, tag = '', body = '']) => ({ action: attribute(tag, 'action'), fields: fieldsIn(body) }));
}

/** The form with this action, and, of several, with these values. */
export function formIn(page: Page, action: string, values: Readonly<Record<string, string>> = {}): Form {
  const found = formsIn(page).find(
    (form) =>
      form.action === action && Object.entries(values).every(([name, value]) => form.fields.get(name) === value),
  );
  assert.ok(found, `No form for ${action} on this page:\n${page.status} ${page.text}`);
  return found;
}

export class Agent {
  readonly cookies = new Map<string, string>();
  readonly #site: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers what it says with every request */
  constructor(site: string, headers: Readonly<Record<string, string>> = {}) {
    this.#site = site;
    this.#headers = headers;
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...this.#headers, cookie };
    const response = await fetch(new URL(path, this.#site), { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    const { status } = response;
    return {
      status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('location') ?? '',
    };
  }

  open(path: string): Promise<Page> {
    return this.#fetch(path);
  }

  post(path: string, fields: Fields | URLSearchParams): Promise<Page> {
    const pairs = Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    return this.#fetch(path, {
      method: 'POST',
      body: fields instanceof URLSearchParams ? fields : new URLSearchParams(pairs),
    });
  }

  /** Sends a form, with some of its fields changed. */
  submit({ action, fields }: Form, changes: Fields = {}): Promise<Page> {
    const sent = new URLSearchParams(fields);
    for (const [name, value] of Object.entries(changes)) {
      sent.delete(name);
      for (const one of [value].flat()) sent.append(name, one);
    }
    return this.post(action, sent);
  }

  /** Sends a form, and goes where the answer leads on this site. */
  async send(form: Form, changes: Fields = {}): Promise<Page> {
    const answer = await this.submit(form, changes);
    return answer.location.startsWith('/') ? this.open(answer.location) : answer;
  }

  /** Logs in, and goes where the login leads. */
  async login(user: { readonly username: string; readonly password: string }, returnTo = '/'): Promise<Page> {
    const page = await this.open(`/login?return_to=${encodeURIComponent(returnTo)}`);
    const done = await this.submit(formIn(page, '/login'), { ...user });
    assert.equal(done.status, 303, done.text);
    return this.open(done.location);
  }

  /** Allows what a dialog asks for, and gives the code. */
  async allow(dialog: Page, scope?: readonly string[]): Promise<string> {
    const answer = await this.submit(formIn(dialog, '/authorize/decision'), scope ? { scope } : {});
    return codeIn(answer);
  }
}

/** The code that an authorization was answered with. */
export function codeIn({ status, location, text }: Page): string {
  assert.ok(status === 302 || status === 303, `${status} ${text}`);
  const code = new URL(location).searchParams.get('code');
  assert.ok(code, `no code: ${location}`);
  return code;
}

export const VERIFIER = 'a-verifier-that-is-always-the-same-in-these-tests';

/** An authorization request, of the demo client unless it says otherwise. */
export function request(issuer: string, more: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams({
    response_type: 'code',
    client_id: 'demo',
    redirect_uri: `${issuer}/demo/callback`,
    scope: 'profile',
    state: 'the-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return `/authorize?${params}`;
}

export const DEMO = { id: 'demo', secret: 'only-postcards-knows' } as const;
export const ROBOT = { id: 'robot', secret: 'only-robots-know' } as const;
export const GREETINGS = { id: 'greetings', secret: 'only-greetings-knows' } as const;

interface Credentials {
  readonly id: string;
  /** Absent of public clients. */
  readonly secret?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a client posts to the token endpoint and its like. */
export async function call(
  url: string,
  path: string,
  { id, secret }: Credentials,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const authorization = secret === undefined ? {} : { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
  const body = new URLSearchParams({ ...(secret === undefined && { client_id: id }), ...fields });
  const response = await fetch(new URL(path, url), { method: 'POST', body, headers: { ...authorization, ...headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} };
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

export async function exchange(
  url: string,
  code: string,
  more: Readonly<Record<string, string>> = {},
  client: Credentials = DEMO,
): Promise<Tokens> {
  const fields = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: `${url}/demo/callback`,
    code_verifier: VERIFIER,
  };
  const { status, body } = await call(url, '/token', client, { ...fields, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as Tokens;
}

/** The API's answer to an access token. */
export function api(url: string, token: string, path = '/api/me', init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, url), { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
}
