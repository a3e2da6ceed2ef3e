/** Who there is, the same for every server: four clients, a user, and how long things live. */
import { createHash } from 'node:crypto';

/** A registered client, in the words of RFC 7591. */
export interface App {
  readonly client_id: string;
  readonly client_secret: string;
  readonly grant_types: string[];
  readonly redirect_uris: string[];
  /** Space-separated. */
  readonly scope: string;
}

export interface User {
  readonly id: string;
}

/** Where codes are sent. */
export const REDIRECT_URI = 'https://client.example/callback';

/** Who the servers are, where they have to say it. */
export const ISSUER = 'https://as.example';

/** What is asked for. */
export const SCOPE = 'read';

/** Seconds. */
export const LIFETIMES = { code: 60, accessToken: 3600, refreshToken: 30 * 24 * 3600 } as const;

/** 43 characters of base64url, the same in each process. */
export const secretOf = (name: string): string => createHash('sha256').update(`secret of ${name}`).digest('base64url');

function app(client_id: string, grant_types: string[], redirect_uris: string[] = []): App {
  return { client_id, client_secret: secretOf(client_id), grant_types, redirect_uris, scope: SCOPE };
}

/** Gets tokens for itself. */
export const robot = app('robot', ['client_credentials']);
/** Gets tokens for itself, which are JWTs where the server makes some. */
export const jwtRobot = app('jwt-robot', ['client_credentials']);
/** Gets tokens for its users. */
export const webApp = app('app', ['authorization_code', 'refresh_token'], [REDIRECT_URI]);
/** Asks about tokens. */
export const api = app('api', []);

export const apps: ReadonlyMap<string, App> = new Map(
  [robot, jwtRobot, webApp, api].map((one) => [one.client_id, one]),
);

export const alice: User = { id: 'alice' };
