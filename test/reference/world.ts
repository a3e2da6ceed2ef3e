/** What the `@example` of doc comments take for granted: an application with its clients, users and pages, as a reader has one. Only compiled. */
import type { webcrypto } from 'node:crypto';
import type Router from '@koa/router';
import type { JWK } from 'jose';
import type Koa from 'koa';
import type { Middleware, ParameterizedContext } from 'koa';
import type {
  Authorization,
  AuthorizationDetail,
  BackchannelAuthenticationPlug,
  Client,
  Core,
  LogoutPlug,
  OAuth2State,
  Params,
  Scope,
  Server,
  SessionManagementPlug,
  Transaction,
  Validate,
} from 'koauthorize';
import type { ExaminedSession } from 'koauthorize/doctor';
import type { BearerState, Verify } from 'koauthorize/resource-server';
import type { AttackClient, AttackTarget, MCPReport, MCPTarget } from 'koauthorize/testing';
import type { RotatingKeys, TokenService, TokenStore } from 'koauthorize/tokens';
import type { Pool } from 'pg';

export { strict as assert } from 'node:assert';
export { writeFileSync } from 'node:fs';
export { readFile } from 'node:fs/promises';
export * as https from 'node:https';
export { default as Router } from '@koa/router';
export * as argon2 from '@node-rs/argon2';
export { jwtVerify } from 'jose';
export { type Context, default as Koa, type Middleware, type Next } from 'koa';
export { default as passport } from 'koa-passport';
export { default as session } from 'koa-session';
export { PrivateKeyJwt } from 'oauth4webapi';
export { Pool } from 'pg';
export { createClient } from 'redis';
export { remoteKeys } from '../../lib/keys/remote-keys.js';
export { type OptionNames, requireKnown } from '../../lib/options.js';

export interface App extends Client {
  readonly client_id: string;
  readonly name: string;
  readonly redirect_uris: readonly string[];
  readonly isOld: boolean;
  readonly idAtChat: string;
  secret_hash: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly session: { readonly acr: string; readonly loggedInAt: number };
}

export interface Payment extends AuthorizationDetail {
  readonly type: string;
  readonly creditorAccount: string;
}

/** As the tables of another library may keep it. */
interface Old {
  readonly client: string;
  readonly user: string;
  readonly scope: string;
  readonly expires: Date;
}

// The server and what stands around it.
export declare const app: Koa;
export declare const router: Router<OAuth2State<App, User> & BearerState>;
export declare const server: Server<App, User>;
export declare const core: Core<App, User>;
export declare const tokens: TokenService<App, User>;
export declare const store: TokenStore;
export declare const myStore: () => TokenStore;
export declare const keys: RotatingKeys;
export declare const ctx: ParameterizedContext<OAuth2State<App, User> & BearerState & { user: User }>;
export declare const login: Middleware;
export declare const dialog: Middleware;
export declare const page: Middleware;
export declare const authenticateClient: Middleware;
export declare const verify: Verify;
export declare const views: Readonly<
  Record<'allowed' | 'denied' | 'dialog' | 'error' | 'consent', (data: unknown) => string>
>;
export declare const log: Readonly<Record<'info' | 'warn', (...what: readonly unknown[]) => void>>;

// What it keeps.
export declare const apps: ReadonlyMap<string, App>;
export declare const clients: {
  find(id: string): Promise<App | undefined>;
  findByAddress(ip: string): Promise<App | undefined>;
};
export declare const users: {
  find(id: string): Promise<User | undefined>;
  byEmail(email: string | undefined): Promise<User | undefined>;
  findByLogin(issuer: string, subject: string): Promise<User | undefined>;
};
export declare const consents: {
  find(client: App, user: User): Promise<Scope>;
  has(txn: Transaction<App, User>): Promise<boolean>;
};
export declare const codes: {
  put(authorization: Authorization): Promise<string>;
  take(code: string): Promise<Authorization | undefined>;
};
export declare const db: {
  makeTokens(authorization: Authorization): Promise<{ access_token: string; refresh_token: string }>;
  makeClientToken(clientID: string, scope: Scope | undefined): Promise<string>;
  tokensOfUser(client: App, username: string, password: string): Promise<string | false>;
  newToken(client: App, user: User): Promise<string>;
  takeRefreshToken(token: string): Promise<Authorization | undefined>;
  readonly oldTokens: { findOne(where: object): Promise<Old | undefined> };
  readonly oldCodes: { findOne(where: object): Promise<(Old & { readonly redirect_uri: string }) | undefined> };
};

export declare const blocked: ReadonlySet<string>;
export declare const invitations: ReadonlySet<string>;
export declare const redeemTicket: (ticket: string | undefined, client: App) => Promise<User | undefined>;
export declare const push: (phone: string, id: string) => Promise<void>;

// One of each.
export declare const client: App;
export declare const user: User;
export declare const secret: string;
export declare const url: string;
export declare const pool: Pool;
export declare const params: Params;
export declare const error: unknown;
export declare const txn: Transaction<App, User>;
export declare const till: AttackClient;
export declare const target: AttackTarget & MCPTarget;
export declare const reports: readonly MCPReport[];
export declare const ciba: BackchannelAuthenticationPlug<App, User>;
export declare const logouts: LogoutPlug<App, User>;
export declare const sessions: SessionManagementPlug<App, User>;
export declare const kms: {
  sign(data: Uint8Array, options?: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer>>;
};
export declare const validate: Validate<App>;
export declare const id: string;
export declare const sessionID: string;
export declare const transactionID: string;
export declare const path: string;
export declare const token: string;
export declare const key: string;
export declare const cert: string;
export declare const clientCA: string;
export declare const clientSecret: string;
export declare const publicKey: JWK;
export declare const sessionOptions: ExaminedSession;
export declare const privateKey: webcrypto.CryptoKey;
