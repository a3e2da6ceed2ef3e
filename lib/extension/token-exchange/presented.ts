/** Verifies the tokens that a client presents. @see RFC 8693 §2.1 */
import { isSubject } from '../../clients/subject.js';
import { isEpochSeconds } from '../../clock.js';
import type { Core } from '../../core.js';
import { readIDTokenHint } from '../../id-token/hint.js';
import { requireTexts } from '../../syntax/texts.js';
import type { Awaitable, Claims, Confirmation, Scope } from '../../types.js';
import { unacceptable } from './invalid.js';
import { ACCESS_TOKEN, ID_TOKEN, JWT } from './names.js';

/** A valid token that a client presented. */
export interface PresentedToken {
  /** Its type. @see RFC 8693 §3 */
  readonly type: string;
  /** The subject: for a user, by `createServer({ subject })`; for an actor token that a client got for itself, its `client_id`. */
  readonly subject: string;
  /** The client that the token was issued to. */
  readonly clientID?: string | undefined;
  /** Undefined if the token has no scope. */
  readonly scope?: Scope | undefined;
  /** The APIs that the token is for; undefined if it has no audience. */
  readonly audience?: readonly string[] | undefined;
  /** Epoch seconds. */
  readonly expiresAt?: number | undefined;
  /** The keys that the token is bound to. */
  readonly confirmation?: Confirmation | undefined;
  /**
   * The issuer of the token, which is compared with `iss` of `may_act`. If it is this server, a client with pairwise subjects gets its own `sub` for the user
   * in `act`; otherwise `act` has the subject unchanged.
   */
  readonly issuer?: string | undefined;
  /** All other claims, also `act` and `may_act`. */
  readonly claims?: Claims | undefined;
  /** The authorization of this server that the token came from. The new token ends together with it. */
  readonly authorizationID?: string | undefined;
}

/** The client whose request it is. */
export interface Presenting<C> {
  readonly client: C;
}

/**
 * Verifies tokens of one type: returns the values of a valid token, and a falsy value for an invalid one. `scope` and `audience` must be lists: convert the
 * claims of a JWT, where they may be texts.
 */
export type VerifyPresented<C> = (
  token: string,
  presenting: Presenting<C>,
) => Awaitable<Omit<PresentedToken, 'type'> | null | undefined | false>;

/** In characters. It limits the work for a presented token, which is hashed and looked up, or whose signature is verified. */
const MAX_CHARACTERS = 32 * 1024;

/** Which of the two tokens it is. */
type Role = 'subject_token' | 'actor_token';

/** RFC 7515 §3.1: three parts. */
export function isJWT(token: string): boolean {
  return token.split('.').length === 3;
}

/**
 * An access token of this server, opaque or JWT. A token that a client got for itself has no user: it may be the actor token (§2.1: the acting party), and
 * never the subject token.
 */
async function accessToken<C, U>({ tokens, issuer }: Core<C, U>, token: string, role: Role) {
  const found = await tokens?.verify?.(token);
  if (!found) return undefined;
  const { clientID, scope, audience, expiresAt, confirmation, claims, authorizationID } = found;
  const { subject = role === 'actor_token' ? clientID : undefined } = found;
  if (subject === undefined) return undefined;
  return { subject, clientID, scope, audience, expiresAt, confirmation, claims, authorizationID, issuer };
}

/** An ID token of this server. Only the client that it was issued to may present it, and only until it expires. */
async function idToken<C, U>(core: Core<C, U>, token: string, client: C) {
  const read = await readIDTokenHint(core, token);
  if (!('hint' in read)) return undefined;
  const { sub, audience, claims } = read.hint;
  const clientID = core.clientID(client);
  const { exp } = claims;
  if (clientID === undefined || !audience.includes(clientID) || !(Number(exp) > core.now())) return undefined;
  // a pairwise `sub` cannot be turned back into the subject
  if ((await core.outwardSubject(sub, client)) !== sub) return undefined;
  return { subject: sub, clientID, expiresAt: Number(exp), claims, issuer: core.issuer };
}

/**
 * Checks the types of the values that limit the new token: a `scope` that is a text includes parts of its words, and a `Date`, or a time in
 * milliseconds, compared with epoch seconds would never expire.
 *
 * @throws TypeError for an invalid result of the application
 */
function requireReadable({ scope, audience, expiresAt, confirmation }: Omit<PresentedToken, 'type'>, type: string) {
  const what = `What tokenExchange({ tokens }) gives for ${type}`;
  requireTexts(scope, `${what} as scope`);
  requireTexts(audience, `${what} as audience`);
  if (expiresAt !== undefined && !isEpochSeconds(expiresAt))
    throw new TypeError(`${what} as expiresAt is no time in epoch seconds`);
  if (confirmation !== undefined && (typeof confirmation !== 'object' || confirmation === null))
    throw new TypeError(`${what} as confirmation is no object`);
}

/** Verifies presented tokens: those of this server, and those of token types that the application verifies. */
export class Presented<C, U> {
  readonly #core: Core<C, U>;
  readonly #others: ReadonlyMap<string, VerifyPresented<C>>;

  constructor(core: Core<C, U>, others: Readonly<Record<string, VerifyPresented<C>>>) {
    this.#core = core;
    this.#others = new Map(Object.entries(others));
  }

  /**
   * @param role the name of the parameter
   * @throws TokenError `invalid_request`
   * @throws TypeError for an invalid result of the application
   */
  async read(role: Role, token: string, type: string, client: C): Promise<PresentedToken> {
    const found = token.length > MAX_CHARACTERS ? undefined : await this.#verify(role, token, type, client);
    if (found?.subject && !isSubject(found.subject))
      throw unacceptable(
        `${role} is not valid`,
        'Its subject has control characters, and cannot stand for a user here: tokenExchange({ tokens }) gives another',
        { type, subject: found.subject },
      );
    if (found?.subject) return Object.assign({}, found, { type });
    throw unacceptable(`${role} is not valid`, 'It is unknown, has expired, was revoked, or is not of its type', {
      type,
    });
  }

  async #verify(role: Role, token: string, type: string, client: C) {
    const other = this.#others.get(type);
    if (other) {
      const found = (await other(token, { client })) || undefined;
      if (found) requireReadable(found, type);
      return found;
    }
    if (type === ACCESS_TOKEN) return accessToken(this.#core, token, role);
    if (type === JWT) return isJWT(token) ? accessToken(this.#core, token, role) : undefined;
    if (type === ID_TOKEN) return idToken(this.#core, token, client);
    throw unacceptable('Unsupported token type', 'Nothing here verifies tokens of this type', { type });
  }
}
