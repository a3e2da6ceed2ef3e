import { requireNoOptions } from '../options.js';
import type { ServerFacts } from '../plugs.js';
import type { AuthenticationEvent, Claims, Confirmation, Scope } from '../types.js';
import { complete, extended, keptIn, type Listed, listed, without } from './kept.js';
import { idOf, isOfKind, newSecret } from './secret.js';
import type { StoredRecord } from './store.js';

/** The data that is stored with an access token. Times in epoch seconds. */
export interface AccessData extends AuthenticationEvent {
  readonly scope: Scope;
  readonly issuedAt: number;
  /** The user's name for people to read: in the introspection response, and not in the token. */
  readonly username?: string | undefined;
  /** The issuer that the token names, if it names one. */
  readonly issuer?: string | undefined;
  /** The APIs that the token is for, if it names any. */
  readonly audience?: readonly string[] | undefined;
  /** The key that the presenter must prove to possess; without one, anyone who has the token can use it. */
  readonly confirmation?: Confirmation | undefined;
  /** Its type, if it is not `Bearer`. @see RFC 6749 §7.1 */
  readonly tokenType?: string | undefined;
  /** Further claims that the token request added: in a JWT, and in the introspection response. */
  readonly claims?: Claims | undefined;
  /** Claims that the token request added and that only `verify` gives. */
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
  /** The ID that its record is stored under. */
  readonly id: string;
  /**
   * The SHA-256 of the token, for a token whose record ID others can learn. The token is then recognized by its hash, even after the configuration has changed.
   */
  readonly digest?: string | undefined;
}

/** The issuer and the keys, as far as the server has them. */
export type IssuerFacts = Partial<Pick<ServerFacts, 'issuer' | 'keys'>>;

/** The issuer in tokens of one format, and their audience if the token request names none. */
export type TokenOrigin = Pick<AccessData, 'issuer' | 'audience'>;

/** A format of access tokens. */
export interface AccessTokens {
  /** Makes a token. @param server the facts of the server that the token service is connected to, such as its issuer and keys */
  mint(claims: AccessTokenClaims, server?: IssuerFacts): Promise<MintedToken> | MintedToken;
  /** The ID that the token's record is stored under; undefined for a text that cannot be a token of this format. */
  idOf(token: string, server?: IssuerFacts): Promise<string | undefined> | string | undefined;
  /** Whether a token that was recognized by its digest is still valid: it is from this issuer, and its key is published. Absent: it is valid. */
  counts?(token: string, server: IssuerFacts): boolean;
  /** Stored with the token, for introspection and `verify`, which do not read the token itself. */
  readonly origin?: TokenOrigin | ((server: IssuerFacts) => TokenOrigin);
  /** Called when the server starts. @throws Error where something is missing without which no token can be made */
  ready?(server: IssuerFacts): void;
}

export function originOf({ origin = {} }: AccessTokens, server: IssuerFacts): TokenOrigin {
  return typeof origin === 'function' ? origin(server) : origin;
}

/** What is stored with a token, including members that `verify` does not give. */
interface StoredAccessData extends AccessData {
  readonly digest: string | undefined;
  /** Whether it is a part of an authorization of another client. */
  readonly isPart?: boolean | undefined;
  /** Whether it is the only token of the authorization: there is no refresh token. */
  readonly isAll?: boolean | undefined;
  /** The user of a part of an authorization, whose record does not have the user. */
  readonly subject?: string | undefined;
}

/** The members that `verify` does not give. */
const BESIDE: ReadonlySet<string> = new Set<keyof (StoredAccessData & Listed)>([
  ...(['digest', 'isPart', 'isAll', 'subject', 'members'] as const),
]);

/** Members that version 0.1.0 does not know, and would leave out when it reads a token. */
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

/** @throws Error if the record does not have the shape that was stored */
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

/** Whether an access token is the only token of its authorization. Records of version 0.1.0 do not say. */
export function isAll(record: StoredRecord): boolean {
  return says(record, 'isAll');
}

/** Access tokens of 256 random bits, without readable content. This is the default. @example tokenService({ store, accessTokens: opaque() }) */
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
