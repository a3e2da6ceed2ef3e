import { add } from '../registry/add.js';
import { firstBeyond } from '../syntax/scope.js';
import { requireTexts } from '../syntax/texts.js';
import { LONGEST_TOKEN } from '../syntax/token-type.js';
import type { Claims, IssuedTokens, Scope, TokenRequest } from '../types.js';
import { type AccessData, originOf, type TokenOrigin, toAccessRecord } from './access-token.js';
import { requireFurther } from './claims.js';
import { expirationOf } from './expiration.js';
import { type FamilyData, familyID, newFamily, newRefreshToken } from './family.js';
import { type Granted, type Refreshes, toGrantedRecord } from './granted.js';
import { outwardClaims } from './outward.js';
import { idOf } from './secret.js';
import type { Settings } from './settings.js';
import { tagOf } from './store/id.js';
import type { TokenKind, TokenRecord } from './store.js';
import { warnOfLength } from './token-length.js';

/** Tokens that were made and not yet stored. */
export interface Minted {
  readonly tokens: IssuedTokens;
  readonly records: readonly TokenRecord[];
  readonly kinds: readonly TokenKind[];
  readonly scope: Scope;
  /** Further claims of the access token. */
  readonly claims?: Claims | undefined;
  /** The APIs that the access token is for, if it names any. */
  readonly audience?: readonly string[] | undefined;
  /** When the access token expires, in epoch seconds. */
  readonly expiresAt: number;
}

/** The part of a token request from which tokens are made. For tokens in an authorization response there is only a client. */
export type TokenWishes<C> = Pick<TokenRequest<C>, 'client'> & Partial<Omit<TokenRequest<C>, 'client'>>;

export interface Minting {
  /** The part of the scope that the access token is for. Default: the scope of the request. */
  readonly scope?: Scope;
  readonly withRefreshToken: boolean;
  /** Whether the client has a refresh token already, which it keeps. */
  readonly hasRefreshToken?: boolean;
  /** Whether the client does not authenticate: its refresh token is then bound to the key, too. */
  readonly isPublic?: boolean;
  /** Whether the tokens are a part of an authorization of another client, which does not end with them. */
  readonly isPart?: boolean;
  /** Whether the refresh token is never replaced: it then expires with its authorization. */
  readonly isFinal?: boolean;
  /** How often the authorization was refreshed, including this time. */
  readonly refreshes?: Refreshes;
}

type Whose = Pick<Granted, 'authorizationID' | 'clientID' | 'subject'>;

function recordOf(granted: Whose, kind: TokenKind, id: string, expiresAt: number, data: unknown): TokenRecord {
  const { authorizationID, clientID, subject } = granted;
  return { id, kind, authorizationID, clientID, subject, expiresAt, data };
}

/** @throws Error for an empty audience, and for claims that only the server sets */
function requireSayable({ audience, claims }: Pick<AccessData, 'audience' | 'claims'>): void {
  if (audience?.length === 0) throw new Error('A token request names an audience of nobody'); // an empty `aud` would look like a token for every API
  if (claims) requireFurther(claims);
}

/** The data of the access token. @param origin its scope, and the issuer and audience, which may be those of its format */
function accessDataFor<C, U>(
  settings: Settings<C, U>,
  request: TokenWishes<C>,
  granted: Granted,
  { scope, issuer, audience }: TokenOrigin & { readonly scope: Scope },
): AccessData {
  const username = granted.username || undefined;
  const { confirmation, tokenType, claims } = request;
  requireSayable({ audience, claims });
  const notes = granted.notes ? add(granted.notes, request.notes, 'The token request') : request.notes;
  const own = { scope, issuedAt: settings.now(), username, issuer, audience, confirmation, tokenType, claims, notes };
  return Object.assign(own, granted.authentication);
}

/**
 * The APIs that a token is for: those that the request names, or else all granted ones.
 *
 * @throws Error for an API that was not granted, and for a value that is not a list
 */
function audienceOf<C>({ audience }: TokenWishes<C>, { audience: granted }: Granted): readonly string[] | undefined {
  requireTexts(granted, 'The audience that was granted');
  const other = granted && audience && firstBeyond(audience, granted);
  if (other !== undefined)
    throw new Error(`A token request names ${other}, which is not among the APIs that were granted`);
  return audience ?? granted;
}

/** The data of the access token, its format, and its expiry. */
function plannedAccessToken<C, U>(
  settings: Settings<C, U>,
  request: TokenWishes<C>,
  granted: Granted,
  { scope: wanted = request.scope ?? granted.scope }: Minting,
) {
  const { formats, issuer } = settings;
  const { authorizedAt, endsAt = Number.POSITIVE_INFINITY } = granted;
  const { accessToken, authorization } = settings.lifetimes(request.client);
  const audience = audienceOf(request, granted);
  const terms = settings.accessTokenTerms(audience);
  const format = formats.for(audience, request.client, terms.format);
  const origin = originOf(format, issuer);
  // here, because earlier checks narrow only a scope that was requested or granted, and not the default scope of a client that acts for itself
  const scope = terms.scope?.(wanted) ?? wanted;
  const whose = { scope, issuer: origin.issuer, audience: audience ?? origin.audience };
  const data = accessDataFor(settings, request, granted, whose);
  const lifetime = Math.min(accessToken, terms.lifetime ?? accessToken);
  const expiresAt = Math.min(data.issuedAt + lifetime, authorizedAt + authorization, endsAt); // no token outlives its authorization
  return { format, data, expiresAt };
}

/**
 * Makes a refresh token. That of a public client is bound to the key of its access token, or stays bound to its earlier key: RFC 8705 §4, RFC 9449 §5. That
 * of another client is not: its authentication protects the token (RFC 8705 §7.1), and it may change its certificate.
 */
function mintRefreshToken<C, U>(
  settings: Settings<C, U>,
  { client, confirmation: key }: TokenWishes<C>,
  granted: Granted,
  { isPublic = false, isFinal = false, refreshes }: Minting,
  now: number,
) {
  const { refreshToken, authorization } = settings.lifetimes(client);
  const { authorizationID, authorizedAt, endsAt = Number.POSITIVE_INFINITY } = granted;
  const family = granted.family ?? newFamily();
  const end = Math.min(authorizedAt + authorization, endsAt);
  const expiresAt = isFinal ? end : Math.min(now + refreshToken, end);
  const token = newRefreshToken(authorizationID, family, expiresAt);
  const confirmation = isPublic ? (key ?? granted.confirmation) : undefined;
  const data = toGrantedRecord(granted, confirmation, family, refreshes);
  const records = [recordOf(granted, 'refresh_token', idOf(token), expiresAt, data)];
  if (!granted.family) {
    // the subject is only in the data: this record recognizes spent tokens, and must not appear in the list of a user's authorizations
    const { clientID, subject } = granted;
    const known: FamilyData = Object.assign({}, family, subject !== undefined && { subject });
    const id = familyID(tagOf(authorizationID), family.name);
    records.push(recordOf({ authorizationID, clientID }, 'authorization', id, end, known));
  }
  return { token, records, expiresAt, end };
}

/** Marks an access token that is a part of another client's authorization, and one that is the only token of its authorization. */
function standingOf({ subject }: Whose, { isPart, withRefreshToken, hasRefreshToken }: Minting) {
  if (isPart) return { isPart, subject };
  return subject === undefined || withRefreshToken || hasRefreshToken ? undefined : { isAll: true };
}

/** Makes an access token, and a refresh token if the options say so. Nothing is stored yet. */
export async function mint<C, U>(
  settings: Settings<C, U>,
  request: TokenWishes<C>,
  granted: Granted,
  options: Minting,
): Promise<Minted> {
  const { authorizationID, clientID, subject } = granted;
  // the client can read a JWT, and must not learn the identifier by which other clients know the user: RFC 9068 §6
  const outward = subject === undefined ? undefined : await settings.outwardSubject(subject, request.client);
  const { format, data, expiresAt } = plannedAccessToken(settings, request, granted, options);
  const { scope, audience, issuedAt: now } = data; // the same time for all tokens, so that lifetimes are exact although time passes meanwhile
  const claims = data.claims && (await outwardClaims(settings, data.claims, request.client));
  const said = Object.assign({}, data, { authorizationID, clientID, subject: outward, expiresAt, claims });
  const { token, id, digest } = await format.mint(said, settings.issuer);
  if (token.length > LONGEST_TOKEN) warnOfLength(token, clientID);
  const stored = Object.assign(data, { digest }, standingOf(granted, options)); // changes `data`, of which `said` is a copy
  const whose = options.isPart ? { authorizationID, clientID } : granted;
  const record = recordOf(whose, 'access_token', id, expiresAt, toAccessRecord(stored));
  const { tokenType, tellsExpiration } = request;
  const refresh = options.withRefreshToken ? mintRefreshToken(settings, request, granted, options, now) : undefined;
  const tokens: { -readonly [Name in keyof IssuedTokens]: IssuedTokens[Name] } = { access_token: token };
  if (tokenType !== undefined) tokens.token_type = tokenType;
  tokens.expires_in = expiresAt - now;
  if (refresh) tokens.refresh_token = refresh.token;
  if (refresh && tellsExpiration === true) Object.assign(tokens, expirationOf(refresh, now));
  // RFC 6749 §5.1: without `scope`, the client would assume that it got all that it asked for
  if (scope.length > 0 || granted.request.scope?.length) tokens.scope = scope.join(' ');
  return {
    tokens,
    records: refresh ? [record, ...refresh.records] : [record],
    kinds: refresh ? ['access_token', 'refresh_token'] : ['access_token'],
    scope,
    claims: request.claims,
    audience,
    expiresAt,
  };
}

/** The members of an event about tokens. */
export function told({ kinds, scope, claims, audience }: Pick<Minted, 'kinds' | 'scope' | 'claims' | 'audience'>) {
  return { kinds, scope, ...(claims && { claims }), ...(audience && { audience }) };
}
