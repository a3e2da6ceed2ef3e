/**
 * Passkeys as a second factor, in addition to the password, by WebAuthn. Another library would have the same two questions and the same two checks. The
 * challenge of each question is bound to the session and to its purpose, and can be answered once.
 */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Context } from 'koa';
import type { AuthorizationRequest } from 'koauthorize';
import type { Config } from './config.js';
import { takePlace } from './places.js';
import type { Guard } from './rate-limits.js';
import { PASSKEY_ACR, sessionKey } from './sessions.js';
import { keyOf, type Storage } from './storage/index.js';
import type { User } from './users.js';

export interface Passkey {
  readonly id: string;
  readonly publicKey: string;
  readonly counter: number;
  /** Epoch seconds. */
  readonly since: number;
}

/** Whether a request requires a passkey, and the login was without one. @see RFC 9470 §4, OpenID Connect Core §5.5.1.1 */
export function needsPasskey({ login }: User, { acrValues, claims }: AuthorizationRequest): boolean {
  const { value, values = [value] } = claims?.id_token?.['acr'] ?? {};
  const wanted: readonly unknown[] = acrValues ?? values;
  return wanted.includes(PASSKEY_ACR) && !wanted.includes(login?.acr);
}

export interface Passkeys {
  list(user: User): Promise<readonly Passkey[]>;
  /** The options for the browser to create a passkey. */
  offer(ctx: Context, user: User): Promise<object>;
  /** Adds the passkey of an answer. @returns whether the answer was valid, and the user had room for another passkey */
  add(ctx: Context, user: User, answer: string): Promise<boolean>;
  /**
   * The options for the browser to use one of the user's passkeys.
   *
   * @param purpose the waiting transaction, or a page
   */
  ask(ctx: Context, user: User, purpose: string): Promise<object>;
  /**
   * @param purpose as in `ask`: an answer for one purpose does not count for another
   * @returns the ID of the passkey; undefined if the answer is wrong
   */
  check(ctx: Context, user: User, answer: string, purpose: string): Promise<string | undefined>;
  /**
   * Whether this login may add and remove passkeys: the first passkey needs only the password, all others need a login with a passkey. Otherwise an attacker
   * with the password could add a passkey of their own, and have both factors.
   */
  mayChange(user: User): Promise<boolean>;
  remove(user: User, id: string): Promise<void>;
}

const MOST = 10;
/** Seconds for which a challenge is valid. */
const PATIENCE = 300;

const MAKE = 'make';

const attemptOf = ({ ip: address }: Context, { id: who }: User) => ({ who, address });

const of = (user: User): string => `passkeys of ${user.id}`;

/** The answer of a browser; undefined if it is not a JSON object with an ID. */
function read<T extends { readonly id: string }>(answer: string): T | undefined {
  try {
    const value = JSON.parse(answer) as T | null;
    return typeof value?.id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param guard limits the answers at all pages together */
export function openPasskeys({ issuer }: Config, { collections, documents }: Storage, guard: Guard): Passkeys {
  const rpID = new URL(issuer).hostname;
  const expected = { expectedOrigin: issuer, expectedRPID: rpID, requireUserVerification: false }; // the password is the other factor
  const list = async (user: User): Promise<readonly Passkey[]> =>
    [...(await collections.list(of(user))).values()] as Passkey[];
  const keyIn = (ctx: Context, purpose: string): string => keyOf('passkey', sessionKey(ctx), purpose);
  const keep = async <T extends { readonly challenge: string }>(
    ctx: Context,
    options: T,
    purpose: string,
  ): Promise<T> => {
    await documents.set(keyIn(ctx, purpose), options.challenge, PATIENCE);
    return options;
  };
  const challengeOf = async (ctx: Context, purpose: string): Promise<string | undefined> => {
    const key = keyIn(ctx, purpose);
    const challenge = (await documents.get(key)) as string | undefined;
    return (await documents.remove(key)) ? challenge : undefined; // each challenge can be answered once
  };
  const add = async (ctx: Context, user: User, answer: string): Promise<boolean> => {
    const expectedChallenge = await challengeOf(ctx, MAKE);
    const response = read<RegistrationResponseJSON>(answer);
    if (expectedChallenge === undefined || !response) return false;
    const { registrationInfo: info } = await verifyRegistrationResponse({
      ...expected,
      response,
      expectedChallenge,
    }).catch(() => ({ registrationInfo: undefined }));
    if (!info) return false;
    const { id, publicKey, counter } = info.credential;
    const since = Math.floor(Date.now() / 1000);
    return takePlace(collections, of(user), MOST, {
      id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      counter,
      since,
    });
  };
  const check = async (ctx: Context, user: User, answer: string, purpose: string): Promise<string | undefined> => {
    const expectedChallenge = await challengeOf(ctx, `show ${purpose}`);
    const response = read<AuthenticationResponseJSON>(answer);
    const places = [...(await collections.list(of(user)))] as [string, Passkey][];
    const [place = '', known] = places.find(([, { id }]) => id === response?.id) ?? [];
    if (expectedChallenge === undefined || !response || !known) return undefined;
    const credential = {
      id: known.id,
      counter: known.counter,
      publicKey: new Uint8Array(Buffer.from(known.publicKey, 'base64url')),
    };
    const verified = await verifyAuthenticationResponse({
      ...expected,
      response,
      expectedChallenge,
      credential,
    }).catch(() => undefined);
    if (!verified?.verified) return undefined;
    // fails if another answer has changed the counter meanwhile: of two answers with the same count, one is from a copy of the passkey
    const next = { ...known, counter: verified.authenticationInfo.newCounter };
    return (await collections.change(of(user), place, known, next)) ? known.id : undefined;
  };
  return {
    list,
    async add(ctx, user, answer) {
      const isAdded = await guard(attemptOf(ctx, user), async () => (await add(ctx, user, answer)) || undefined);
      return isAdded === true;
    },
    check: (ctx, user, answer, purpose) => guard(attemptOf(ctx, user), () => check(ctx, user, answer, purpose)),
    async offer(ctx, user) {
      const known = await list(user);
      const options = await generateRegistrationOptions({
        rpID,
        rpName: 'Example Accounts',
        userName: user.username,
        userDisplayName: user.name,
        userID: new TextEncoder().encode(user.id),
        excludeCredentials: known.map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'discouraged', userVerification: 'discouraged' },
      });
      return keep(ctx, options, MAKE);
    },
    mayChange: async (user) => user.login?.acr === PASSKEY_ACR || (await list(user)).length === 0,
    async ask(ctx, user, purpose) {
      const allowCredentials = (await list(user)).map(({ id }) => ({ id }));
      return keep(
        ctx,
        await generateAuthenticationOptions({ rpID, allowCredentials, userVerification: 'discouraged' }),
        `show ${purpose}`,
      );
    },
    async remove(user, id) {
      for (const [place, known] of await collections.list(of(user)))
        if ((known as Passkey).id === id) await collections.remove(of(user), place);
    },
  };
}
