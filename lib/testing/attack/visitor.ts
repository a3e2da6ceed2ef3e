/** A browser without a user interface. */
import { CookieJar, type Cookies } from './cookies.js';
import { type FormSubmission, formsIn } from './form.js';
import { answerIn, type Fields, type Page, paramsOf, type Sent, send } from './http.js';

const MAX_REDIRECTS = 10;
/** RFC 6749 §4.1.2, §4.2.2: parameters that only an authorization response has. */
const RESPONSE_PARAMS = ['code', 'error', 'access_token'] as const;

/**
 * A user with a browser: keeps cookies, and follows redirects within the server's origin. It stops at a redirect to another origin, to a client, or with an
 * authorization response.
 *
 * @example
 * const login = async (visitor: Visitor) => {
 *   await visitor.submit(await visitor.get('https://as.example/login'), { username: 'alice', password: 'wonderland' });
 * };
 * @see RFC 6749 §1.1 (the resource owner's user agent)
 */
export interface Visitor {
  /** Opens a page. @param headers in addition to those that every browser sends */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** Posts the fields of a form. */
  post(url: string, fields: Fields, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /**
   * Fills in the form of a page that has all these fields, and sends it.
   *
   * @throws Error if the page has no such form
   */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page>;
  /** The current cookies, to be restored later. */
  snapshot(): Cookies;
  /** Replaces the cookies by those of an earlier moment. */
  restore(cookies: Cookies): void;
}

/** Whether a redirect leads to this place: URLs are compared without query and fragment. */
export function leadsTo(location: string, place: string): boolean {
  if (!URL.canParse(location) || !URL.canParse(place)) return location.startsWith(place);
  const [a, b] = [new URL(location), new URL(place)];
  return a.protocol === b.protocol && a.host === b.host && a.pathname === b.pathname;
}

function follows(page: Page, stops: readonly string[]): boolean {
  const { location, url } = page;
  if (location === undefined || !URL.canParse(location)) return false;
  const answer = answerIn(page);
  if (RESPONSE_PARAMS.some((name) => answer.has(name)) || stops.some((place) => leadsTo(location, place))) return false;
  return new URL(location).origin === new URL(url).origin;
}

/** @param stops redirect URIs of clients, at which the visitor stops even if they have the server's origin */
export function openVisitor(stops: readonly string[]): Visitor {
  const jar = new CookieJar();
  const one = async (url: string, { headers, ...sent }: Sent): Promise<Page> => {
    const cookie = jar.header(url);
    const page = await send(url, { ...sent, headers: { accept: 'text/html', ...(cookie && { cookie }), ...headers } });
    jar.take(url, page.headers.getSetCookie());
    return page;
  };
  const all = async (url: string, sent: Sent): Promise<Page> => {
    let page = await one(url, sent);
    for (let count = 0; follows(page, stops) && count < MAX_REDIRECTS; count += 1) {
      const again = page.status === 307 || page.status === 308 ? sent : {}; // RFC 9110 §15.4: after other redirects the method is GET
      page = await one(page.location ?? url, again);
    }
    return page;
  };
  const post: Visitor['post'] = (url, fields, headers = {}) =>
    all(url, { method: 'POST', headers: { origin: new URL(url).origin, ...headers }, body: paramsOf(fields) });
  return {
    get: (url, headers = {}) => all(url, { headers }),
    post,
    async submit(page, fields) {
      const { action, fields: sent } = formWith(page, Object.keys(fields));
      const kept = sent.filter(([name]) => !(name in fields));
      return post(action, [...kept, ...Object.entries(fields)]);
    },
    snapshot: () => jar.snapshot(),
    restore: (cookies) => jar.restore(cookies),
  };
}

function formWith(page: Page, names: readonly string[]): FormSubmission {
  const form = formsIn(page).find(({ fields }) => names.every((name) => fields.some(([one]) => one === name)));
  if (form) return form;
  throw new Error(`${page.url} (${page.status}) has no form with ${names.join(', ')}`);
}
