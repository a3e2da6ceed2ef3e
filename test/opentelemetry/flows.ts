/** Whole flows of clients, good and bad: each says the statuses that it saw, so that one which never began is seen. */
import { exportJWK } from 'jose';
import request from 'supertest';
import { ASSERTION_TYPE, signed } from '../support/assertions.js';
import { CALLBACK, CHALLENGE, ISSUER, VERIFIER } from '../support/authorization-server.js';
import { type ClientKey, proofFor } from '../support/dpop.js';
import { claimsOf, type Signer, sign } from '../support/request-object.js';
import { IDP, PASSWORD, SECRET, type Traced } from '../support/traced-server.js';

type Fields = Readonly<Record<string, string | undefined>>;

export interface Flow {
  readonly title: string;
  /** The statuses of its answers. */
  readonly statuses: readonly number[];
  run(client: FlowClient): Promise<void>;
}

const AUTHORIZE = {
  response_type: 'code',
  client_id: 'web',
  redirect_uri: CALLBACK,
  scope: 'openid read',
  state: 'the-state',
  nonce: 'n',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

/** A client, and the browser of its user. */
export class FlowClient {
  readonly statuses: number[] = [];
  readonly #agent;
  readonly traced: Traced;
  readonly signer: Signer;
  readonly key: ClientKey;

  constructor(traced: Traced, signer: Signer, key: ClientKey) {
    this.traced = traced;
    this.signer = signer;
    this.key = key;
    this.#agent = request.agent(traced.app.callback());
  }

  async post(path: string, form: Fields, headers: Fields = {}): Promise<Record<string, string>> {
    const basic = `Basic ${Buffer.from(`web:${SECRET}`).toString('base64')}`;
    const all = Object.fromEntries(Object.entries({ Authorization: basic, ...headers }).filter(([, value]) => value));
    const { status, body } = await this.#agent.post(path).set(all).type('form').send(form);
    this.statuses.push(status);
    return body;
  }

  async get(path: string, headers: Fields = {}): Promise<Record<string, string>> {
    const { status, body } = await this.#agent.get(path).set(headers as Record<string, string>);
    this.statuses.push(status);
    return body;
  }

  async json(path: string, body: object): Promise<Record<string, string>> {
    const answer = await this.#agent.post(path).send(body);
    this.statuses.push(answer.status);
    return answer.body;
  }

  /** From the request to what the client is sent. */
  async authorize(more: Fields = {}, answer: Fields = {}): Promise<Record<string, string>> {
    const query = { ...AUTHORIZE, ...more };
    const shown = await this.#agent.get('/authorize').set('X-User', 'alice').query(query);
    this.statuses.push(shown.status);
    const { transaction_id } = shown.body;
    if (!transaction_id) return {};
    const decided = await this.#agent
      .post('/decision')
      .set('X-User', 'alice')
      .type('form')
      .send({ transaction_id, ...answer });
    this.statuses.push(decided.status);
    const { searchParams, hash } = new URL(decided.headers['location'] ?? 'about:blank');
    return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
  }

  redeem(code: string | undefined, more: Fields = {}, headers: Fields = {}) {
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER, ...more };
    return this.post('/token', form, headers);
  }

  async connect(more: Fields = {}): Promise<Record<string, string>> {
    const { code } = await this.authorize(more);
    return this.redeem(code);
  }

  proof(url: string, method = 'POST', token?: string): Promise<string> {
    return proofFor(this.key, { method, url: `${ISSUER}${url}`, token });
  }

  async assertion(aud: string, more: object = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'signing', sub: 'signing', aud, iat: now, exp: now + 60, jti: `${Math.random()}`, ...more };
    return signed(await exportJWK(this.signer.privateKey), { alg: 'ES256', kid: this.signer.kid }, claims);
  }
}

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const CIBA = 'urn:openid:params:grant-type:ciba';
const ACCESS = 'urn:ietf:params:oauth:token-type:access_token';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const FLOWS: readonly Flow[] = [
  {
    title: 'a code, its tokens, their refresh and their use',
    statuses: [200, 303, 200, 200, 200, 200, 200],
    async run(client) {
      const { access_token, refresh_token } = await client.connect();
      await client.post('/token', { grant_type: 'refresh_token', refresh_token });
      await client.get('/api', { Authorization: `Bearer ${access_token}` });
      await client.get('/userinfo', { Authorization: `Bearer ${access_token}` });
      await client.post('/introspect', { token: access_token });
    },
  },
  {
    title: 'codes that are wrong: a verifier, a guess, a second time, another client',
    statuses: [200, 303, 400, 400, 200, 303, 200, 400, 200, 303, 400],
    async run(client) {
      const first = await client.authorize();
      await client.redeem(first['code'], { code_verifier: 'verifier-that-is-wrong-but-long-enough-as-it-has-to-be' });
      await client.redeem('code-that-somebody-has-guessed');
      const second = await client.authorize();
      await client.redeem(second['code']);
      await client.redeem(second['code']);
      const third = await client.authorize();
      await client.redeem(
        third['code'],
        {},
        { Authorization: `Basic ${Buffer.from(`other:${SECRET}`).toString('base64')}` },
      );
    },
  },
  {
    title: 'refresh tokens that are wrong: a guess, one that was spent long ago, a wider scope, a revoked one',
    statuses: [200, 303, 200, 400, 400, 200, 400],
    async run(client) {
      const { refresh_token } = await client.connect();
      await client.post('/token', { grant_type: 'refresh_token', refresh_token: 'refresh-token-that-is-a-guess' });
      await client.post('/token', { grant_type: 'refresh_token', refresh_token, scope: 'read write' });
      await client.post('/revoke', { token: refresh_token });
      await client.post('/token', { grant_type: 'refresh_token', refresh_token });
    },
  },
  {
    title: 'authorization requests that are refused, here and by redirect, and a denial',
    statuses: [400, 302, 302, 302, 403, 200, 303, 403],
    async run(client) {
      await client.authorize({ redirect_uri: 'https://evil.example/' });
      await client.authorize({ code_challenge: undefined });
      await client.authorize({ scope: 'everything' });
      await client.authorize({ response_type: 'magic' });
      await client.authorize({ client_id: 'nobody' });
      await client.authorize({}, { cancel: 'x' });
      await client.post('/decision', { transaction_id: 'dialog-that-is-not-there-at-all' }, { 'X-User': 'alice' });
    },
  },
  {
    title: 'client authentication that fails, by each method',
    statuses: [401, 400, 400, 400, 400],
    async run(client) {
      const grant_type = 'client_credentials';
      const wrong = Buffer.from('web:a-secret-that-is-wrong').toString('base64');
      await client.post('/token', { grant_type }, { Authorization: `Basic ${wrong}` });
      await client.post(
        '/token',
        { grant_type, client_id: 'web', client_secret: 'another-wrong-secret' },
        { Authorization: undefined },
      );
      await client.post(
        '/token',
        {
          grant_type,
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: await client.assertion('https://elsewhere.example'),
        },
        { Authorization: undefined },
      );
      await client.post('/token', { grant_type, client_id: 'public' }, { Authorization: undefined });
      await client.post('/token', { grant_type, client_secret: SECRET });
    },
  },
  {
    title: 'client credentials, by a secret and by an assertion; an unknown grant type',
    statuses: [200, 200, 400],
    async run(client) {
      await client.post('/token', { grant_type: 'client_credentials' });
      const form = { client_assertion_type: ASSERTION_TYPE, client_assertion: await client.assertion(ISSUER) };
      await client.post('/token', { grant_type: 'client_credentials', ...form }, { Authorization: undefined });
      await client.post('/token', { grant_type: 'magic' });
    },
  },
  {
    title: 'the password grant, with a right and a wrong password; the implicit grant',
    statuses: [200, 400, 200, 303],
    async run(client) {
      await client.post('/token', { grant_type: 'password', username: 'alice', password: PASSWORD });
      await client.post('/token', { grant_type: 'password', username: 'alice', password: 'password-that-is-wrong' });
      await client.authorize({ response_type: 'token', scope: 'read' });
    },
  },
  {
    title: 'pushed requests and request objects, good and bad',
    statuses: [201, 200, 303, 200, 400, 302, 400, 200, 303, 400],
    async run(client) {
      const { request_uri } = await client.post('/par', AUTHORIZE);
      const only = Object.fromEntries(Object.keys(AUTHORIZE).map((name) => [name, undefined]));
      const { code } = await client.authorize({ ...only, client_id: 'web', request_uri });
      await client.redeem(code);
      await client.authorize({ ...only, client_id: 'web', request_uri });
      await client.authorize({ scope: 'everything' });
      await client.post('/par', { ...AUTHORIZE, redirect_uri: 'https://evil.example/' });
      const now = Math.floor(Date.now() / 1000);
      const object = await sign(claimsOf('signing', now), client.signer);
      await client.authorize({ ...only, client_id: 'signing', request: object });
      await client.authorize({ ...only, client_id: 'signing', request: `${object}tampered` });
    },
  },
  {
    title: 'DPoP: a bound token, a proof that comes again, a proof that is missing',
    statuses: [200, 303, 200, 200, 401, 401, 400],
    async run(client) {
      const { code } = await client.authorize();
      const first = await client.proof('/token');
      const { access_token = '' } = await client.redeem(code, {}, { DPoP: first });
      const used = await client.proof('/api', 'GET', access_token);
      await client.get('/api', { Authorization: `DPoP ${access_token}`, DPoP: used });
      await client.get('/api', { Authorization: `DPoP ${access_token}`, DPoP: used });
      await client.get('/api', { Authorization: `Bearer ${access_token}` });
      await client.post('/token', { grant_type: 'client_credentials' }, { DPoP: first });
    },
  },
  {
    title: 'a device: polls that come too early, and the tokens; a guess',
    statuses: [200, 200, 200, 200, 400, 200, 400, 400],
    async run(client) {
      const { device_code, user_code } = await client.post('/device_authorization', { scope: 'read' });
      const { device_id } = await client.post(
        '/device',
        { user_code },
        { 'X-User': 'alice', Authorization: undefined },
      );
      await client.post('/device/decision', { device_id }, { 'X-User': 'alice', Authorization: undefined });
      await client.post('/token', { grant_type: DEVICE, device_code });
      await client.post('/token', { grant_type: DEVICE, device_code: 'device-code-that-is-a-guess' });
      const { device_code: other } = await client.post('/device_authorization', { scope: 'read' });
      await client.post('/token', { grant_type: DEVICE, device_code: other });
      await client.post('/token', { grant_type: DEVICE, device_code: other });
    },
  },
  {
    title: 'CIBA: an unknown user, a poll, a denial, a guess',
    statuses: [400, 200, 400, 200, 400, 400],
    async run(client) {
      await client.post('/backchannel_authentication', { scope: 'openid', login_hint: 'nobody' });
      const { auth_req_id } = await client.post('/backchannel_authentication', {
        scope: 'openid',
        login_hint: 'alice',
      });
      await client.post('/token', { grant_type: CIBA, auth_req_id });
      await client.post(`/ciba/${client.traced.asked.at(-1)}/deny`, {}, { Authorization: undefined });
      await client.post('/token', { grant_type: CIBA, auth_req_id });
      await client.post('/token', { grant_type: CIBA, auth_req_id: 'auth-req-id-that-is-a-guess' });
    },
  },
  {
    title: 'token exchange and assertions, good and bad',
    statuses: [200, 303, 200, 200, 400, 200, 400],
    async run(client) {
      const { access_token } = await client.connect();
      const exchange = { grant_type: EXCHANGE, subject_token_type: ACCESS };
      await client.post('/token', { ...exchange, subject_token: access_token });
      await client.post('/token', { ...exchange, subject_token: 'subject-token-that-is-a-guess' });
      const jwt = (more: object) => client.assertion(ISSUER, { iss: IDP, sub: 'alice', ...more });
      await client.post('/token', { grant_type: JWT_BEARER, assertion: await jwt({}) });
      await client.post('/token', {
        grant_type: JWT_BEARER,
        assertion: await jwt({ iss: 'https://elsewhere.example' }),
      });
    },
  },
  {
    title: 'registration: a client, what it reads of itself, a redirect URI that cannot be, a wrong access token',
    statuses: [201, 200, 400, 401],
    async run(client) {
      const made = await client.json('/register', { redirect_uris: [CALLBACK], client_name: 'Registered' });
      const { registration_client_uri = '', registration_access_token } = made;
      const { pathname, search } = new URL(registration_client_uri);
      await client.get(`${pathname}${search}`, { Authorization: `Bearer ${registration_access_token}` });
      await client.json('/register', { redirect_uris: ['javascript:alert(1)'] });
      await client.get(`${pathname}${search}`, { Authorization: 'Bearer registration-token-that-is-wrong' });
    },
  },
  {
    title: 'an API: no token, a wrong one, one with too little; a failure of the server',
    statuses: [401, 401, 200, 303, 200, 403, 500],
    async run(client) {
      await client.get('/api');
      await client.get('/api', { Authorization: 'Bearer access-token-that-is-a-guess' });
      const { access_token } = await client.connect({ scope: 'openid write' });
      await client.get('/api', { Authorization: `Bearer ${access_token}` });
      await client.get('/fails', { Authorization: `Bearer ${access_token}` });
    },
  },
  {
    title: 'hints that are no ID tokens, and claims that cannot be read',
    statuses: [302, 302],
    async run(client) {
      await client.authorize({ id_token_hint: 'id-token-hint.that-is.no-token' });
      await client.authorize({ claims: '{' });
    },
  },
];
