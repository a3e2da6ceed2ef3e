/** What stands between a client and the authorization server: a browser, and the client's own server. */
import { text } from 'node:stream/consumers';
import type Koa from 'koa';

/** The redirect URI of clients that have no server. */
export const CALLBACK = 'http://127.0.0.1/callback';

/** Where alice, who allows everything, is sent with the answer. */
export async function answerTo(authorizationRequest: string | URL): Promise<URL> {
  const response = await fetch(authorizationRequest, { redirect: 'manual' });
  return new URL(response.headers.get('Location') ?? `error:${response.status}`);
}

/** A form, or JSON. */
export type Posted = URLSearchParams | string;

/** A browser with one jar of cookies. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string | URL, body?: Posted): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const type = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
    const headers = { cookie, origin: new URL(url).origin, ...type };
    const response = await fetch(url, { redirect: 'manual', headers, ...(body ? { method: 'POST', body } : {}) });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects to where they end. */
  async follow(url: string | URL, body?: Posted): Promise<URL> {
    let [at, response] = [new URL(url), await this.open(url, body)];
    for (let hop = 0; hop < 10; hop++) {
      const location = response.headers.get('Location');
      if (location === null) return at;
      at = new URL(location, at);
      response = await this.open(at);
    }
    throw new Error(`It never ends: ${at}`);
  }

  async json(url: string | URL, body?: Posted): Promise<unknown> {
    return (await this.open(url, body)).json();
  }
}

/** Serves what is written for the requests and responses of the Fetch standard. */
export function served(url: string, answer: (request: Request) => Promise<Response>): Koa.Middleware {
  return async (ctx) => {
    const body = ctx.method === 'POST' ? { body: await text(ctx.req) } : {};
    const headers = new Headers(Object.entries(ctx.headers).map(([name, value]) => [name, String(value)]));
    const response = await answer(new Request(url + ctx.url, { method: ctx.method, headers, ...body }));
    ctx.status = response.status;
    for (const [name, value] of response.headers) ctx.append(name, value);
    ctx.body = await response.text();
  };
}
