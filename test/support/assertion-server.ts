/** An authorization server that accepts assertions of other issuers, and those issuers with their keys. */
import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { type JWTBearerOptions, jwtBearer } from 'koauthorize/jwt-bearer';
import type { TrustedIssuer } from '../../lib/assertion/trusted-issuer.js';
import { type Part, signed } from './assertions.js';
import { type App, CLIENT, ISSUER, OTHER, tokenRequest, type User } from './authorization-server.js';
import type { Pair } from './key-server.js';
import { keyPair } from './key-server.js';
import { type PluggedSetup, pluggedServer } from './plugged-server.js';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const IDP = 'https://idp.example';
export const SECOND_IDP = 'https://second-idp.example';

/** 2026-01-01, when the servers of the tests begin. */
const START = 1_767_225_600;

/** A client as it is registered. */
export interface Registered extends App {
  readonly scope?: string;
  readonly grant_types?: readonly string[];
}

export const AGENT: Registered = { ...CLIENT, client_id: 'agent', scope: 'read write delete' };

/** What an issuer says of alice, for this server. */
export function goodGrant(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { iss: IDP, sub: 'alice@idp', aud: ISSUER, exp: START + 60, iat: START, jti: randomUUID(), ...more };
}

export interface AssertionSetup extends Omit<PluggedSetup, 'plugs'> {
  readonly bearer?: Partial<JWTBearerOptions<App, User>>;
  /** Of the first issuer. */
  readonly trusted?: Partial<TrustedIssuer>;
  readonly plugs?: PluggedSetup['plugs'];
}

/** Issuers with keys: each of the two that are trusted has one, under the same `kid`. */
export async function issuers() {
  const [first, second, rsa] = [
    await keyPair('ES256', 'k1'),
    await keyPair('ES256', 'k1'),
    await keyPair('RS256', 'k2'),
  ];
  return { first, second, rsa };
}
export type Issuers = Awaited<ReturnType<typeof issuers>>;

export function sign(key: Pair | JWK, claims: Part, header: Readonly<Record<string, unknown>> = {}, alg = 'ES256') {
  const privateKey = 'privateKey' in key ? (key as Pair).privateKey : (key as JWK);
  return signed(privateKey, { alg, kid: 'k1', ...header }, claims, alg);
}

export function assertionServer(
  { first, second }: Issuers,
  { bearer, trusted, plugs = [], ...setup }: AssertionSetup = {},
) {
  /** What `authorize` was asked. */
  const asked: Parameters<JWTBearerOptions<App, User>['authorize']>[0][] = [];
  const options: JWTBearerOptions<App, User> = {
    issuers: {
      [IDP]: { ...(trusted?.jwksURI === undefined && { jwks: { keys: [first.publicKey] } }), ...trusted },
      [SECOND_IDP]: { jwks: { keys: [second.publicKey] } },
    },
    authorize(assertion) {
      asked.push(assertion);
      const known = assertion.subject === 'alice@idp' && assertion.issuer === IDP;
      return known && { user: { id: 'alice', name: 'Alice' }, scope: ['read', 'write', 'admin'] };
    },
    ...bearer,
  };
  const made = pluggedServer({
    clients: [AGENT, OTHER],
    ...setup,
    plugs: [...plugs, jwtBearer<App, User>(options)],
    options: { issuer: ISSUER, ...setup.options },
  });
  const present = (assertion: string, more: object = {}, client: App = AGENT) =>
    tokenRequest(made.app, { grant_type: JWT_BEARER, assertion, ...more }, client);
  return { ...made, asked, present };
}
export type AssertionServer = ReturnType<typeof assertionServer>;
