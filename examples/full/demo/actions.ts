/** What one can do with tokens, and attacks that must fail: one function for each button. */
import { credentials, type Operation, PRINTER, redirectURI } from './client.js';
import { newKey } from './dpop.js';
import { type Answer, type Call, call } from './http.js';
import { verifyIDToken } from './id-token.js';
import { RULES, type Rule, whenGiven, whenRefused } from './rules.js';
import { decodeJWT, showClaims } from './show.js';
import { begin, note, type Tokens, type Visit } from './visit.js';

type ToServer = Omit<Call, 'url' | 'method' | 'headers' | 'json'>;

/** Sends a request with the client's secret, and with a DPoP proof if the visit has a key. */
export const ask = (visit: Visit, endpoint: string | undefined, request: ToServer): Promise<Answer> =>
  call(visit, {
    ...request,
    url: endpoint ?? '',
    method: 'POST',
    headers: { Authorization: credentials },
    key: visit.key,
  });

/** Shows the content of an access token as a step. */
function lookInto(visit: Visit, token: string, now: number): void {
  const decoded = decodeJWT(token);
  if (!decoded) return;
  note(visit, {
    title: 'What is in the access token',
    why: 'It is a signed JWT: anyone can read it, and nobody can change it.',
    outcome: 'done',
    says: [
      { label: 'Header', text: showClaims(decoded.header, now) },
      { label: 'Payload', text: showClaims(decoded.payload, now) },
    ],
    rule: RULES.jwt,
  });
}

const toTokens = ({ access_token, refresh_token, scope }: Answer['json']): Tokens => ({
  access: String(access_token),
  refresh: typeof refresh_token === 'string' ? refresh_token : undefined,
  scope: String(scope ?? '').split(' '),
  state: 'good',
});

/** Marks the tokens as ended, since the server or the API refused one. */
function end(visit: Visit): void {
  if (visit.tokens) visit.tokens = { ...visit.tokens, state: 'ended' };
}

/** Verifies an ID token, and treats its user as logged in. */
export async function login(
  visit: Visit,
  idToken: string,
  expected: { readonly issuer: string; readonly nonce?: string; readonly now: number },
): Promise<void> {
  await verifyIDToken(visit, idToken, { ...expected, accessToken: visit.tokens?.access ?? '' });
  visit.idToken = idToken;
}

/** The URL that logs the browser out at the server. @see OpenID Connect RP-Initiated Logout §2 */
export function logOut(visit: Visit, issuer: string): string {
  const query = { id_token_hint: visit.idToken ?? '', post_logout_redirect_uri: `${issuer}/demo` };
  return `${visit.metadata?.end_session_endpoint}?${new URLSearchParams(query)}`;
}

/** Called when the server has sent a logout token. */
export function loggedOut(visit: Visit): void {
  begin(visit);
  end(visit);
  visit.idToken = undefined;
  note(visit, {
    title: 'The server says that you have logged out',
    why: 'It posted a signed token to Postcards, which your browser never saw. Postcards forgets who you are.',
    outcome: 'done',
    says: [],
    rule: RULES.backChannel,
  });
}

/** Sends a request to the token endpoint, and keeps the tokens. @param now epoch seconds */
export async function requestTokens(visit: Visit, now: number, request: ToServer): Promise<Answer> {
  const answer = await ask(visit, visit.metadata?.token_endpoint, request);
  if (!answer.ok) return answer;
  visit.tokens = toTokens(answer.json);
  lookInto(visit, visit.tokens.access, now);
  return answer;
}

/** The value of the Authorization header. A bound token has another scheme. @see RFC 9449 §7.1 */
const presented = ({ tokens, key }: Visit): string => `${key ? 'DPoP' : 'Bearer'} ${tokens?.access}`;

/** The `acr` that the challenge of an API requires. @see RFC 9470 §3 */
const wantedIn = (challenge: string): string | undefined =>
  challenge.includes('insufficient_user_authentication') ? /acr_values="([^" ]+)/.exec(challenge)?.[1] : undefined;

const apiRule =
  ({ key }: Visit) =>
  ({ ok, status, challenge }: Answer): Rule | undefined => {
    if (wantedIn(challenge)) return RULES.stepUp;
    if (ok) return key ? RULES.proved : RULES.bearer;
    return new Map([
      [401, RULES.invalid],
      [403, RULES.insufficient],
    ]).get(status);
  };

export async function callAPI(visit: Visit, issuer: string, { method, path }: Operation): Promise<void> {
  const { ok, status, json, challenge } = await call(visit, {
    title: `Postcards calls the API: ${method} ${path}`,
    why: 'With the access token, and without the user.',
    url: `${issuer}${path}`,
    method,
    headers: { Authorization: presented(visit) },
    key: visit.key,
    ...(method === 'POST' && { json: { text: 'A postcard from Brighton' } }),
    rule: apiRule(visit),
  });
  visit.wanted = wantedIn(challenge);
  if (status === 401 && visit.wanted === undefined) end(visit);
  if (ok && typeof json['name'] === 'string') visit.account = json['name'];
}

/** Uses a token that is bound to a key with another key, as a thief would. */
export async function steal(visit: Visit, issuer: string): Promise<void> {
  if (!visit.key) throw new Error('These tokens are not bound: whoever has them can use them.');
  await call(visit, {
    title: 'Somebody who stole the access token tries it, with a key of their own',
    why: 'They have copied everything that Postcards sends. Postcards never sends the key.',
    url: `${issuer}/api/me`,
    headers: { Authorization: presented(visit) },
    key: await newKey(),
    by: 'attacker',
    rule: ({ status }) => (status === 401 ? RULES.unproved : undefined),
  });
}

/** The Printer has received the token of Postcards. It exchanges this token for one of its own, with which it calls the API. @see RFC 8693 §2 */
export async function print(visit: Visit, issuer: string, now: number): Promise<void> {
  const { ok, json } = await call(visit, {
    title: 'The Printer exchanges the token that Postcards has sent it',
    why: 'It has to know your name, to print it. With the token of Postcards it would be Postcards to the API.',
    url: visit.metadata?.token_endpoint ?? '',
    method: 'POST',
    headers: { Authorization: PRINTER },
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: visit.tokens?.access ?? '',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: 'profile',
    },
    rule: (answer) => (answer.ok ? RULES.exchange : whenRefused(RULES.notExchanged)(answer)),
  });
  if (!ok) return;
  const token = String(json['access_token']);
  lookInto(visit, token, now);
  await call(visit, {
    title: 'The Printer calls the API: GET /api/me',
    why: 'In your name, with a token of its own, which is good for a minute.',
    url: `${issuer}/api/me`,
    headers: { Authorization: `Bearer ${token}` },
    rule: whenGiven(RULES.act),
  });
}

export async function introspect(
  visit: Visit,
  title = 'Postcards asks whether its access token is good',
): Promise<void> {
  const { json } = await ask(visit, visit.metadata?.introspection_endpoint, {
    title,
    why: 'An API without the means to check a token asks in the same way.',
    form: { token: visit.tokens?.access ?? '', token_type_hint: 'access_token' },
    rule: whenGiven(RULES.introspection),
  });
  if (json['active'] === false) end(visit);
}

const isItOver = (visit: Visit): Promise<void> => introspect(visit, 'Is the access token still good?');

export async function refresh(visit: Visit, issuer: string, now: number): Promise<void> {
  const refresh_token = visit.tokens?.refresh ?? '';
  const { ok, json } = await requestTokens(visit, now, {
    title: 'Postcards asks for new tokens',
    why: 'Access tokens live for minutes. A refresh token gets the next one, without asking you again.',
    form: { grant_type: 'refresh_token', refresh_token },
    rule: (answer) => (answer.ok ? RULES.rotation : whenRefused(RULES.ended)(answer)),
  });
  if (ok) visit.spentRefreshToken = refresh_token;
  if (ok && typeof json['id_token'] === 'string') await login(visit, json['id_token'], { issuer, now });
}

/** Uses an old refresh token again: within the grace window the server gives the same answer, and later it ends the token family. */
export async function reuse(visit: Visit, now: number): Promise<void> {
  const { ok } = await requestTokens(visit, now, {
    title: 'The old refresh token comes again',
    why: 'Either an answer was lost on the way, or somebody has a copy.',
    form: { grant_type: 'refresh_token', refresh_token: visit.spentRefreshToken ?? '' },
    by: 'attacker',
    rule: (answer) => (answer.ok ? RULES.grace : whenRefused(RULES.reuse)(answer)),
  });
  if (!ok) await isItOver(visit);
}

export async function replay(visit: Visit, issuer: string, now: number): Promise<void> {
  const { code = '', code_verifier = '' } = visit.spentCode ?? {};
  await requestTokens(visit, now, {
    title: 'The code comes a second time',
    why: 'Even from Postcards itself, with its secret and the right verifier.',
    form: { grant_type: 'authorization_code', code, redirect_uri: redirectURI(issuer), code_verifier },
    by: 'attacker',
    rule: whenRefused(RULES.replay),
  });
  await isItOver(visit);
}

export async function revoke(visit: Visit): Promise<void> {
  const { access = '', refresh: token = access } = visit.tokens ?? {};
  await ask(visit, visit.metadata?.revocation_endpoint, {
    title: 'Postcards gives its tokens back',
    why: 'As an application should when you leave it; at the server, you can do the same without it.',
    form: { token },
    rule: whenGiven(RULES.revocation),
  });
  await isItOver(visit);
}
