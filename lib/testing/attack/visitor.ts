/** A browser without a screen. */
import { CookieJar, type Cookies } from './cookies.js';
import { type FormSubmission, formsIn } from './form.js';
import { answerIn, type Fields, type Page, paramsOf, type Sent, send } from './http.js';

const MOST_REDIRECTS = 10;
/** RFC 6749 §4.1.2, §4.2.2: what only the answer to a client has. */
const ANSWERS = ['code', 'error', 'access_token'] as const;

/**
 * Somebody with a browser of their own: keeps cookies, follows redirects while they lead to the same origin, and stops where they
 * lead elsewhere, to a client, or have an answer for one in them.
 *
 * @example
 * const login = async (visitor: Visitor) => {
 *   await visitor.submit(await visitor.get('https://as.example/login'), { username: 'alice', password: 'wonderland' });
 * };
 * @see RFC 6749 §1.1 (the resource owner's user agent)
 */
export interface Visitor {
  /** Opens a page. @param headers besides those that every browser sends */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** Sends a form's fields. */
  post(url: string, fields: Fields, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /**
   * Fills in the form of a page that has all these fields, and sends it.
   *
   * @throws Error when the page has no such form
   */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page>;
  /** The cookies of this moment, for a replay. */
  snapshot(): Cookies;
  /** Brings back the cookies of an earlier moment. */
  restore(cookies: Cookies): void;
}

/** Whether a redirect leads there: the same place, whatever its query and fragment say. */
export function leadsTo(location: string, place: string): boolean {
  if (!URL.canParse(location) || !URL.canParse(place)) return location.startsWith(place);
  const [a, b] = [new URL(location), new URL(place)];
  return a.protocol === b.protocol && a.host === b.host && a.pathname === b.pathname;
}

function follows(page: Page, stops: readonly string[]): boolean {
  const { location, url } = page;
  if (location === undefined || !URL.canParse(location)) return false;
  const answer = answerIn(page);
  if (ANSWERS.some((name) => answer.has(name)) || stops.some((place) => leadsTo(location, place))) return false;
  return new URL(location).origin === new URL(url).origin;
}

/** @param stops places that are not the server's, although they may be of its origin: redirect URIs */
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
    for (let count = 0; follows(page, stops) && count < MOST_REDIRECTS; count += 1) {
      const again = page.status === 307 || page.status === 308 ? sent : {}; // RFC 9110 §15.4: the others are a GET
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
