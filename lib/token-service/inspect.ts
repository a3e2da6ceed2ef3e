import { Reason } from '../errors/reason.js';
import { tokenOrWhy } from '../http/why-invalid.js';
import { isPromise } from '../promise.js';
import { addTo } from '../registry/add.js';
import type { TokenInquiry } from '../steps.js';
import { BEARER } from '../syntax/token-type.js';
import type { Awaitable } from '../types.js';
import { type AccessData, accessDataOf, isAll } from './access-token.js';
import { findAdopted } from './adopt.js';
import { report, revokeFamily, type Service } from './audit.js';
import { toWire } from './claims.js';
import { expirationOf } from './expiration.js';
import { type FoundRefreshToken, findRefreshToken } from './find.js';
import { saidBy } from './formats.js';
import { authorizedAtOf, endsAtOf } from './granted.js';
import { outwardClaims } from './outward.js';
import { isOfKind } from './secret.js';
import type { StoredRecord } from './store.js';
import { withUser } from './user-within.js';

/** A valid access token, for an API. */
export interface VerifiedToken extends AccessData {
  readonly clientID: string;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  readonly authorizationID: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** An introspection response, verbatim. @see RFC 7662 §2.2 */
export type Introspection = { readonly active: false } | Active;

interface Active {
  readonly active: true;
  readonly client_id: string;
  readonly sub?: string;
  readonly username?: string;
  readonly scope?: string;
  readonly token_type?: string;
  readonly exp: number;
  readonly iat?: number;
  readonly [member: string]: unknown;
}

/** The live record of a text that may be an access token. */
function findAccessToken<C, U>({ settings }: Service<C, U>, token: string): Promise<StoredRecord | undefined> {
  return settings.formats.find(token, (id) => settings.store.get(id, settings.now()));
}

function isAccessToken(record: StoredRecord | undefined): record is StoredRecord {
  return record?.kind === 'access_token';
}

function foundAccessToken(record: StoredRecord | undefined): FoundRefreshToken {
  return { record: isAccessToken(record) ? withUser(record) : undefined, isForgotten: false };
}

/** The live record of an access or refresh token. For a spent refresh token it may be the record of its family. */
function find<C, U>(service: Service<C, U>, token: string): Promise<FoundRefreshToken> {
  if (isOfKind('refresh_token', token)) return findRefreshToken(service, token);
  return findAccessToken(service, token).then(foundAccessToken);
}

function toVerified(record: StoredRecord): VerifiedToken {
  const { clientID, subject, authorizationID, expiresAt } = record;
  return Object.assign(accessDataOf(record), { clientID, subject, authorizationID, expiresAt });
}

/** Why a token has no record. A store does not distinguish an expired token from an unknown one. */
function whyUnknown(token: string, now: number): Reason {
  if (isOfKind('refresh_token', token)) return new Reason('it is a refresh token, and no access token');
  if (isOfKind('code', token)) return new Reason('it is an authorization code, and no access token');
  const why = 'it is not one that counts: expired, revoked, or never issued here';
  const said = saidBy(token);
  return said ? new Reason(`${why}. It claims`, { iss: said.iss, exp: said.exp, now }) : new Reason(why);
}

/** For an API in the same process: the content of an access token, if it is valid. */
export function verify<C, U>(service: Service<C, U>, token: string, ctx: unknown): Promise<VerifiedToken | undefined> {
  return findAccessToken(service, token).then((record) =>
    isAccessToken(record)
      ? toVerified(withUser(record))
      : tokenOrWhy<VerifiedToken>(whyUnknown(token, service.settings.now()), ctx),
  );
}

/** @param subject the subject identifier that the requesting client or API knows */
function describe(record: StoredRecord, subject: string | undefined): Active {
  const { clientID, expiresAt: exp, kind } = record;
  if (kind !== 'access_token')
    return addTo<Active>({ active: true, client_id: clientID, exp }, { sub: subject }, 'The token');
  const data = accessDataOf(record);
  const answer: Active = {
    active: true,
    client_id: clientID,
    exp,
    sub: subject ?? clientID, // as in a JWT, RFC 9068 §2.2: without a user, the client is the subject of its token
    token_type: data.tokenType ?? BEARER,
  };
  return addTo(addTo(answer, { username: data.username }, 'The token'), toWire(data), 'The token');
}

/**
 * The introspection response about a token. For the client that the token belongs to, `sub` is the identifier that this client knows. For an API, `sub` is
 * the subject, so that the API recognizes a user whatever client the user uses.
 */
function describeFor<C, U>(
  { settings }: Service<C, U>,
  record: StoredRecord,
  client: C | undefined,
): Awaitable<Active> {
  const { clientID, subject } = record;
  if (subject === undefined || client === undefined || clientID !== settings.clientID(client))
    return describe(record, subject);
  return settings.outwardSubject(subject, client).then((sub) => outwardClaims(settings, describe(record, sub), client));
}

/**
 * Whether a client may introspect a token. A refresh token is active only for its own client: an API that reads only `active` would take it for an access
 * token.
 */
function isFor<C, U>({ settings }: Service<C, U>, { kind, clientID }: StoredRecord, client: C | undefined): boolean {
  return kind === 'access_token' || (client !== undefined && clientID === settings.clientID(client));
}

/** Draft OAuth Refresh Token Expiration §7: for a refresh token, the same members as in the token response. */
function expirationIn<C, U>({ settings }: Service<C, U>, record: StoredRecord, client: C | undefined) {
  if (record.kind !== 'refresh_token') return undefined;
  const { expiresAt } = record;
  const lasts = (authorizedAtOf(record) ?? 0) + settings.longest(client).authorization; // which may be shorter by now
  const end = Math.min(lasts, endsAtOf(record) ?? lasts);
  return expirationOf({ expiresAt, end: Math.max(expiresAt, end) }, settings.now());
}

/** The client that sends an introspection request, and what the response must have. */
interface Inquiry<C> extends TokenInquiry {
  readonly client: C | undefined;
}

/**
 * Answers an introspection request. The token itself shows its kind, so a hint is not needed.
 *
 * @see RFC 7662 §2.1
 */
export async function introspect<C, U>(
  service: Service<C, U>,
  token: string,
  { client, tellsExpiration }: Inquiry<C>,
): Promise<Introspection> {
  const { record, isForgotten } = await find(service, token);
  const isLive = record !== undefined && record.consumedAt === undefined && !isForgotten;
  const counts = isLive && isFor(service, record, client);
  report(service, 'introspected', record ?? { clientID: '' }, { active: counts });
  if (!counts) return { active: false };
  const more = tellsExpiration === true ? expirationIn(service, record, client) : undefined;
  const told = describeFor(service, record, client);
  return addTo(isPromise(told) ? await told : told, more, 'The token');
}

/**
 * Revokes a token of this client. With a refresh token, even a spent one, the whole authorization is revoked: a user who logs out in one tab also means the
 * token that another tab has just refreshed. With an access token, only that token is revoked. If it is the only token of its authorization, the
 * authorization is revoked, too: otherwise the user could not find it any more, and could not end tokens that were exchanged for this one. Tokens of
 * other clients, and unknown ones, are ignored.
 *
 * @see RFC 7009 §2.1
 */
export async function revoke<C, U>(service: Service<C, U>, token: string, client: C): Promise<void> {
  const { settings } = service;
  const { record = await findAdopted(service, token, client) } = await find(service, token);
  if (record?.clientID !== settings.clientID(client)) return;
  const kind = record.kind === 'access_token' ? 'access_token' : 'refresh_token';
  if (kind === 'refresh_token' || isAll(record)) await revokeFamily(service, client, record);
  else await settings.store.remove(record.id);
  report(service, 'revoked', record, { kind });
}
