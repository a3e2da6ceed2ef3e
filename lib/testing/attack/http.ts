/** Sends single requests, without following redirects and without cookies. */

/** Milliseconds. A server that does not answer in time is misconfigured, or down: the outcome is an error, and not `withstood`. */
const TIMEOUT = 15_000;

/** An answer of the server. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  /** The URL of the request. */
  readonly url: string;
  readonly text: string;
  /** The Location of a redirect, as an absolute URL, or unchanged if it is malformed. */
  readonly location?: string | undefined;
}

/** The fields of a form, in which a name may occur more than once. */
export type Fields = Readonly<Record<string, string>> | URLSearchParams | readonly (readonly [string, string])[];

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | string;
}

export function paramsOf(fields: Fields): URLSearchParams {
  if (fields instanceof URLSearchParams) return new URLSearchParams(fields);
  const pairs = (Array.isArray(fields) ? fields : Object.entries(fields)) as readonly (readonly [string, string])[];
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]));
}

function locationOf(answer: Response, url: string): string | undefined {
  const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null;
  if (location === null) return undefined;
  return URL.canParse(location, url) ? new URL(location, url).href : location;
}

/** Why `fetch` has failed: the cause of its error, or the first of several causes if the host has several addresses. Undefined if nothing was sent. */
function reasonOf(error: unknown): string | undefined {
  const { name, cause } = Object(error);
  if (name === 'TimeoutError') return `none within ${TIMEOUT / 1000} seconds`;
  const { message, code } = Object(cause?.errors?.[0] ?? cause);
  return message || code;
}

/** The message has the origin, not the URL: all requests to a server that is down then fail with the same error, which a report can state once. */
function noAnswer(url: string, cause: unknown): unknown {
  const reason = URL.canParse(url) ? reasonOf(cause) : undefined;
  return reason === undefined ? cause : new Error(`${new URL(url).origin} does not answer: ${reason}`, { cause });
}

/** @throws Error with the reason if no answer comes */
export async function send(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Page> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const init = { method, headers: { ...headers }, redirect: 'manual', signal } as const;
  const request = fetch(url, body === undefined ? init : { ...init, body });
  const { answer, text } = await request
    .then(async (answer) => ({ answer, text: await answer.text() }))
    .catch((error: unknown) => Promise.reject(noAnswer(url, error)));
  return { status: answer.status, headers: answer.headers, url, text, location: locationOf(answer, url) };
}

/** The members of a JSON object; none if the text is no JSON. */
export function membersOf({ text }: Pick<Page, 'text'>): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The parameters of an authorization response, in the query or the fragment of the redirect. */
export function answerIn({ location }: Page): URLSearchParams {
  if (location === undefined || !URL.canParse(location)) return new URLSearchParams();
  const { search, hash } = new URL(location);
  return new URLSearchParams([...new URLSearchParams(search), ...new URLSearchParams(hash.slice(1))]);
}
