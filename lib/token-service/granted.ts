import type { AuthenticationEvent, Authorization, Confirmation } from '../types.js';
import type { Family } from './family.js';
import { complete, extended, keptIn, listed, without } from './kept.js';
import type { StoredRecord } from './store.js';

/** An authorization as the token service hands it back, whole: with which act it was, whose, and when. */
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

/** What the service itself says of an act of authorization. */
const BY_SERVICE: ReadonlySet<string> = new Set(['authorizationID', 'authorizedAt', 'username', 'family', 'refreshes']);

/** Members of an authorization that are kept beside it: `subject` is the record's. */
const BESIDE: ReadonlySet<string> = new Set([...BY_SERVICE, 'subject', 'authentication']);

/** Members of an authorization that 0.1.0 does not drop. */
const KNOWN_TO_0_1: ReadonlySet<string> = new Set(['clientID', 'redirectURI', 'scope', 'request', 'confirmation']);

/** Members of an authorization that no extension has added. */
const OURS: ReadonlySet<string> = new Set([...BESIDE, ...KNOWN_TO_0_1]);

/** @throws TypeError where an extension has added what the service says itself, or what no object can carry */
export function requireFree(authorization: object): void {
  for (const name in authorization)
    if (BY_SERVICE.has(name) || name === '__proto__')
      throw new TypeError(`An authorization has a member "${name}", which is the token service's own`);
}

/** What extensions have added to an authorization. */
export type Further = Partial<
  Omit<Authorization, 'clientID' | 'redirectURI' | 'scope' | 'request' | 'subject' | 'authentication' | 'confirmation'>
>;

/** The members of an authorization that extensions have added. */
export function furtherOf(granted: Granted): Further {
  return without(granted, OURS);
}

function hasFurther(granted: object): boolean {
  const all = granted as Readonly<Record<string, unknown>>;
  for (const name in all) if (!OURS.has(name) && all[name] !== undefined) return true;
  return false;
}

/**
 * What is stored with a code or a refresh token.
 *
 * @param confirmation the key that it is bound to, if it is
 * @param family what a refresh token shares with those before it
 * @param refreshes how often it was refreshed by now
 */
export function toGrantedRecord(
  granted: Granted,
  confirmation: Confirmation | undefined,
  family?: Family,
  refreshes = granted.refreshes,
): object {
  const { authorizedAt, authentication, username } = granted;
  const authorization = Object.assign(without(granted, BESIDE), { confirmation });
  const data = { authorization, authorizedAt, authentication, username, family, refreshes };
  return hasFurther(granted) ? extended(data) : listed(data);
}

/** When the authorization of a record is to end whatever its lifetime is, where it says. */
export function endsAtOf({ data }: StoredRecord): number | undefined {
  return (keptIn(data) as Partial<GrantedData> | undefined)?.authorization?.endsAt;
}

/** When the authorization of a record began, where it says. */
export function authorizedAtOf({ data }: StoredRecord): number | undefined {
  return (keptIn(data) as Partial<GrantedData> | undefined)?.authorizedAt;
}

function isAuthorization(value: Partial<Authorization> | undefined, clientID: string): value is Authorization {
  const { redirectURI, scope, request, confirmation = {} } = value ?? {};
  const isComplete = typeof redirectURI === 'string' && Array.isArray(scope) && typeof request?.clientID === 'string';
  return isComplete && typeof confirmation === 'object' && value?.clientID === clientID;
}

/** @throws Error when the record is not what was put there */
export function toGranted({ authorizationID, clientID, subject, data }: StoredRecord): Granted {
  const message = `The stored authorization ${authorizationID} cannot be read`;
  const kept: Partial<GrantedData> = complete(data, message);
  const { authorization, authorizedAt, authentication, username, family, refreshes } = kept;
  if (!isAuthorization(authorization, clientID) || typeof authorizedAt !== 'number') throw new Error(message);
  const act = { authorizationID, subject, authorizedAt, authentication, username, family, refreshes };
  return Object.assign({}, authorization, act);
}
