/**
 * The refresh tokens of one authorization, one after the other. A spent one is forgotten soon, so that a family keeps a few records
 * however often it is refreshed; and yet a spent one that comes again within its life is known for what it is, and ends the family.
 * This is how: each refresh token names its family and when it expires, and a MAC under the family's key says that this server made it so.
 *
 * The key stands in the store. Whoever has a copy of the store can make tokens that look spent, which ends that family, and none that counts: a
 * token that counts is stored by the hash of its 160 random bits.
 */
import { hash } from 'node:crypto';
import { equalInConstantTime } from '../secrets/constant-time.js';
import { random, writeRandom } from '../secrets/random.js';
import { idFrom, newSecretOf, partsOf } from './secret.js';

/** What all refresh tokens of one authorization share. */
export interface Family {
  /** In every token of it: 40 random bits in base64url. */
  readonly name: string;
  /** Of the MAC: 128 random bits in base64url. */
  readonly key: string;
}

/** What is kept of a family. */
export interface FamilyData extends Family {
  /** The user whose it is: those who are told of a replay are told whom it concerns. */
  readonly subject?: string | undefined;
}

/** Bytes of a refresh token: the family's name, epoch seconds at which it expires, what nobody can guess, and the MAC over these. */
const NAME = 5;
const EXPIRY = 4;
const SECRET = 20;
const SIGNED = NAME + EXPIRY + SECRET;
const MAC = 3;

export function newFamily(): Family {
  return { name: random(NAME), key: random(16) };
}

/**
 * In hex. A plain SHA-256 of key and message, since HMAC takes four times as long. What HMAC prevents cannot happen here: from the MAC of a message, an
 * attacker can compute that of a longer one, but every message has the same length, and a longer one is never accepted.
 */
function macOf(key: string, signed: Buffer): string {
  return hash('sha256', key + signed.toString('base64url'), 'hex').slice(0, 2 * MAC);
}

/** A new refresh token of a family. */
export function newRefreshToken(authorizationID: string, { name, key }: Family, expiresAt: number): string {
  const bytes = Buffer.alloc(SIGNED + MAC);
  bytes.write(name, 0, 'base64url');
  bytes.writeUInt32BE(Math.min(Math.max(0, Math.floor(expiresAt)), 0xffffffff), NAME);
  writeRandom(bytes, NAME + EXPIRY, SECRET);
  bytes.write(macOf(key, bytes.subarray(0, SIGNED)), SIGNED, 'hex');
  return newSecretOf('refresh_token', authorizationID, bytes.toString('base64url'));
}

/** What a family's record is stored under. */
export function familyID(tag: string, name: string): string {
  return idFrom(`${tag}${name}`, 'family:');
}

/** What the family of a refresh token would be stored under, if it has one. */
export function familyIDOf(refreshToken: string): string {
  const { tag, rest } = partsOf(refreshToken);
  return familyID(tag, Buffer.from(rest, 'base64url').toString('base64url', 0, NAME));
}

/** Whether a refresh token was made for the family of that key, and has not expired. @param now epoch seconds */
export function isOfFamily(refreshToken: string, key: string, now: number): boolean {
  const bytes = Buffer.from(partsOf(refreshToken).rest, 'base64url');
  const signed = bytes.subarray(0, SIGNED);
  const isGenuine = equalInConstantTime(bytes.toString('hex', signed.length), macOf(key, signed));
  return isGenuine && signed.readUInt32BE(NAME) > now;
}
