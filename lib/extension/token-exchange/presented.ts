/** The tokens that a client presents: whose, and what they say. @see RFC 8693 §2.1 */
import { isSubject } from '../../clients/subject.js';
import type { Core } from '../../core.js';
import { readIDTokenHint } from '../../id-token/hint.js';
import { requireTexts } from '../../syntax/texts.js';
import type { Awaitable, Claims, Confirmation, Scope } from '../../types.js';
import { unacceptable } from './invalid.js';
import { ACCESS_TOKEN, ID_TOKEN, JWT } from './names.js';

/** A token that was presented and is valid. */
export interface PresentedToken {
  /** Its type. @see RFC 8693 §3 */
  readonly type: string;
  /** Whose it is: what `createServer({ subject })` gives for the user; of an actor token that a client got for itself, its `client_id`. */
  readonly subject: string;
  /** The client that it was issued to. */
  readonly clientID?: string | undefined;
  /** Undefined if it says nothing of a scope. */
  readonly scope?: Scope | undefined;
  /** The APIs that it is for; undefined if it says nothing of them. */
  readonly audience?: readonly string[] | undefined;
  /** Epoch seconds. */
  readonly expiresAt?: number | undefined;
  /** The keys that it is bound to. */
  readonly confirmation?: Confirmation | undefined;
  /**
   * Who issued it, as `iss` of `may_act` names them. Where it is this server, a client of pairwise subjects reads in `act` what it knows the user by; else
   * `act` has the subject as it is.
   */
  readonly issuer?: string | undefined;
  /** What else it says, `act` and `may_act` among it. */
  readonly claims?: Claims | undefined;
  /** The authorization of this server that it came from: what is exchanged for it ends with that. */
  readonly authorizationID?: string | undefined;
}

/** Whose request it is. */
export interface Presenting<C> {
  readonly client: C;
}

/**
 * Verifies tokens of one type: gives what a token says, and a falsy value for one that is not valid. `scope` and `audience` are lists: the claims of a
 * JWT, which may be texts, are no such answer as they are.
 */
export type VerifyPresented<C> = (
  token: string,
  presenting: Presenting<C>,
) => Awaitable<Omit<PresentedToken, 'type'> | null | undefined | false>;

/** Characters: what is presented is hashed and looked up, or its signature verified. */
const MAX_CHARACTERS = 32 * 1024;

/** Which of the two tokens it is. */
type Role = 'subject_token' | 'actor_token';

/** RFC 7515 §3.1: three parts. */
function isJWT(token: string): boolean {
  return token.split('.').length === 3;
}

/**
 * An access token of this server, opaque or JWT. One that a client got for itself is of no user: it says who acts (§2.1: the acting party), and never
 * for whom.
 */
async function accessToken<C, U>({ tokens, issuer }: Core<C, U>, token: string, role: Role) {
  const found = await tokens?.verify?.(token);
  if (!found) return undefined;
  const { clientID, scope, audience, expiresAt, confirmation, claims, authorizationID } = found;
  const { subject = role === 'actor_token' ? clientID : undefined } = found;
  if (subject === undefined) return undefined;
  return { subject, clientID, scope, audience, expiresAt, confirmation, claims, authorizationID, issuer };
}

/** An ID token of this server, which only the client that it is for may present, and only while it is good. */
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
 * What limits the new token must be what it is compared as: a `scope` that is a text has others within, and a `Date` is a time that is never over.
 *
 * @throws TypeError for an answer of the application that cannot be meant
 */
function requireReadable({ scope, audience, expiresAt, confirmation }: Omit<PresentedToken, 'type'>, type: string) {
  const what = `What tokenExchange({ tokens }) gives for ${type}`;
  requireTexts(scope, `${what} as scope`);
  requireTexts(audience, `${what} as audience`);
  if (expiresAt !== undefined && !Number.isFinite(expiresAt))
    throw new TypeError(`${what} as expiresAt is no time in epoch seconds`);
  if (confirmation !== undefined && (typeof confirmation !== 'object' || confirmation === null))
    throw new TypeError(`${what} as confirmation is no object`);
}

/** Verifies presented tokens: those of this server, and those of the types that the application knows. */
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
   * @throws TypeError for an answer of the application that cannot be meant
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
