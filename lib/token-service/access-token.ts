import { requireNoOptions } from '../options.js';
import type { ServerFacts } from '../plugs.js';
import type { AuthenticationEvent, Claims, Confirmation, Scope } from '../types.js';
import { complete, extended, keptIn, type Listed, listed, without } from './kept.js';
import { idOf, isOfKind, newSecret } from './secret.js';
import type { StoredRecord } from './store.js';

/** What is kept with an access token. Times in epoch seconds. */
export interface AccessData extends AuthenticationEvent {
  readonly scope: Scope;
  readonly issuedAt: number;
  /** A name of the user's that people can read: introspection tells it, a token does not. */
  readonly username?: string | undefined;
  /** The issuer that the token names, if it does. */
  readonly issuer?: string | undefined;
  /** The APIs that the token is for, if it says. */
  readonly audience?: readonly string[] | undefined;
  /** The key that whoever presents it must prove to have; without one, it is good for anyone who has it. */
  readonly confirmation?: Confirmation | undefined;
  /** What its type is, where it is not `Bearer`. @see RFC 6749 §7.1 */
  readonly tokenType?: string | undefined;
  /** Further claims that the token request added: in a JWT, and in introspection. */
  readonly claims?: Claims | undefined;
  /** What the token request noted for `verify` alone. */
  readonly notes?: Claims | undefined;
}

/** What an access token says. Times in epoch seconds. */
export interface AccessTokenClaims extends AccessData {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly subject?: string | undefined;
  readonly expiresAt: number;
}

/** A new access token, and the ID that its record is stored under. */
export interface MintedToken {
  readonly token: string;
  /** What its record is stored under. */
  readonly id: string;
  /** Of a token whose record's ID others can know: the SHA-256 of it, by which it is known again whatever the configuration is by then. */
  readonly digest?: string | undefined;
}

/** Who issues tokens, as far as a server says. */
export type IssuerFacts = Partial<Pick<ServerFacts, 'issuer' | 'keys'>>;

/** What tokens of one format name as their issuer, and whom they are for where the token request does not say. */
export type TokenOrigin = Pick<AccessData, 'issuer' | 'audience'>;

/** How access tokens look. */
export interface AccessTokens {
  /** @param server what the server says that the token service is connected to, such as its issuer and keys */
  mint(claims: AccessTokenClaims, server?: IssuerFacts): Promise<MintedToken> | MintedToken;
  /** What a token's record is stored under; undefined for what cannot be one of ours. */
  idOf(token: string, server?: IssuerFacts): Promise<string | undefined> | string | undefined;
  /** Whether a token that is known by its digest counts still: it is of this issuer, and its key is published. Without this, it does. */
  counts?(token: string, server: IssuerFacts): boolean;
  /** Kept with the token, for those who cannot read it from the token itself. */
  readonly origin?: TokenOrigin | ((server: IssuerFacts) => TokenOrigin);
  /** Called when the server starts. @throws Error where something is missing without which no token can be made */
  ready?(server: IssuerFacts): void;
}

export function originOf({ origin = {} }: AccessTokens, server: IssuerFacts): TokenOrigin {
  return typeof origin === 'function' ? origin(server) : origin;
}

/** What is stored with a token, besides what `verify` tells. */
interface StoredAccessData extends AccessData {
  readonly digest: string | undefined;
  /** Whether it is a part of an authorization of another client. */
  readonly isPart?: boolean | undefined;
  /** Whether it is all that its client has of what a user allowed: no refresh token. */
  readonly isAll?: boolean | undefined;
  /** Of a part the user whose it is: its record does not say. */
  readonly subject?: string | undefined;
}

/** What of it `verify` does not tell. */
const BESIDE: ReadonlySet<string> = new Set<keyof (StoredAccessData & Listed)>([
  ...(['digest', 'isPart', 'isAll', 'subject', 'members'] as const),
]);

/** Members that 0.1.0 would leave out where it tells of a token. */
const NEW = ['tokenType', 'claims', 'notes', 'isPart'] as const;

/** What is stored with an access token. */
export function toAccessRecord(data: StoredAccessData): object {
  return NEW.some((name) => data[name] !== undefined) ? extended(data) : listed(data);
}

function isAccessData(data: Partial<AccessData>): data is AccessData {
  const { scope, issuedAt, audience = [], tokenType = '', confirmation = {}, claims = {}, notes = {} } = data;
  const areObjects = typeof confirmation === 'object' && typeof claims === 'object' && typeof notes === 'object';
  const areLists = Array.isArray(scope) && Array.isArray(audience);
  return areLists && areObjects && typeof issuedAt === 'number' && typeof tokenType === 'string';
}

/** @throws Error when the record is not what was put there */
export function accessDataOf({ authorizationID, data }: StoredRecord): AccessData {
  const message = `A stored token of ${authorizationID} cannot be read`;
  const kept: Partial<AccessData> = without(complete(data, message), BESIDE);
  if (!isAccessData(kept)) throw new Error(message);
  return kept;
}

function says({ kind, data }: StoredRecord, name: 'isPart' | 'isAll'): boolean {
  return kind === 'access_token' && (keptIn(data) as Partial<StoredAccessData> | undefined)?.[name] === true;
}

/** Whether an access token is a part of an authorization of another client, which does not end with it. */
export function isPart(record: StoredRecord): boolean {
  return says(record, 'isPart');
}

/** Whether an access token is all that its client has of what a user allowed. Those of 0.1.0 do not say. */
export function isAll(record: StoredRecord): boolean {
  return says(record, 'isAll');
}

/** Access tokens of 256 random bits that say nothing by themselves: the default. @example tokenService({ store, accessTokens: opaque() }) */
export function opaque(...noOptions: readonly []): AccessTokens {
  requireNoOptions(noOptions, 'opaque');
  return {
    mint({ authorizationID }) {
      const token = newSecret('access_token', authorizationID);
      return { token, id: idOf(token) };
    },
    idOf: (token) => (isOfKind('access_token', token) ? idOf(token) : undefined),
  };
}
