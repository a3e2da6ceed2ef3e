/** A client of examples/fapi that can do everything wrong: each part of a request can be replaced. */
import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { ASSERTION_TYPE } from './assertions.js';
import { CHALLENGE, VERIFIER } from './authorization-server.js';
import { type ClientKey, clientKey, type ProofParts, proofFor } from './dpop.js';
import { person } from './fapi-person.js';
import {
  type Authentication,
  type Binding,
  CALLBACK,
  type FAPIClient,
  type FAPIServer,
  fetchOver,
} from './fapi-server.js';
import { encode } from './form.js';
import type { Signer } from './request-object.js';

type Form = Readonly<Record<string, string | undefined>>;

/** What a client does otherwise than it should. */
export interface Departure {
  /** Claims of the assertion; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** What signs the assertion, and which algorithm its header says. */
  readonly signer?: Signer;
  /** `false` sends none. */
  readonly authenticates?: boolean;
  /** `false` sends no DPoP proof. */
  readonly proves?: boolean;
  readonly proof?: ProofParts;
  /** Another DPoP key. */
  readonly key?: ClientKey;
  /** `false` presents no certificate, and a client presents that of another one. */
  readonly certificate?: boolean | FAPIClient;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJSON = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJSON ? JSON.parse(text) : { text } };
}

/** @param registered default: the client of that kind */
export async function fapiClient(
  server: FAPIServer,
  kind: { readonly authentication: Authentication; readonly binding: Binding },
  registered: FAPIClient = server.client(kind.authentication, kind.binding),
) {
  const key = await clientKey();
  const usesCertificate = kind.authentication === 'tls_client_auth' || kind.binding === 'mtls';
  const base = usesCertificate ? server.withCertificates : server.issuer;
  const now = () => Math.floor(Date.now() / 1000) + server.clock.ahead;

  function over({ certificate = usesCertificate }: Departure): typeof fetch {
    if (typeof certificate === 'object') return fetchOver(server.ca, certificate.certificate);
    return fetchOver(server.ca, certificate ? registered.certificate : undefined);
  }
  async function credentials({ claims, header, signer = registered.key, authenticates }: Departure): Promise<Form> {
    if (authenticates === false) return { client_id: registered.id };
    if (kind.authentication === 'tls_client_auth') return { client_id: registered.id };
    const about = { iss: registered.id, sub: registered.id, aud: server.issuer, iat: now(), exp: now() + 60 };
    const all = { ...about, jti: randomUUID(), ...claims } as object;
    const client_assertion = await new SignJWT(JSON.parse(JSON.stringify(all)))
      .setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header })
      .sign(signer.privateKey);
    return { client_assertion_type: ASSERTION_TYPE, client_assertion };
  }
  async function proving(url: string, method: string, departure: Departure, token?: string) {
    if (kind.binding !== 'dpop' || departure.proves === false) return {};
    const target = { method, url, token, at: now() };
    return { DPoP: await proofFor(departure.key ?? key, target, departure.proof) };
  }
  async function post(path: string, form: Form, departure: Departure = {}, proves = true): Promise<Answer> {
    const url = `${base}${path}`;
    const { method = 'POST' } = departure;
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...(proves ? await proving(url, method, departure) : {}),
      ...departure.headers,
    };
    const body = encode({ ...(await credentials(departure)), ...form });
    return answerOf(await over(departure)(url, { method, headers, ...(method !== 'GET' && { body }) }));
  }

  const request = (more: Form = {}): Form => ({
    ...{ client_id: registered.id, response_type: 'code', redirect_uri: CALLBACK, scope: 'accounts', state: 'a state' },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more },
  });
  const par = (more: Form = {}, departure: Departure = {}): Promise<Answer> =>
    post('/par', request(more), departure, departure.proves === true);
  const authorizeURL = (uri: unknown, more: Form = {}): URL =>
    new URL(`${server.issuer}/authorize?${encode({ client_id: registered.id, request_uri: String(uri), ...more })}`);
  const alice = () => person(server.issuer, fetchOver(server.ca));
  const token = (form: Form, departure: Departure = {}): Promise<Answer> => post('/token', form, departure);
  /** From the push to the code. */
  async function code(more: Form = {}, departure: Departure = {}): Promise<string> {
    const { body } = await par(more, departure);
    const answer = await alice().answer(authorizeURL(body['request_uri']));
    return answer.searchParams.get('code') ?? String(answer);
  }
  const redeem = (value: string, departure: Departure = {}, more: Form = {}): Promise<Answer> => {
    const form = { grant_type: 'authorization_code', code: value, redirect_uri: CALLBACK, code_verifier: VERIFIER };
    return token({ ...form, ...more }, departure);
  };
  async function call(accessToken: string, departure: Departure = {}, scheme?: string, path = '/accounts') {
    const url = `${base}${path}`;
    const { method = 'GET' } = departure;
    const Authorization = `${scheme ?? (kind.binding === 'dpop' ? 'DPoP' : 'Bearer')} ${accessToken}`;
    const headers = { Authorization, ...(await proving(url, method, departure, accessToken)), ...departure.headers };
    return answerOf(await over(departure)(url, { method, headers }));
  }
  const tokens = async (more: Form = {}): Promise<Record<string, unknown>> => (await redeem(await code(more))).body;
  const metadata = async () =>
    (await answerOf(await fetchOver(server.ca)(`${server.issuer}/.well-known/oauth-authorization-server`))).body;
  return {
    ...{ registered, key, base, now, request, par, post, authorizeURL, alice },
    token,
    code,
    redeem,
    call,
    tokens,
    metadata,
  };
}

export const unguessable = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);
