/** Answers of the authorization endpoint, and of what belongs to its dialogs. */
import { ISSUER } from '../support/authorization-server.js';
import type { Answer } from './answer.js';
import type { FuzzClient } from './clients.js';
import type { Verdict } from './judge.js';
import { claimsIn, describedFaults, errorIn, storeFaults } from './judge-errors.js';
import { said } from './meaning.js';
import type { Sent } from './render.js';
import { type Vocabulary, vocabularyOf } from './vocabulary.js';

/** A response on its way to a client, by whichever response mode. */
interface Response {
  readonly mode: 'query' | 'fragment' | 'form_post';
  readonly uri: string;
  readonly params: URLSearchParams;
}

/** Whom the response may go to, and with which states; undefined for none. */
interface Expected {
  readonly clients: readonly FuzzClient[];
  readonly states: readonly (string | undefined)[];
}

const plain = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'",
  );

const FORM_POST =
  /^<!doctype html>\n<html lang="en"><head>.*<\/head>\n<body><form method="post" action="([^"<>]*)">((?:<input type="hidden" name="[^"<>]*" value="[^"<>]*">)*)<noscript><button>Continue<\/button><\/noscript><\/form>\n<script>[^<]*<\/script><\/body><\/html>\n?$/;

function formPost(text: string): Response | undefined {
  const [, uri, inputs = ''] = FORM_POST.exec(text) ?? [];
  if (uri === undefined) return undefined;
  const fields = [...inputs.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) =>
    [name, value].map(plain),
  );
  return { mode: 'form_post', uri: plain(uri), params: new URLSearchParams(fields as [string, string][]) };
}

function redirect(location: string): Response {
  const hash = location.indexOf('#');
  if (hash >= 0)
    return { mode: 'fragment', uri: location.slice(0, hash), params: new URLSearchParams(location.slice(hash + 1)) };
  const mark = location.indexOf('?');
  return { mode: 'query', uri: location.slice(0, mark), params: new URLSearchParams(location.slice(mark + 1)) };
}

const portless = (uri: string): string => uri.replace(/^(http:\/\/127\.0\.0\.1):\d{1,5}(?=\/)/, '$1');

/** RFC 6749 §3.1.2: the query of a registered URI is retained. */
function isRegistered({ redirect_uris }: FuzzClient, { mode, uri, params }: Response): boolean {
  return redirect_uris.some((registered) => {
    const [base, own = ''] = registered.split('?');
    if (mode !== 'query') return portless(uri) === registered;
    return portless(uri) === base && [...new URLSearchParams(own)].every(([name, value]) => params.get(name) === value);
  });
}

/** The parameters that each response may have. */
const ISSUED = ['code', 'access_token', 'id_token'];
const FAILURE = ['error', 'error_description', 'state', 'iss'];

function paramFaults(params: URLSearchParams, { responseParams }: Vocabulary): string[] {
  const own = ['own', 'b'];
  const allowed = [...(params.has('error') ? FAILURE : ['code', 'access_token', 'state', ...responseParams]), ...own];
  const names = [...params.keys()];
  return [
    ...names.filter((name) => !allowed.includes(name)).map((name) => `a parameter ${name}`),
    ...(new Set(names).size === names.length ? [] : ['a parameter comes twice']),
    ...(params.get('iss') === ISSUER ? [] : ['iss is missing']), // RFC 9207 §2
    ...describedFaults(params.get('error_description') ?? undefined),
  ];
}

/** What a response says, which may be in a JWT. JARM §2.1 */
function saidIn(response: Response, { mayBeJWT }: Vocabulary): URLSearchParams {
  const jwt = response.params.get('response');
  if (jwt === null || !mayBeJWT) return response.params;
  const others = [...response.params.keys()].filter((name) => !['response', 'own', 'b'].includes(name));
  const { aud, exp, ...claims } = claimsIn(jwt) ?? {};
  const isWhole = typeof aud === 'string' && typeof exp === 'number' && others.length === 0;
  return new URLSearchParams(
    isWhole ? Object.entries(claims).map(([name, value]): [string, string] => [name, String(value)]) : [],
  );
}

/** What cannot be sent back as it came is not sent back. */
const isText = (state: string): boolean => state.length <= 4096 && !/[\p{Cc}\p{Cs}\ufffd]/u.test(state);

/** The state of good requests: those that were signed or pushed have it, whatever the URL says. */
export const STATE = 'a state';

/** What is awaited of a response to an authorization request. RFC 6749 §4.1.2: exactly its state */
function expectedOfRequest(sent: Sent, house: string, find: (id: string) => FuzzClient | undefined): Expected {
  const clients = said(sent, house, 'client_id').values.flatMap((id) => find(id) ?? []);
  const { values, isExact } = said(sent, house, 'state');
  const isElsewhere = ['request', 'request_uri'].some((name) => said(sent, house, name).values.length > 0);
  if (isElsewhere) return { clients, states: [...values, STATE, undefined] };
  if (!isExact) return { clients, states: [...values, undefined] };
  return {
    clients,
    states: values.length === 1 ? values.map((state) => (isText(state) ? state : undefined)) : [undefined],
  };
}

/** Of what waited it is known whose it was. */
function expectedOfDialog({ live }: Sent): Expected {
  return { clients: live.waiting.map(({ client }) => client), states: live.waiting.map(({ state }) => state) };
}

function judgeResponse(route: string, response: Response, sent: Sent, house: string): Verdict {
  const isRequest = route === 'authorize';
  const { clients, states } = isRequest ? expectedOfRequest(sent, house, sent.live.find) : expectedOfDialog(sent);
  const words = vocabularyOf(house);
  const { mode } = response;
  const params = saidIn(response, words);
  const error = params.get('error');
  const state = params.get('state') ?? undefined;
  const what = error ?? ISSUED.filter((name) => params.has(name)).join(' ');
  const isCertain = !sent.isOdd || !isRequest;
  return {
    outcome: `${route} ${mode}: ${what}${params === response.params ? '' : ' in a JWT'}`,
    faults: [
      ...(clients.some((client) => isRegistered(client, response)) ? [] : [`it goes to ${response.uri}, unregistered`]),
      ...(isCertain && !states.includes(state) ? [`state is ${state}, and not ${states}`] : []),
      ...(error === null || words.authorizationErrors.includes(error) ? [] : [`error is ${error}`]),
      ...(what ? [] : ['it says nothing']),
      ...(mode === 'query' && (params.has('access_token') || params.has('id_token')) ? ['a token in a query'] : []),
      ...paramFaults(params, words),
    ],
  };
}

/** Who may frame a page, and what the next request tells of its URL. */
type Protection = readonly [ancestors: string | undefined, referrer: string];

const OF_DIALOG: Protection = ["'none'", 'same-origin'];

/** A response in a form can be framed by the origin that it goes to. */
function ofForm({ uri }: Response): Protection {
  const { origin } = new URL(uri);
  return [origin === 'null' ? "'none'" : origin, 'origin'];
}

/** RFC 9700 §4.16, §4.2.4. @param posted the response, if the page is a form that goes to the client */
function pageFaults(answer: Answer, posted: Response | undefined, { isHead }: Sent): string[] {
  const { get } = answer;
  const [, ancestors] = /frame-ancestors ([^;,]*)/.exec(get('content-security-policy') ?? '') ?? [];
  const [allowed, referrer] = posted ? ofForm(posted) : OF_DIALOG;
  const isForm = isHead && get('referrer-policy') === 'origin'; // whose body nobody sees
  const isProtected = ancestors === allowed && get('referrer-policy') === referrer;
  const isSafe = get('x-frame-options') === 'DENY' && (isForm ? ancestors !== undefined : isProtected);
  return [...(isSafe ? [] : ['the page can be framed, or tells']), ...storeFaults(answer)];
}

const DIALOG = /^<form method="post"><input name="transaction_id" value="[\w-]{22}"><\/form>$/;

export function judgeAuthorization(route: string, answer: Answer, sent: Sent, house: string): Verdict {
  const { status, text, get } = answer;
  const location = get('location');
  if (location?.startsWith('?')) {
    // posted with an `Origin`: it comes again by GET
    const more = status === 303 && sent.draft.method === 'POST' ? [] : [`${status} to ${location}`];
    return { outcome: `${route} again`, faults: [...more, ...storeFaults(answer)] };
  }
  if (location !== undefined) {
    const { outcome, faults } = judgeResponse(route, redirect(location), sent, house);
    const expected = sent.draft.method === 'POST' ? 303 : 302; // RFC 9700 §4.12
    const more = status === expected || sent.isOdd ? [] : [`${status} for ${sent.draft.method}`];
    return { outcome, faults: [...faults, ...more, ...storeFaults(answer)] };
  }
  if (status === 200) {
    const posted = formPost(text);
    const { outcome, faults } = posted
      ? judgeResponse(route, posted, sent, house)
      : { outcome: `${route} dialog`, faults: [] };
    const isEither = posted || DIALOG.test(text) || sent.isHead;
    return {
      outcome,
      faults: [...faults, ...pageFaults(answer, posted, sent), ...(isEither ? [] : [`no dialog: ${text}`])],
    };
  }
  if (sent.isHead) return { outcome: `${route} ${status} HEAD`, faults: storeFaults(answer) };
  const { code, faults } = errorIn(answer, vocabularyOf(house).authorizationErrors);
  return { outcome: `${route} ${status} ${code}`, faults };
}
