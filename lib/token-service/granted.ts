import type { AuthenticationEvent, Authorization, Confirmation } from '../types.js';
import type { Family } from './family.js';
import { complete, extended, keptIn, listed, without } from './kept.js';
import type { StoredRecord } from './store.js';

/** A stored authorization, as the token service gives it back: with its ID, its user, and its time. */
export interface Granted extends Authorization {
  readonly authorizationID: string;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** Epoch seconds. */
  readonly authorizedAt: number;
  /** The login in which the user gave the authorization; refreshed tokens have the same one. */
  readonly authentication?: AuthenticationEvent | undefined;
  /** The user's name, for introspection. */
  readonly username?: string | undefined;
  /** The family of its refresh tokens. Absent until there is a refresh token, and in those of version 0.1.0. */
  readonly family?: Family | undefined;
  /** How often it was refreshed, and since when that is counted. */
  readonly refreshes?: Refreshes | undefined;
}

/** The refreshes within about the lifetime of one access token. Limiting them limits the number of valid access tokens of an authorization. */
export interface Refreshes {
  /** Epoch seconds. */
  readonly since: number;
  readonly count: number;
}

/** The data that is stored with a code or a refresh token. */
export interface GrantedData
  extends Pick<Granted, 'authorizedAt' | 'authentication' | 'username' | 'family' | 'refreshes'> {
  readonly authorization: Authorization;
}

/** Members of an authorization that only the service sets. */
const BY_SERVICE: ReadonlySet<string> = new Set(['authorizationID', 'authorizedAt', 'username', 'family', 'refreshes']);

/** Members that are stored outside the authorization object: `subject`, for example, in the record itself. */
const BESIDE: ReadonlySet<string> = new Set([...BY_SERVICE, 'subject', 'authentication']);

/** Members of an authorization that version 0.1.0 knows, and does not drop. */
const KNOWN_TO_0_1: ReadonlySet<string> = new Set(['clientID', 'redirectURI', 'scope', 'request', 'confirmation']);

/** Members of an authorization that no extension has added. */
const OURS: ReadonlySet<string> = new Set([...BESIDE, ...KNOWN_TO_0_1]);

/** @throws TypeError if an extension has added a member that only the service sets, or `__proto__` */
export function requireFree(authorization: object): void {
  for (const name in authorization)
    if (BY_SERVICE.has(name) || name === '__proto__')
      throw new TypeError(`An authorization has a member "${name}", which is the token service's own`);
}

/** The members that extensions have added to an authorization. */
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

/** An authorization to which no extension has added a member. An object literal: `without` takes ten times the instructions. */
function knownPart({ clientID, redirectURI, scope, request }: Granted, confirmation: Confirmation | undefined): object {
  return { clientID, redirectURI, scope, request, confirmation };
}

/**
 * The data to store with a code or a refresh token.
 *
 * @param confirmation the key that it is bound to, if any
 * @param family the family of a refresh token
 * @param refreshes how often the authorization was refreshed so far
 */
export function toGrantedRecord(
  granted: Granted,
  confirmation: Confirmation | undefined,
  family?: Family,
  refreshes = granted.refreshes,
): object {
  const { authorizedAt, authentication, username } = granted;
  const isExtended = hasFurther(granted);
  const authorization = isExtended
    ? Object.assign(without(granted, BESIDE), { confirmation })
    : knownPart(granted, confirmation);
  const data = { authorization, authorizedAt, authentication, username, family, refreshes };
  return isExtended ? extended(data) : listed(data);
}

/** When the authorization of a record is to end whatever its lifetime is, where it says. */
export function endsAtOf({ data }: StoredRecord): number | undefined {
  return (keptIn(data) as Partial<GrantedData> | undefined)?.authorization?.endsAt;
}

/** When the authorization of a record began, in epoch seconds; undefined if the record does not have that time. */
export function authorizedAtOf({ data }: StoredRecord): number | undefined {
  return (keptIn(data) as Partial<GrantedData> | undefined)?.authorizedAt;
}

function isAuthorization(value: Partial<Authorization> | undefined, clientID: string): value is Authorization {
  const { redirectURI, scope, request, confirmation = {} } = value ?? {};
  const isComplete = typeof redirectURI === 'string' && Array.isArray(scope) && typeof request?.clientID === 'string';
  return isComplete && typeof confirmation === 'object' && value?.clientID === clientID;
}

/** The authorization of a record. @throws Error if the record does not have the shape that was stored */
export function toGranted({ authorizationID, clientID, subject, data }: StoredRecord): Granted {
  const message = `The stored authorization ${authorizationID} cannot be read`;
  const kept: Partial<GrantedData> = complete(data, message);
  const { authorization, authorizedAt, authentication, username, family, refreshes } = kept;
  if (!isAuthorization(authorization, clientID) || typeof authorizedAt !== 'number') throw new Error(message);
  const act = { authorizationID, subject, authorizedAt, authentication, username, family, refreshes };
  return Object.assign({}, authorization, act);
}
