import { isDeepStrictEqual } from 'node:util';
import { TokenError } from '../errors/token-error.js';
import type { Confirmation, IssuedTokens, TokenRequest } from '../types.js';
import { answerReplay, report, type Service } from './audit.js';
import { type Granted, toGranted } from './granted.js';
import { type Minted, mint } from './issue.js';
import { seal, unseal } from './seal.js';
import { idOf, isOfKind } from './secret.js';
import type { StoredRecord } from './store.js';

/** Fills the slot of the refresh token exchange: rotation, with re-use detection. */
export interface RefreshTokenService<C> {
  redeem(refreshToken: string, request: TokenRequest<C>): Promise<Granted | undefined>;
  issue(granted: Granted, request: TokenRequest<C>): Promise<IssuedTokens>;
}

const REFUSAL = 'Invalid refresh token';

/** What is sealed for those who lost the answer. */
interface Answer extends Pick<Minted, 'tokens' | 'expiresAt' | 'kinds' | 'scope'> {
  /** The key that the access token is bound to. */
  readonly confirmation?: Confirmation | undefined;
}

/** The same answer again: parallel tabs and lost responses must not log people out. @throws TokenError to whoever has another key */
function answerAgain<C, U>(service: Service<C, U>, record: StoredRecord, request: TokenRequest<C>): IssuedTokens {
  const { tokens, expiresAt, kinds, scope, confirmation } = unseal(record.seal ?? '', presented(request)) as Answer;
  if (!isDeepStrictEqual(confirmation, request.confirmation)) {
    deny(service, record.clientID, 'refreshed a moment ago with another key');
    throw new TokenError(REFUSAL, 'invalid_grant');
  }
  report(service, 'refreshed', record, { kinds, scope, again: true });
  return { ...tokens, expires_in: Math.max(0, expiresAt - service.settings.now()) };
}

function isWithinGrace<C, U>({ settings }: Service<C, U>, { consumedAt, seal: sealed }: StoredRecord): boolean {
  if (sealed === undefined || consumedAt === undefined || settings.grace <= 0) return false;
  return Math.abs(settings.now() - consumedAt) <= settings.grace; // either way: clocks differ, and step back
}

function deny<C, U>(service: Service<C, U>, clientID: string, reason: string): void {
  report(service, 'denied', { clientID }, { kind: 'refresh_token', reason });
}

/** The refresh token of a request; `redeem` saw it before. */
function presented<C>({ params }: TokenRequest<C>): string {
  return params.get('refresh_token') ?? '';
}

/**
 * Looks a refresh token up. It is spent only in `issue`, together with the birth of its successor: what is refused in between
 * costs the client nothing.
 */
async function redeem<C, U>(
  service: Service<C, U>,
  refreshToken: string,
  { client }: TokenRequest<C>,
): Promise<Granted | undefined> {
  const { settings } = service;
  const clientID = settings.clientID(client);
  const record = isOfKind('refresh_token', refreshToken)
    ? await settings.store.get(idOf(refreshToken), settings.now())
    : undefined;
  if (record?.clientID !== clientID) {
    deny(service, clientID, record ? "another client's" : 'unknown, expired or revoked');
    return undefined;
  }
  if (record.consumedAt === undefined || isWithinGrace(service, record)) return toGranted(record);
  await answerReplay(service, client, record);
  return undefined;
}

/** Spends the refresh token and brings in its successor, all or nothing. @see RFC 9700 §4.14.2 */
async function issue<C, U>(service: Service<C, U>, granted: Granted, request: TokenRequest<C>): Promise<IssuedTokens> {
  const { settings } = service;
  const refreshToken = presented(request);
  const { client, scope, confirmation } = request;
  const minted = await mint(settings, client, granted, {
    scope,
    confirmation,
    withRefreshToken: true,
    isPublic: settings.isPublic(request),
  });
  const { tokens, expiresAt, kinds, scope: given, records: next } = minted;
  const answer: Answer = { tokens, expiresAt, kinds, scope: given, confirmation };
  const sealed = settings.grace > 0 ? seal(answer, refreshToken) : undefined;
  const consumption = { now: settings.now(), seal: sealed, next };
  const consumed = await settings.store.consume(idOf(refreshToken), consumption);
  if (consumed?.first) {
    report(service, 'refreshed', granted, { kinds, scope: given });
    return tokens;
  }
  if (consumed && isWithinGrace(service, consumed.record)) return answerAgain(service, consumed.record, request);
  if (consumed) await answerReplay(service, client, consumed.record);
  else deny(service, granted.clientID, 'revoked meanwhile');
  throw new TokenError(REFUSAL, 'invalid_grant');
}

export function refreshTokenService<C, U>(service: Service<C, U>): RefreshTokenService<C> {
  return {
    redeem: (refreshToken, request) => redeem(service, refreshToken, request),
    issue: (granted, request) => issue(service, granted, request),
  };
}
