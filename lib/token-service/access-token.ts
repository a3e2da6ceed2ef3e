import { addTo } from '../registry/add.js';
import type { AuthenticationEvent, Confirmation, Scope } from '../types.js';
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
}

/** What an access token says. Times in epoch seconds. */
export interface AccessTokenClaims extends AccessData {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly subject?: string | undefined;
  readonly expiresAt: number;
}

export interface MintedToken {
  readonly token: string;
  /** What its record is stored under. */
  readonly id: string;
}

/** How access tokens look. */
export interface AccessTokens {
  mint(claims: AccessTokenClaims): Promise<MintedToken> | MintedToken;
  /** What a token's record is stored under; undefined for what cannot be one of ours. */
  idOf(token: string): Promise<string | undefined> | string | undefined;
  /** What they name as their issuer, and whom they are for: for those who cannot read it from the token itself. */
  readonly origin?: Pick<AccessData, 'issuer' | 'audience'>;
}

function isAccessData(data: Partial<AccessData> | null): data is AccessData {
  const { scope, issuedAt, confirmation = {} } = data ?? {};
  return Array.isArray(scope) && typeof issuedAt === 'number' && typeof confirmation === 'object';
}

/** @throws Error when the record is not what was put there */
export function accessDataOf({ authorizationID, data }: StoredRecord): AccessData {
  if (!isAccessData(data as Partial<AccessData> | null))
    throw new Error(`A stored token of ${authorizationID} cannot be read`);
  return data as AccessData;
}

/** RFC 7519 §4.1.3: one may stand alone. */
function toAudience([first = '', ...more]: readonly string[]): string | string[] {
  return more.length > 0 ? [first, ...more] : first;
}

type Wire = {
  readonly iat: number;
  readonly iss?: string;
  readonly aud?: string | string[];
  readonly scope?: string;
  readonly cnf?: Confirmation;
  readonly acr?: string;
  readonly auth_time?: number;
};

/** What JWT and introspection say in the same words. @see RFC 7519 §4.1, RFC 7662 §2.2 */
export function toWire({ scope, issuedAt, issuer, audience, confirmation, acr, authenticatedAt }: AccessData): Wire {
  const more = {
    iss: issuer,
    aud: audience ? toAudience(audience) : undefined,
    scope: scope.length > 0 ? scope.join(' ') : undefined, // RFC 9068 §2.2.3
    cnf: confirmation ?? undefined, // RFC 7800 §3.1, RFC 8705 §3.1, §3.2
    acr, // RFC 9068 §2.2.1, RFC 9470 §6.2
    auth_time: authenticatedAt,
  };
  return addTo<Wire>({ iat: issuedAt }, more, 'The token');
}

/** Access tokens of 256 random bits that say nothing by themselves: the default. */
export function opaque(): AccessTokens {
  return {
    mint({ authorizationID }) {
      const token = newSecret('access_token', authorizationID);
      return { token, id: idOf(token) };
    },
    idOf: (token) => (isOfKind('access_token', token) ? idOf(token) : undefined),
  };
}
