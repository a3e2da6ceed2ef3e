/** One request, as it is: no redirect is followed, and no cookie kept. */

/** Milliseconds. A server that does not answer is a mistake of the set-up, or an outage: in either case not "withstood". */
const PATIENCE = 15_000;

/** What a server answered. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  /** What was asked for. */
  readonly url: string;
  readonly text: string;
  /** Where it leads, if it is a redirect; absolute where that can be told. */
  readonly location?: string | undefined;
}

/** A form as it travels: a name may stand there more than once. */
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

export async function send(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Page> {
  const signal = AbortSignal.timeout(PATIENCE);
  const init = { method, headers: { ...headers }, redirect: 'manual', signal } as const;
  const answer = await fetch(url, body === undefined ? init : { ...init, body });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, url, text, location: locationOf(answer, url) };
}

/** The members of a JSON object; none, if it is something else. */
export function membersOf({ text }: Page): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** What the answer at a redirect URI says, in its query or its fragment. */
export function answerIn({ location }: Page): URLSearchParams {
  if (location === undefined || !URL.canParse(location)) return new URLSearchParams();
  const { search, hash } = new URL(location);
  return new URLSearchParams([...new URLSearchParams(search), ...new URLSearchParams(hash.slice(1))]);
}
