/** The flow: discover the endpoints, send the browser to the server, receive the response, exchange the code, and show the tokens. */
import { createHash } from 'node:crypto';
import { ask, callAPI, login, requestTokens } from './actions.js';
import { CLIENT_ID, OPERATIONS, redirectURI } from './client.js';
import { newKey, thumbprintOf } from './dpop.js';
import { call } from './http.js';
import { RULES, whenGiven, whenRefused } from './rules.js';
import { showJSON, showURL } from './show.js';
import { type Metadata, note, random, type Visit, type Wish } from './visit.js';

type Asked = NonNullable<Visit['asked']>;

async function discover(visit: Visit, issuer: string): Promise<Metadata> {
  const { json } = await call(visit, {
    title: 'Postcards asks the server where everything is',
    why: 'All that Postcards knows is the URL of the server, its own client ID and its secret.',
    url: `${issuer}/.well-known/oauth-authorization-server`,
    rule: whenGiven(RULES.metadata),
  });
  if (json['issuer'] !== issuer) throw new Error('The metadata is that of another server.'); // RFC 8414 §3.3
  return json as unknown as Metadata;
}

type Secrets = Pick<Asked, 'state' | 'nonce' | 'verifier'>;

/** The parameters of the authorization request. @see RFC 6749 §4.1.1 */
async function paramsOf(
  { key }: Visit,
  issuer: string,
  { scope, details, prompt, acr }: Wish,
  { state, nonce, verifier }: Secrets,
): Promise<Readonly<Record<string, string>>> {
  return {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: redirectURI(issuer),
    ...(scope && { scope }),
    ...(details.length > 0 && { authorization_details: JSON.stringify(details) }),
    state,
    ...(scope.split(' ').includes('openid') && { nonce }),
    ...(prompt && { prompt }),
    ...(acr && { acr_values: acr }),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(key && { dpop_jkt: await thumbprintOf(key) }),
  };
}

/** Pushes the request to the server. @returns the parameters that the browser carries instead. @see RFC 9126 §2 */
async function push(visit: Visit, form: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const { ok, json } = await ask(visit, visit.metadata?.pushed_authorization_request_endpoint, {
    title: 'Postcards sends its question to the server itself',
    why: 'Your browser carries only a reference to it, and whoever reads the address learns nothing.',
    form,
    rule: whenGiven(RULES.pushed),
  });
  if (!ok) throw new Error(`The server refused: ${json['error']}.`);
  return { client_id: CLIENT_ID, request_uri: String(json['request_uri']) };
}

/** @returns where the browser goes next */
export async function start(visit: Visit, issuer: string, wish: Wish): Promise<string> {
  visit.wish = wish;
  visit.metadata = await discover(visit, issuer);
  if (wish.tokens === 'bound') visit.key = await newKey();
  const secrets = { state: random(), nonce: random(), verifier: random() };
  const params = await paramsOf(visit, issuer, wish, secrets);
  const url = new URL(visit.metadata.authorization_endpoint);
  url.search = new URLSearchParams(wish.via === 'push' ? await push(visit, params) : params).toString();
  visit.asked = { ...secrets, url: url.href, sends: wish.sends };
  note(visit, {
    title: 'Postcards sends your browser to the server, with its question',
    why: 'You log in and decide there, so Postcards never sees your password.',
    outcome: 'done',
    says: [{ label: 'Redirect', text: `303 See Other\nLocation: ${showURL(url.href)}` }],
    rule: visit.key ? RULES.bound : RULES.challenge,
  });
  return url.href;
}

/** Whether the response belongs to a request of this browser. If not, an attacker may have injected it (CSRF). */
export function wasAskedFor({ asked }: Visit, answer: URL): boolean {
  return asked !== undefined && answer.searchParams.get('state') === asked.state;
}

/**
 * Whether the request was answered before. If the user goes back in the browser to the authorization endpoint, the server remembers the consent, and sends a
 * new code for the same request. That code is ignored.
 */
export function wasAnswered({ answered }: Visit, answer: URL): boolean {
  return answered !== undefined && answer.searchParams.get('state') === answered;
}

/** Handles the response that the browser brought. */
export async function finish(visit: Visit, issuer: string, answer: URL, now: number): Promise<void> {
  const { asked } = visit;
  const { iss, code, error, consent } = Object.fromEntries(answer.searchParams);
  visit.asked = undefined; // each request accepts one response
  visit.answered = asked?.state;
  visit.consent = consent === 'remembered' ? 'remembered' : 'asked';
  note(visit, {
    title: 'Your browser comes back with the answer',
    why: code
      ? 'The state is the one that this browser was sent with. The code is not a token: alone, it is worth nothing.'
      : 'The server says no, and why.',
    outcome: code ? 'done' : 'refused',
    by: 'browser',
    says: [{ label: 'Redirect received', text: `GET ${showURL(answer.href)}` }],
    rule: code ? RULES.answer : error === 'access_denied' ? RULES.denied : undefined,
  });
  if (iss !== issuer) throw new Error('The answer is from another server.'); // RFC 9207 §2.4
  if (error === 'access_denied') throw new Error('You did not allow it. Nothing was handed out.');
  if (!code || !asked) throw new Error(`The server refused: ${error}.`);
  if (asked.sends === 'wrong') await redeemWrongly(visit, issuer, code, asked.verifier);
  else await redeem(visit, issuer, code, asked, now);
}

/** Shows the payments in an access token. */
function notePayments(visit: Visit, details: unknown): void {
  if (!Array.isArray(details)) return;
  note(visit, {
    title: 'What Postcards may pay',
    why: 'A word such as "payments" would have been a blank cheque. The dialog has shown you this payment, and asks again for the next.',
    outcome: 'done',
    says: details.map((detail: object) => ({ label: 'Allowed', text: showJSON(detail) })),
    rule: RULES.details,
  });
}

async function redeem(visit: Visit, issuer: string, code: string, asked: Asked, now: number): Promise<void> {
  const { verifier: code_verifier, nonce } = asked;
  visit.spentCode = { code, code_verifier };
  const { json } = await requestTokens(visit, now, {
    title: 'Postcards exchanges the code for tokens',
    why: 'Out of sight of the browser, with its secret and with the verifier.',
    form: { grant_type: 'authorization_code', code, redirect_uri: redirectURI(issuer), code_verifier },
    rule: whenGiven(RULES.verifier),
  });
  if (typeof json['id_token'] === 'string') await login(visit, json['id_token'], { issuer, nonce, now });
  notePayments(visit, json['authorization_details']);
  const first = Object.values(OPERATIONS).find(
    ({ method, scope }) => method === 'GET' && visit.tokens?.scope.includes(scope),
  );
  if (first) await callAPI(visit, issuer, first);
}

/** Exchanges a code with a wrong verifier, and then with the right one, which must fail, too. */
async function redeemWrongly(visit: Visit, issuer: string, code: string, right: string): Promise<void> {
  const attempt = { grant_type: 'authorization_code', code, redirect_uri: redirectURI(issuer) };
  await requestTokens(visit, 0, {
    title: 'Somebody who stole the code tries it with a made-up verifier',
    why: 'A thief who reads the address of your browser has the code, but has never seen the verifier.',
    form: { ...attempt, code_verifier: random() },
    by: 'attacker',
    rule: whenRefused(RULES.wrongVerifier),
  });
  await requestTokens(visit, 0, {
    title: 'The same code again, with the right verifier',
    why: 'Postcards itself comes too late now, and has to start again.',
    form: { ...attempt, code_verifier: right },
    rule: whenRefused(RULES.spent),
  });
}
