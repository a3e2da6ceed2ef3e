/** A person at a browser, as far as HTTP goes: keeps cookies, follows redirects on one site, fills in the forms of a page. */
import assert from 'node:assert/strict';

const ENTITY = /&#(\d+);/g;
const text = (html: string): string => html.replace(ENTITY, (_, code: string) => String.fromCharCode(Number(code)));

export class Person {
  readonly #cookies = new Map<string, string>();
  readonly #site: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers what the browser says with every request */
  constructor(site: string, headers: Readonly<Record<string, string>> = {}) {
    this.#site = site;
    this.#headers = headers;
  }

  async #fetch(url: URL, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...this.#headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }

  /** Goes to a page of the site, logging in where that is asked for; stops where a redirect leads to the `redirect_uri`. */
  async open(url: URL, user: Readonly<Record<string, string>>): Promise<Response> {
    const response = await this.#fetch(url);
    const location = response.headers.get('location');
    if (!location) return this.#pastLogin(response, user);
    const next = new URL(location, url);
    if (next.pathname !== '/login') return response;
    const page = await this.#fetch(next);
    const done = await this.submit(await page.text(), user);
    return this.open(new URL(done.headers.get('location') ?? '', this.#site), user);
  }

  /** Fills in a login that is shown in place of the page. */
  async #pastLogin(response: Response, user: Readonly<Record<string, string>>): Promise<Response> {
    const page = await response.clone().text();
    if (!page.includes(' action="/login"')) return response;
    const done = await this.submit(page, user);
    return this.open(new URL(done.headers.get('location') ?? '', this.#site), user);
  }

  /** Sends the form on a page, with what is hidden in it. */
  submit(page: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    assert.ok(action, `There is no form on this page:\n${page}`);
    const hidden = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
    const body = new URLSearchParams();
    for (const [, name = '', value = ''] of hidden) body.set(name, text(value));
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return this.#fetch(new URL(text(action), this.#site), { method: 'POST', body });
  }

  /** From an authorization request to the address that the browser is sent to. */
  async answer(request: URL, user: Readonly<Record<string, string>>, choice: 'allow' | 'deny' = 'allow'): Promise<URL> {
    const page = await this.open(request, user);
    const answered =
      page.status === 200 ? await this.submit(await page.text(), choice === 'deny' ? { cancel: 'yes' } : {}) : page;
    const location = answered.headers.get('location');
    assert.ok(location, `Not redirected: ${answered.status}`);
    return new URL(location);
  }
}
