/**
 * The family: all refresh tokens of one authorization, one after the other. The record of a spent token is deleted soon, so that a family has only a few
 * records however often it is refreshed. Even so, a spent token that is presented again before it expires is recognized, and ends the family: each
 * refresh token contains the name of its family and its expiry, and a MAC with the family's key proves that this server made it.
 *
 * The key is in the store. An attacker with a copy of the store can make tokens that look spent, which ends the family, but no valid token: a valid
 * token has 160 random bits, and the store has only its hash.
 */
import { hash } from 'node:crypto';
import { equalInConstantTime } from '../secrets/constant-time.js';
import { random, writeRandom } from '../secrets/random.js';
import { idFrom, newSecretOf, partsOf } from './secret.js';

/** What all refresh tokens of one authorization share. */
export interface Family {
  /** In every token of the family: 40 random bits in base64url. */
  readonly name: string;
  /** The key of the MAC: 128 random bits in base64url. */
  readonly key: string;
}

/** The stored data of a family. */
export interface FamilyData extends Family {
  /** The user, for the event about a replay. */
  readonly subject?: string | undefined;
}

/** The bytes of each part of a refresh token: the family's name, its expiry in epoch seconds, the random secret, and the MAC over these three. */
const NAME = 5;
const EXPIRY = 4;
const SECRET = 20;
const SIGNED = NAME + EXPIRY + SECRET;
const MAC = 3;

export function newFamily(): Family {
  return { name: random(NAME), key: random(16) };
}

/**
 * The MAC in hex. A plain SHA-256 of key and message, since HMAC takes four times as long. The attack that HMAC prevents is not possible here: from the MAC of
 * a message, an attacker can compute that of a longer message (length extension), but all messages have the same length, and a longer one is never accepted.
 */
function macOf(key: string, signed: Buffer): string {
  return hash('sha256', key + signed.toString('base64url'), 'hex').slice(0, 2 * MAC);
}

/** Makes a new refresh token of a family. @param expiresAt epoch seconds */
export function newRefreshToken(authorizationID: string, { name, key }: Family, expiresAt: number): string {
  const bytes = Buffer.alloc(SIGNED + MAC);
  bytes.write(name, 0, 'base64url');
  bytes.writeUInt32BE(Math.min(Math.max(0, Math.floor(expiresAt)), 0xffffffff), NAME);
  writeRandom(bytes, NAME + EXPIRY, SECRET);
  bytes.write(macOf(key, bytes.subarray(0, SIGNED)), SIGNED, 'hex');
  return newSecretOf('refresh_token', authorizationID, bytes.toString('base64url'));
}

/** The ID that a family's record is stored under. */
export function familyID(tag: string, name: string): string {
  return idFrom(`${tag}${name}`, 'family:');
}

/** The ID that the family of a refresh token is stored under, if the token has a family. */
export function familyIDOf(refreshToken: string): string {
  const { tag, rest } = partsOf(refreshToken);
  return familyID(tag, Buffer.from(rest, 'base64url').toString('base64url', 0, NAME));
}

/** Whether a refresh token was made with the key of a family, and has not expired. @param now epoch seconds */
export function isOfFamily(refreshToken: string, key: string, now: number): boolean {
  const bytes = Buffer.from(partsOf(refreshToken).rest, 'base64url');
  const signed = bytes.subarray(0, SIGNED);
  const isGenuine = equalInConstantTime(bytes.toString('hex', signed.length), macOf(key, signed));
  return isGenuine && signed.readUInt32BE(NAME) > now;
}
