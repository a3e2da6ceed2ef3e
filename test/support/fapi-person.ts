/** The browser of alice at examples/fapi: she logs in, and allows or denies. */
import assert from 'node:assert/strict';

type Fetch = typeof fetch;

function cookiesOf(response: Response): string[] {
  return response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
}

export interface Person {
  /** A page, with the cookies of earlier answers. */
  open(url: string | URL): Promise<Response>;
  /** From the authorization endpoint to the answer at the client. */
  answer(url: string | URL, decision?: 'allow' | 'deny'): Promise<URL>;
}

export function person(issuer: string, fetch: Fetch): Person {
  const jar = new Map<string, string>();
  const send = async (url: string | URL, form?: Readonly<Record<string, string>>): Promise<Response> => {
    const Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(Cookie && { Cookie }), ...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }) };
    const more = form && { method: 'POST', body: String(new URLSearchParams(form)) };
    const response = await fetch(new URL(url, issuer), { headers, ...more });
    for (const cookie of cookiesOf(response)) {
      const at = cookie.indexOf('=');
      jar.set(cookie.slice(0, at), cookie.slice(at + 1));
    }
    const location = response.headers.get('location');
    return location?.startsWith('/') ? send(location) : response;
  };
  const fieldIn = (html: string, name: string): string =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? assert.fail(html);
  const transactionIn = (html: string) => fieldIn(html, 'transaction_id');
  return {
    open: (url) => send(url),
    async answer(url, decision = 'allow') {
      let response = await send(url);
      let html = await response.text();
      if (html.includes('action="/login"')) {
        const csrf = fieldIn(html, 'csrf');
        const form = { csrf, username: 'alice', password: 'wonderland', transaction_id: transactionIn(html) };
        response = await send('/login', form);
        html = await response.text();
      }
      const choice = decision === 'deny' ? { cancel: 'yes' } : { allow: 'yes' };
      const decided = await send('/authorize/decision', { transaction_id: transactionIn(html), ...choice });
      return new URL(decided.headers.get('location') ?? assert.fail(`${decided.status} ${await decided.text()}`));
    },
  };
}
