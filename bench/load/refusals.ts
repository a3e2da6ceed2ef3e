/** What must be refused: thieves, and clients that are late or broken. */
import { api, REDIRECT_URI, robot, webApp } from '../servers/clients.js';
import type { Answer, Connection } from '../workloads/connection.js';
import { queryOf } from '../workloads/dialog.js';
import { basic, exchangeCode, refresh } from '../workloads/requests.js';
import { readJSON, requireStatus, WrongAnswer } from '../workloads/verify.js';
import { GRACE, LIFETIMES } from './protocol.js';
import { askWith, codeFor, introspect, readIssued, tokensOf } from './steps.js';
import type { Step } from './visitor.js';

/** @throws WrongAnswer unless it is the RFC's error. @see RFC 6749 §5.2 */
function requireError(answer: Answer, status: number, error: string): void {
  if (readJSON(answer, status)['error'] !== error) throw new WrongAnswer(`Not ${error}`, answer);
}

/** A refresh whose spent token will come again after the grace window: that is the end of all that came of it. */
export const refreshToBeReplayed: Step = {
  kind: 'refresh',
  async run(visitor) {
    const spent = tokensOf(visitor).refreshToken;
    const successor = readIssued(await refresh(visitor.http, spent));
    visitor.tokens = successor;
    visitor.later(GRACE, {
      kind: 'refresh replay',
      async run({ http }) {
        requireError(await refresh(http, spent), 400, 'invalid_grant');
        const answer = await introspect(http, successor.accessToken);
        if (readJSON(answer)['active'] !== false) throw new WrongAnswer('Still active after a replay', answer);
      },
    });
  },
};

/** An access token that will come when it has ended. */
export const tokenToExpire: Step = {
  kind: 'bearer',
  async run(visitor) {
    const { accessToken } = tokensOf(visitor);
    requireStatus(await askWith(visitor.http, accessToken), 200);
    visitor.later(LIFETIMES.accessToken, {
      kind: 'expired access token',
      run: async ({ http }) => requireStatus(await askWith(http, accessToken), 401),
    });
  },
};

export const codeReplay: Step = {
  kind: 'code replay',
  async run(visitor) {
    const code = await codeFor(visitor);
    const { accessToken } = readIssued(await exchangeCode(visitor.http, code));
    requireError(await exchangeCode(visitor.http, code), 400, 'invalid_grant');
    requireStatus(await askWith(visitor.http, accessToken), 401);
  },
};

export const wrongVerifier: Step = {
  kind: 'wrong verifier',
  async run(visitor) {
    const { http } = visitor;
    const code = await codeFor(visitor);
    requireError(await exchangeCode(http, { ...code, verifier: 'x'.repeat(43) }), 400, 'invalid_grant');
    requireError(await exchangeCode(http, code), 400, 'invalid_grant'); // it is spent
  },
};

export const abandonedCode: Step = {
  kind: 'code that nobody fetches in time',
  async run(visitor) {
    const code = await codeFor(visitor);
    visitor.later(LIFETIMES.code, {
      kind: 'expired code',
      run: async ({ http }) => requireError(await exchangeCode(http, code), 400, 'invalid_grant'),
    });
  },
};

interface Malformed {
  readonly send: (http: Connection) => Promise<Answer>;
  readonly status: number;
  readonly error: string;
}

const posted = (form: string, status: number, error: string, client = robot): Malformed => ({
  send: (http) => http.post('/token', form, basic(client)),
  status,
  error,
});
const CREDENTIALS = 'grant_type=client_credentials';
const CODE = `grant_type=authorization_code&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`;

const MALFORMED: readonly Malformed[] = [
  posted(CREDENTIALS, 401, 'invalid_client', { ...robot, client_secret: 'wrong' }),
  posted(CREDENTIALS, 401, 'invalid_client', { ...robot, client_id: 'nobody' }),
  { send: (http) => http.post('/token', CREDENTIALS), status: 400, error: 'invalid_client' }, // RFC 6749 §5.2: 401 is for those who tried by a header
  { send: (http) => http.get('/token', basic(robot)), status: 405, error: 'invalid_request' },
  posted('', 400, 'invalid_request'),
  posted(`${CREDENTIALS}&${CREDENTIALS}`, 400, 'invalid_request'),
  posted(`${CREDENTIALS}&scope=read&scope=write`, 400, 'invalid_request'),
  posted(`${CREDENTIALS}&scope=everything`, 400, 'invalid_scope'),
  posted(`${CREDENTIALS}&scope=%22%00`, 400, 'invalid_scope'),
  posted(`${CREDENTIALS}&client_secret=twice`, 400, 'invalid_request'),
  posted('grant_type=magic', 400, 'unsupported_grant_type'),
  posted(CODE, 400, 'unauthorized_client'),
  posted(CODE, 400, 'invalid_request', webApp),
  posted(`${CODE}&code[$ne]=x`, 400, 'invalid_request', webApp),
  posted(`${CODE}&code=c.made-up.up&code_verifier=${'x'.repeat(43)}`, 400, 'invalid_grant', webApp),
  posted('grant_type=refresh_token&refresh_token=%F0%9F', 400, 'invalid_grant', webApp),
  posted(`filling=${'x'.repeat(64 * 1024)}`, 413, 'invalid_request'),
  { send: (http) => http.post('/introspect', '', basic(api)), status: 400, error: 'invalid_request' },
  { send: (http) => http.post('/revoke', 'token=a&token=b', basic(webApp)), status: 400, error: 'invalid_request' },
];

/** One of them after the other. */
export const malformed: Step = {
  kind: 'malformed',
  async run({ http, round }) {
    const one = MALFORMED[round % MALFORMED.length];
    if (one) requireError(await one.send(http), one.status, one.error);
  },
};

/** Sent nowhere, whatever is wrong with the rest of it. @see RFC 6749 §4.1.2.1 */
export const openRedirect: Step = {
  kind: 'unregistered redirect URI',
  async run(visitor) {
    const query = queryOf({ state: 's', codeChallenge: 'wrong', scope: 'read' }, 'https://thief.example/');
    const answer = await visitor.http.visit(`/authorize?${query}`);
    requireStatus(answer, 400);
    if (answer.headers.location !== undefined) throw new WrongAnswer('An open redirect', answer);
  },
};

export const unknownToken: Step = {
  kind: 'unknown access token',
  run: async ({ http }) => requireStatus(await askWith(http, 'x'.repeat(43)), 401),
};
