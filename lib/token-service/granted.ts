import type { AuthenticationEvent, Authorization, Confirmation } from '../types.js';
import type { Family } from './family.js';
import type { StoredRecord } from './store.js';

/** An authorization as the token service hands it back: which act it was, whose, and when. */
export interface Granted extends Authorization {
  readonly authorizationID: string;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** Epoch seconds. */
  readonly authorizedAt: number;
  /** The login that the authorization was made in; refreshed tokens tell of that one too. */
  readonly authentication?: AuthenticationEvent | undefined;
  /** A name of the user's, for introspection. */
  readonly username?: string | undefined;
  /** What its refresh tokens share. Absent until there is one, and in those that 0.1.0 made. */
  readonly family?: Family | undefined;
  /** How often it was refreshed, and since when this is counted. */
  readonly refreshes?: Refreshes | undefined;
}

/** Refreshes within the lifetime of an access token, more or less: by these the live access tokens of an authorization are bounded. */
export interface Refreshes {
  /** Epoch seconds. */
  readonly since: number;
  readonly count: number;
}

/** What is kept with a code or a refresh token. */
export interface GrantedData
  extends Pick<Granted, 'authorizedAt' | 'authentication' | 'username' | 'family' | 'refreshes'> {
  readonly authorization: Authorization;
}

/** @param confirmation the key that the refresh token is bound to, if it is */
export function toData(granted: Granted, confirmation?: Confirmation): GrantedData {
  const { clientID, redirectURI, scope, request, authorizedAt, authentication, username, family, refreshes } = granted;
  const authorization = { clientID, redirectURI, scope, request, confirmation };
  return { authorization, authorizedAt, authentication, username, family, refreshes };
}

function isAuthorization(value: Partial<Authorization> | undefined, clientID: string): value is Authorization {
  const { redirectURI, scope, request, confirmation = {} } = value ?? {};
  const isComplete = typeof redirectURI === 'string' && Array.isArray(scope) && typeof request?.clientID === 'string';
  return isComplete && typeof confirmation === 'object' && value?.clientID === clientID;
}

/** @throws Error when the record is not what was put there */
export function toGranted({ authorizationID, clientID, subject, data }: StoredRecord): Granted {
  const { authorization, authorizedAt, authentication, username, family, refreshes } = (data ??
    {}) as Partial<GrantedData>;
  if (!isAuthorization(authorization, clientID) || typeof authorizedAt !== 'number') {
    throw new Error(`The stored authorization ${authorizationID} cannot be read`);
  }
  const { redirectURI, scope, request, confirmation } = authorization;
  return {
    authorizationID,
    clientID,
    subject,
    redirectURI,
    scope,
    request,
    confirmation,
    authorizedAt,
    authentication,
    username,
    family,
    refreshes,
  };
}
