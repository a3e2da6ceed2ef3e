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

/** An access token that counts, for an API. */
export interface VerifiedToken extends AccessData {
  readonly clientID: string;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  readonly authorizationID: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** What introspection answers, verbatim. @see RFC 7662 §2.2 */
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

/** The live record of what may be an access token. */
function findAccessToken<C, U>({ settings }: Service<C, U>, token: string): Promise<StoredRecord | undefined> {
  return settings.formats.find(token, (id) => settings.store.get(id, settings.now()));
}

function isAccessToken(record: StoredRecord | undefined): record is StoredRecord {
  return record?.kind === 'access_token';
}

function foundAccessToken(record: StoredRecord | undefined): FoundRefreshToken {
  return { record: isAccessToken(record) ? withUser(record) : undefined, isForgotten: false };
}

/** The live record of an access or refresh token; a refresh token may be spent, and then its family's record may be all there is. */
function find<C, U>(service: Service<C, U>, token: string): Promise<FoundRefreshToken> {
  if (isOfKind('refresh_token', token)) return findRefreshToken(service, token);
  return findAccessToken(service, token).then(foundAccessToken);
}

function toVerified(record: StoredRecord): VerifiedToken {
  const { clientID, subject, authorizationID, expiresAt } = record;
  return Object.assign(accessDataOf(record), { clientID, subject, authorizationID, expiresAt });
}

/** Why nothing is found under a token. A store does not tell what has expired from what was never there. */
function whyUnknown(token: string, now: number): Reason {
  if (isOfKind('refresh_token', token)) return new Reason('it is a refresh token, and no access token');
  if (isOfKind('code', token)) return new Reason('it is an authorization code, and no access token');
  const why = 'it is not one that counts: expired, revoked, or never issued here';
  const said = saidBy(token);
  return said ? new Reason(`${why}. It claims`, { iss: said.iss, exp: said.exp, now }) : new Reason(why);
}

/** For an API in the same process: what an access token says, if it counts. */
export function verify<C, U>(service: Service<C, U>, token: string, ctx: unknown): Promise<VerifiedToken | undefined> {
  return findAccessToken(service, token).then((record) =>
    isAccessToken(record)
      ? toVerified(withUser(record))
      : tokenOrWhy<VerifiedToken>(whyUnknown(token, service.settings.now()), ctx),
  );
}

/** @param subject what whoever asks knows the user by */
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
 * What is told of a token. The client that it belongs to is told what it knows its users by. An API is told their subjects, by which it knows a user again,
 * whatever client they use.
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

/** Of a refresh token only its own client is told: an API that looked at `active` alone would take it for an access token. */
function isFor<C, U>({ settings }: Service<C, U>, { kind, clientID }: StoredRecord, client: C | undefined): boolean {
  return kind === 'access_token' || (client !== undefined && clientID === settings.clientID(client));
}

/** Draft OAuth Refresh Token Expiration §7: of a refresh token alone, what the token response said. */
function expirationIn<C, U>({ settings }: Service<C, U>, record: StoredRecord, client: C | undefined) {
  if (record.kind !== 'refresh_token') return undefined;
  const { expiresAt } = record;
  const lasts = (authorizedAtOf(record) ?? 0) + settings.longest(client).authorization; // which may be shorter by now
  const end = Math.min(lasts, endsAtOf(record) ?? lasts);
  return expirationOf({ expiresAt, end: Math.max(expiresAt, end) }, settings.now());
}

/** Who asks about a token, and what the answer is to tell. */
interface Inquiry<C> extends TokenInquiry {
  readonly client: C | undefined;
}

/**
 * Tells whether a token counts; the kind is told by the token itself, so a hint is not needed.
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
 * Revokes a token of this client. A refresh token ends with all that came from its authorization, even when it is spent: who logs
 * out in one tab means what another tab has just refreshed too. An access token ends alone; where it is all that its client has, with its
 * authorization: nothing would be left by which the user finds it, and ends what was exchanged for the token. Another client's is left alone,
 * and so is what is unknown.
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
