/** Answers of the endpoints that clients and APIs call, and of the API. */
import { ISSUER } from '../support/authorization-server.js';
import type { Answer } from './answer.js';
import { API } from './house.js';
import type { Verdict } from './judge.js';
import { claimsIn, describedFaults, errorIn, parseJSON, storeFaults } from './judge-errors.js';
import type { Sent } from './render.js';
import { type Vocabulary, vocabularyOf } from './vocabulary.js';

const verdict = (outcome: string, faults: readonly string[]): Verdict => ({ outcome, faults });

const is = (condition: boolean, fault: string): readonly string[] => (condition ? [] : [fault]);

/** What a client can be known by; a public one has its name only. */
const CREDENTIALS = ['secret', 'basic', 'assertion', 'cert'];
const CREDITED = ['code', 'refresh', 'password', 'devicecode', 'authreq'];

function tokenFaults(answer: Answer, { tokenMembers, tokenTypes }: Vocabulary): readonly string[] {
  const { access_token, token_type, expires_in, refresh_token, scope, ...more } = parseJSON(answer) ?? {};
  return [
    ...is(typeof access_token === 'string' && access_token.length > 10, 'no access_token'),
    ...is(tokenTypes.includes(String(token_type)), 'no token_type'),
    ...is(expires_in === undefined || typeof expires_in === 'number', 'expires_in is no number'),
    ...is(refresh_token === undefined || typeof refresh_token === 'string', 'refresh_token is no string'),
    ...is(scope === undefined || typeof scope === 'string', 'scope is no string'),
    ...Object.keys(more).flatMap((name) => is(tokenMembers.includes(name), `a member ${name}`)),
  ];
}

/** RFC 9126 §2.2 */
function pushedFaults(answer: Answer): readonly string[] {
  const { request_uri, expires_in, ...more } = parseJSON(answer) ?? {};
  return [
    ...is(/^urn:ietf:params:oauth:request_uri:./.test(String(request_uri)), 'no request_uri'),
    ...is(typeof expires_in === 'number', 'expires_in is no number'),
    ...Object.keys(more).map((name) => `a member ${name}`),
  ];
}

/** RFC 8628 §3.2 */
function deviceFaults(answer: Answer): readonly string[] {
  const { device_code, user_code, expires_in, interval, ...more } = parseJSON(answer) ?? {};
  const { verification_uri: uri, verification_uri_complete: complete, ...others } = more;
  return [
    ...is(typeof device_code === 'string' && device_code.length > 20, 'no device_code'),
    ...is(/^[A-Z]{4}-[A-Z]{4}$/.test(String(user_code)), 'no user_code'),
    ...is(uri === `${ISSUER}/device` && complete === `${uri}?user_code=${user_code}`, 'it sends users elsewhere'),
    ...is(expires_in === 600 && interval === 5, 'other times'),
    ...Object.keys(others).map((name) => `a member ${name}`),
  ];
}

/** CIBA §7.3 */
function askedFaults(answer: Answer): readonly string[] {
  const { auth_req_id, expires_in, interval, ...more } = parseJSON(answer) ?? {};
  return [
    ...is(typeof auth_req_id === 'string' && /^[\w.~-]{22,}$/.test(auth_req_id), 'no auth_req_id'),
    ...is(typeof expires_in === 'number' && expires_in >= 1 && expires_in <= 300 && interval === 5, 'other times'),
    ...Object.keys(more).map((name) => `a member ${name}`),
  ];
}

/** What introspection says, in JSON or in a JWT (RFC 9701 §5). */
function introspected(answer: Answer, { mayBeJWT }: Vocabulary): Readonly<Record<string, unknown>> {
  const isJWT = mayBeJWT && answer.get('content-type') === 'application/token-introspection+jwt';
  if (!isJWT) return parseJSON(answer) ?? {};
  const { iss, aud, iat, token_introspection: told, ...more } = claimsIn(answer.text) ?? {};
  const isWhole = iss === ISSUER && typeof aud === 'string' && typeof iat === 'number' && !Object.keys(more).length;
  return isWhole ? { ...(told as object) } : {};
}

const isActive = (body: Readonly<Record<string, unknown>>): boolean =>
  body['active'] === true || (body['active'] === false && Object.keys(body).length === 1);

function successFaults(route: string, answer: Answer, words: Vocabulary): readonly string[] {
  if (route === 'par') return pushedFaults(answer);
  if (route === 'device_authorization') return deviceFaults(answer);
  if (route === 'backchannel_authentication') return askedFaults(answer);
  if (route === 'token') return tokenFaults(answer, words);
  if (route === 'revoke') return is(answer.text === '{}', 'it says something of the token');
  return is(isActive(introspected(answer, words)), 'neither active nor not');
}

/** Where authorization requests come in without a browser. */
const REQUESTED = ['par', 'device_authorization'];

/** CIBA §13 */
const OF_CIBA = [
  ...['expired_login_hint_token', 'unknown_user_id', 'missing_user_code', 'invalid_user_code'],
  'invalid_binding_message',
];

/** There, errors of both kinds. RFC 9126 §2.3, RFC 8628 §3.1 */
function errorsAt(route: string, { tokenErrors, authorizationErrors }: Vocabulary): readonly string[] {
  if (route === 'backchannel_authentication') return [...tokenErrors, ...authorizationErrors, ...OF_CIBA];
  return REQUESTED.includes(route) ? [...tokenErrors, ...authorizationErrors] : tokenErrors;
}

/** The token endpoint, introspection, revocation and pushed requests. @see RFC 6749 §5, RFC 7662 §2.3, RFC 7009 §2.2 */
export function judgeClientEndpoint(route: string, answer: Answer, { draft, live }: Sent, house: string): Verdict {
  const { status } = answer;
  const words = vocabularyOf(house);
  const success = route === 'par' ? 201 : 200;
  if (status !== success) {
    if (draft.method === 'HEAD') return verdict(`${route} ${status} HEAD`, is(status === 405, `${status} for HEAD`));
    const { code, faults } = errorIn(answer, errorsAt(route, words));
    return verdict(`${route} ${status} ${code}`, faults);
  }
  const isKnown = [...CREDENTIALS, ...(route === 'introspect' ? [] : CREDITED)].some((kind) => live.kinds.has(kind));
  const isPublic = route === 'revoke' || REQUESTED.includes(route) || live.kinds.has('code');
  const outcome =
    route === 'introspect'
      ? `active: ${introspected(answer, words)['active']}${answer.text.startsWith('{') ? '' : ' in a JWT'}`
      : '';
  return verdict(`${route} ${success} ${outcome}`, [
    ...successFaults(route, answer, words),
    ...storeFaults(answer),
    ...is(isKnown || isPublic, 'somebody got in with nothing'),
    ...is(draft.method === 'POST', `by ${draft.method}`),
  ]);
}

const CHALLENGE = /^Bearer (?:\w+="[^"\\]*"(?:, |$))+$/;
const CHALLENGED = ['realm', 'scope', 'acr_values', 'max_age', 'error', 'error_description', 'resource_metadata'];

/** The parameters of a challenge, or undefined when it is none of ours. */
function challengeOf({ get }: Answer): ReadonlyMap<string, string> | undefined {
  const header = get('www-authenticate') ?? '';
  const params = [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value] as const);
  const isOurs = CHALLENGE.test(header) && params.every(([name]) => CHALLENGED.includes(name));
  return isOurs && new Set(params.map(([name]) => name)).size === params.length ? new Map(params) : undefined;
}

const STATUSES: Readonly<Record<string, number>> = {
  invalid_request: 400,
  invalid_token: 401, // malformed ones too
  insufficient_scope: 403,
  insufficient_user_authentication: 401,
};

/** Whether a token stands where this route takes one from. */
function isPresented({ draft, target, live }: Sent): boolean {
  const inHeader = draft.headers.some(([name]) => name.toLowerCase() === 'authorization');
  return live.kinds.has('access') && (inHeader || target.includes('/me/anywhere'));
}

/** @see RFC 6750 §3 */
export function judgeBearer(answer: Answer, sent: Sent): Verdict {
  const { status, get } = answer;
  if (status === 200) {
    const isIn = answer.text === '{"in":true}' || sent.isHead;
    return verdict('bearer 200', [...is(isIn, answer.text), ...is(isPresented(sent), 'somebody got in with nothing')]);
  }
  const challenge = challengeOf(answer);
  const [code, description] = [challenge?.get('error') ?? '', challenge?.get('error_description')];
  const expected = code === '' ? 401 : STATUSES[code];
  const body = parseJSON(answer);
  const bodyIsSo = (body?.['error'] ?? '') === code && body?.['error_description'] === description;
  return verdict(`bearer ${status} ${code}`, [
    ...is(challenge !== undefined, `the challenge is ${get('www-authenticate')}`),
    ...is(status === expected || (status === 413 && code === 'invalid_request'), `${status} for ${code}`),
    ...is(sent.isHead || bodyIsSo, `the body is ${answer.text}`),
    ...describedFaults(description),
    ...storeFaults(answer),
  ]);
}

/** Documents, which are the same for everybody. @see RFC 8414, RFC 9728, RFC 7517 */
export function judgeDocument(answer: Answer): Verdict {
  const { status, text } = answer;
  if (status === 405) return verdict('document 405', is(answer.get('allow') === 'GET, HEAD, OPTIONS', text));
  if (status === 204 || text === '') return verdict(`document ${status}`, is(status < 300, `${status}`));
  const { issuer, resource, keys } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const isKnown = issuer === ISSUER || resource === API || (Array.isArray(keys) && !text.includes('"d"'));
  return verdict(`document ${status}`, [...is(status === 200, `${status}`), ...is(isKnown, text)]);
}
