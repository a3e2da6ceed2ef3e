/**
 * Codes and refresh tokens that another library issued (foreign credentials). The authorization that the application gives for one is stored like that of a
 * credential of this service, under an ID derived from its hash: concurrent requests with it, in all processes, find one record and one authorization.
 */
import { hash } from 'node:crypto';
import { isEpochSeconds } from '../clock.js';
import type { Authorization, Scope } from '../types.js';
import { newGranted } from './allowed.js';
import { answerReplay, type Service } from './audit.js';
import { ephemeralStore } from './ephemeral.js';
import { type Granted, toGrantedRecord } from './granted.js';
import { idOf, newSecretOf } from './secret.js';
import { tagOf } from './store/id.js';
import type { StoredRecord } from './store.js';

/** The authorization of a code or refresh token of another library, as the application gives it. */
export interface Adopted<U>
  extends Partial<Omit<Authorization, 'clientID' | 'scope' | 'subject' | 'redirectURI' | 'request'>> {
  /** The client that it was issued to. If another client presents it, it is refused and not spent. */
  readonly clientID: string;
  /** The user who allowed it; or the user's `subject`. */
  readonly user?: U | undefined;
  readonly subject?: string | undefined;
  /** What was granted. */
  readonly scope: Scope;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** When the user allowed it, in epoch seconds: the lifetime `authorization` begins then. Default: when it is first presented. */
  readonly authorizedAt?: number | undefined;
}

/** A code or refresh token as the client sent it, which this service did not issue. */
export interface Foreign {
  readonly kind: 'code' | 'refresh_token';
  readonly text: string;
  /** Its identifier in the application's tables, if several texts can mean the same credential. */
  readonly name?: string | undefined;
}

/** The kind is part of the text, so that a code is never found as a refresh token, or the reverse. */
function digestOf({ kind, text }: Foreign, what: string): string {
  return hash('sha256', `${what} ${kind}:${text}`, 'base64url');
}

/**
 * The secret of this service that stands in for a foreign one. It is derived from the foreign one by a hash: only those who know the foreign one can compute
 * it.
 */
export function standInFor(foreign: Foreign): string {
  const digest = digestOf(foreign, 'adopted');
  return newSecretOf(foreign.kind, digest, digest);
}

/** The ID of the authorization of a foreign credential. All processes compute the same ID, so that a revocation applies in all of them. */
function authorizationIDOf(foreign: Foreign): string {
  return `${tagOf(idOf(standInFor(foreign)))}.${digestOf(foreign, 'authorization of the adopted').slice(0, 21)}`;
}

/** Whether an authorization began with a foreign credential. */
export function isBegunBy({ authorizationID }: Granted, foreign: Foreign): boolean {
  return authorizationID === authorizationIDOf(foreign);
}

/** @param what the option whose function gave it, for the message. @throws TypeError if something is missing or wrong */
export function requireSaid<U>(
  what: string,
  { clientID, scope, expiresAt, authorizedAt = 0, user, subject }: Adopted<U>,
): void {
  if (!clientID || !Array.isArray(scope)) throw new TypeError(`${what} gives clientID, and scope as a list of words`);
  if ((user === undefined) === !subject) throw new TypeError(`${what} gives either user or subject`);
  if (isEpochSeconds(expiresAt) && isEpochSeconds(authorizedAt)) return; // a time in milliseconds would never end
  throw new TypeError(
    `${what} gives expiresAt and authorizedAt in epoch seconds, not ${expiresAt} and ${authorizedAt}`,
  );
}

/**
 * Whether another text of the same credential was taken over before. A client sends the text that it was given, so somebody has changed the text to use
 * the credential twice: its authorization is revoked. RFC 9700 §4.14.2
 */
async function isSecondText<C, U>(
  service: Service<C, U>,
  foreign: Foreign,
  client: C,
  { clientID, expiresAt }: Adopted<U>,
): Promise<boolean> {
  const { kind, name } = foreign;
  if (name === undefined) return false;
  const { store, now } = service.settings;
  const texts = ephemeralStore(store, now);
  const key = JSON.stringify(['text of the adopted', kind, clientID, name]);
  const own = idOf(standInFor(foreign));
  if ((await texts.add(key, own, expiresAt)) === true) return false;
  const first = await texts.get(key);
  if (first === own) return false;
  const record = typeof first === 'string' ? await store.get(first, now()) : undefined;
  if (record) await answerReplay(service, client, record, kind);
  return true;
}

/** When the authorization of a foreign credential began, and when it ends: in whole epoch seconds, because `expires_in` has whole seconds (RFC 6749 §A.14). */
export function spanOf<C, U>({ settings }: Service<C, U>, client: C, { authorizedAt: began, expiresAt }: Adopted<U>) {
  const now = settings.now();
  const authorizedAt = Math.floor(Math.min(began ?? now, now));
  const { authorization } = settings.lifetimes(client);
  return { authorizedAt, end: Math.floor(Math.min(expiresAt, authorizedAt + authorization)) };
}

/**
 * Stores the authorization of a foreign credential of this client, unless another text of the credential was taken over before.
 *
 * @param authorization the authorization that is stored, made from `adopted`
 * @param keepUntil epoch seconds until which its record is kept
 */
export async function keep<C, U>(
  service: Service<C, U>,
  foreign: Foreign,
  client: C,
  adopted: Adopted<U>,
  { authorization, keepUntil }: { readonly authorization: Authorization; readonly keepUntil: number },
): Promise<void> {
  if (await isSecondText(service, foreign, client, adopted)) return;
  const { settings } = service;
  const { user, expiresAt } = adopted;
  const authorizationID = authorizationIDOf(foreign);
  const fresh = await newGranted(service, authorization, user, authorizationID);
  const { authorizedAt } = spanOf(service, client, adopted);
  const granted: Granted = Object.assign({}, fresh, { authorizedAt });
  const data = toGrantedRecord(granted, granted.confirmation);
  const { subject, clientID } = granted;
  const whose = { authorizationID, clientID, subject };
  const record = { id: idOf(standInFor(foreign)), kind: foreign.kind, expiresAt: keepUntil, data, ...whose };
  await settings.store.put([record], settings.now());
  await note(service, foreign, expiresAt); // after the record: if the process ended in between, the client could not use it any more
}

function keyOf(foreign: Foreign): string {
  return JSON.stringify(['adopted', standInFor(foreign)]);
}

/**
 * Notes that a foreign credential was taken over. Once its authorization has ended, only this note shows that: the application may still give the
 * credential as valid.
 */
export async function note<C, U>({ settings }: Service<C, U>, foreign: Foreign, until: number): Promise<void> {
  await ephemeralStore(settings.store, settings.now).add(keyOf(foreign), true, until);
}

async function isNoted<C, U>({ settings }: Service<C, U>, foreign: Foreign): Promise<boolean> {
  return (await ephemeralStore(settings.store, settings.now).get(keyOf(foreign))) !== undefined;
}

/** What the store has about a foreign credential, before the application is asked. */
export interface Known {
  /** Its record, spent or not, if it was taken over and its authorization has not ended. */
  readonly kept: StoredRecord | undefined;
  /** Whether there is a note that it was taken over. */
  readonly isNoted: boolean;
}

export async function knownOf<C, U>(service: Service<C, U>, foreign: Foreign): Promise<Known> {
  const { store, now } = service.settings;
  const id = idOf(standInFor(foreign));
  const kept = await store.get(id, now());
  if (kept?.consumedAt !== undefined) return { kept, isNoted: true };
  if (!(await isNoted(service, foreign))) return { kept, isNoted: false };
  return { kept: kept ?? (await store.get(id, now())), isNoted: true }; // another process may have stored it meanwhile
}
