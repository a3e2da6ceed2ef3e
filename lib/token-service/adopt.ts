/**
 * Refresh tokens that another library issued. When one is first presented, what the application says of it is stored as if it were a refresh
 * token of ours, under an ID made from its hash: concurrent requests with it, in all processes, find one record and one
 * authorization. From then on it is spent, answered again, known as a replay, and ended, as ours are.
 */
import { hash } from 'node:crypto';
import type { Authorization, Scope } from '../types.js';
import { newGranted } from './allowed.js';
import { answerReplay, type Service } from './audit.js';
import { ephemeralStore } from './ephemeral.js';
import { type Granted, toGrantedRecord } from './granted.js';
import { idOf, newSecretOf } from './secret.js';
import { tagOf } from './store/id.js';
import type { StoredRecord } from './store.js';

/** What a refresh token of another library stands for. Further members of an Authorization, such as `audience` and `confirmation`, are kept. */
export interface AdoptedToken<U = unknown> extends Partial<Omit<Authorization, 'clientID' | 'scope' | 'subject'>> {
  /** The client that it was issued to. From any other client it is refused, and stays as it is. */
  readonly clientID: string;
  /** The user who allowed it; or the `subject` that stands for them. */
  readonly user?: U | undefined;
  readonly subject?: string | undefined;
  /** What was granted. */
  readonly scope: Scope;
  /**
   * Epoch seconds at which it ends, the same at each call: until then it is remembered that it was used. For tokens that never end, the day on which you
   * stop taking them over.
   */
  readonly expiresAt: number;
  /** Epoch seconds at which the user allowed it: the lifetime `authorization` counts from there. Default: when the token is first presented. */
  readonly authorizedAt?: number | undefined;
  /**
   * What your tables call the token, where another text could stand for the same one: a JWT has several spellings, and a column may ignore case. A second text
   * for a token that was taken over is refused, and ends all that came of it. Default: each text is a token.
   */
  readonly tokenID?: string | undefined;
}

/** The refresh token of our form that stands for a foreign one. It is a hash of the foreign one, so that nobody else can know it. */
export function standInFor(foreign: string): string {
  const digest = hash('sha256', `adopted:${foreign}`, 'base64url');
  return newSecretOf('refresh_token', digest, digest);
}

/** The authorization that a foreign token begins: the same in all processes, so that its end holds in all of them. */
function authorizationIDOf(foreign: string): string {
  const digest = hash('sha256', `authorization of the adopted:${foreign}`, 'base64url');
  return `${tagOf(idOf(standInFor(foreign)))}.${digest.slice(0, 21)}`;
}

/** Whether an authorization began with a foreign token. */
export function isBegunBy({ authorizationID }: Granted, foreign: string): boolean {
  return authorizationID === authorizationIDOf(foreign);
}

function requireSaid<U>({ clientID, scope, expiresAt, authorizedAt = 0, user, subject }: AdoptedToken<U>): void {
  const what = 'tokenService({ adopt })';
  if (!clientID || !Array.isArray(scope)) throw new TypeError(`${what} gives clientID, and scope as a list of words`);
  if ((user === undefined) === !subject) throw new TypeError(`${what} gives either user or subject`);
  if (Number.isFinite(expiresAt) && Number.isFinite(authorizedAt)) return;
  throw new TypeError(
    `${what} gives expiresAt and authorizedAt in epoch seconds, not ${expiresAt} and ${authorizedAt}`,
  );
}

/**
 * Whether another text of the same token was taken over before. A client sends the text that it was given, so somebody has changed the text to use the token twice:
 * all that came of it ends. RFC 9700 §4.14.2
 */
async function isSecondText<C, U>(
  service: Service<C, U>,
  foreign: string,
  client: C,
  { tokenID, clientID, expiresAt }: AdoptedToken<U>,
): Promise<boolean> {
  if (tokenID === undefined) return false;
  const { store, now } = service.settings;
  const texts = ephemeralStore(store, now);
  const key = JSON.stringify(['text of the adopted', clientID, tokenID]);
  const own = idOf(standInFor(foreign));
  if ((await texts.add(key, own, expiresAt)) === true) return false;
  const first = await texts.get(key);
  if (first === own) return false;
  const record = typeof first === 'string' ? await store.get(first, now()) : undefined;
  if (record) await answerReplay(service, client, record, 'refresh_token');
  return true;
}

/** Stores what the application says of a foreign token of this client. Does nothing for a token that is no longer valid. */
async function keep<C, U>(service: Service<C, U>, foreign: string, client: C, adopted: AdoptedToken<U>): Promise<void> {
  const { settings } = service;
  const { expiresAt, authorizedAt: began, tokenID: _, user, redirectURI = '', request, ...said } = adopted;
  const now = settings.now();
  // in whole seconds, as `expires_in` is: RFC 6749 §A.14
  const authorizedAt = Math.floor(Math.min(began ?? now, now));
  const end = Math.floor(Math.min(expiresAt, authorizedAt + settings.lifetimes(client).authorization));
  if (end <= now || (await isSecondText(service, foreign, client, adopted))) return;
  const { clientID } = said;
  const authorization = Object.assign(said, { redirectURI, request: request ?? { type: '', clientID } });
  const authorizationID = authorizationIDOf(foreign);
  const fresh = await newGranted(service, authorization, user, authorizationID);
  const granted: Granted = Object.assign({}, fresh, { authorizedAt });
  const data = toGrantedRecord(granted, granted.confirmation);
  const { subject } = granted;
  const id = idOf(standInFor(foreign));
  await settings.store.put(
    [{ id, kind: 'refresh_token', authorizationID, clientID, subject, expiresAt: end, data }],
    now,
  );
  await note(service, foreign, expiresAt); // after the record: if the process ended in between, the client could not use its token any more
}

function keyOf(foreign: string): string {
  return JSON.stringify(['adopted', standInFor(foreign)]);
}

/**
 * Notes that a token was taken over. Once its authorization has ended, only this note tells so, and the application may still say that the
 * token is valid.
 */
async function note<C, U>({ settings }: Service<C, U>, foreign: string, until: number): Promise<void> {
  await ephemeralStore(settings.store, settings.now).add(keyOf(foreign), true, until);
}

async function isNoted<C, U>({ settings }: Service<C, U>, foreign: string): Promise<boolean> {
  return (await ephemeralStore(settings.store, settings.now).get(keyOf(foreign))) !== undefined;
}

/**
 * The record of a refresh token of another library, spent or not, if it is this client's.
 *
 * @throws TypeError if `adopt` gives something wrong
 */
export async function findAdopted<C, U>(
  service: Service<C, U>,
  foreign: string,
  client: C,
): Promise<StoredRecord | undefined> {
  const { adopt, store, now, clientID } = service.settings;
  if (!adopt) return undefined;
  const id = idOf(standInFor(foreign));
  const kept = await store.get(id, now());
  if (kept?.consumedAt !== undefined) return kept;
  if (await isNoted(service, foreign)) return kept ?? store.get(id, now()); // another process may have stored it meanwhile
  const adopted = (await adopt(foreign)) || undefined;
  if (!adopted) return kept;
  requireSaid(adopted);
  if (kept) {
    await note(service, foreign, adopted.expiresAt); // the process that stored it could not
    return kept;
  }
  if (adopted.clientID !== clientID(client)) return undefined; // RFC 6749 §6: issued to another client
  await keep(service, foreign, client, adopted);
  return store.get(id, now());
}
