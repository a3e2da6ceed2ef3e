import { TokenError } from '../errors/token-error.js';
import type { Respond } from '../plugs.js';
import { seal } from '../secrets/seal.js';
import type { IssuedTokens, TokenRequest } from '../types.js';
import { foreignToken } from './adopt.js';
import { answerAgain, toAnswer } from './again.js';
import { answerReplay, consumeOrGiveUp, report, type Service, serving } from './audit.js';
import { findRefreshToken } from './find.js';
import { isBegunBy, standInFor } from './foreign.js';
import { type Granted, toGranted } from './granted.js';
import { mint, told } from './mint.js';
import { counted, countHere } from './refreshes.js';
import { idOf, isOfKind } from './secret.js';
import type { Consumed, StoredRecord } from './store.js';

/** The callbacks for the refresh token exchange: rotation, with detection of replays. */
export interface RefreshTokenService<C> {
  redeem(refreshToken: string, request: TokenRequest<C>): Promise<Granted | undefined>;
  issue(granted: Granted, request: TokenRequest<C>, respond?: Respond): Promise<IssuedTokens>;
}

const REFUSAL = 'Invalid refresh token';

/**
 * The least seconds for which a spent refresh token is kept with its sealed response. A client that was told to try again during an outage of up to that
 * length still gets the response.
 */
const KEPT = 120;

/**
 * Whether a spent token may be presented again: within the grace period; or because this process told its client to try again, either when it was not
 * known whether the token was spent, or when the client first sent the token within the grace period. Times of the store and of this process are not
 * compared with each other.
 */
function mayComeAgain<C, U>(service: Service<C, U>, { record, now }: Consumed): boolean {
  const { settings, givenUp, interrupted } = service;
  const { id, consumedAt = Number.NaN, seal: sealed } = record;
  if (sealed === undefined) return false;
  const here = settings.now();
  const age = now - consumedAt;
  const isWithinGrace = settings.grace > 0 && Math.abs(age) <= settings.grace; // the age is negative if the clock was set back
  const delay = here - (interrupted.since(id, here) ?? Number.NaN);
  return isWithinGrace || givenUp.has(id, here) || age - delay <= settings.grace;
}

/** Refuses a spent refresh token that is presented again after the grace period. @param id the ID that it was stored under. @see RFC 9700 §4.14.2 */
async function refuseSpent<C, U>(service: Service<C, U>, client: C, id: string, record: StoredRecord): Promise<void> {
  if (!service.givenUp.has(id, service.settings.now())) return answerReplay(service, client, record, 'refresh_token');
  deny(service, record.clientID, 'spent, and the answer was lost in an outage of the store'); // not a theft, so nothing is revoked
}

function deny<C, U>(service: Service<C, U>, clientID: string, reason: string): void {
  report(service, 'denied', { clientID }, { kind: 'refresh_token', reason });
}

/** The refresh token of a request; if another library issued it, the secret that stands in for it. */
function refreshTokenIn<C, U>({ settings }: Service<C, U>, { params }: TokenRequest<C>, granted: Granted): string {
  const sent = params.get('refresh_token') ?? '';
  const foreign = foreignToken(sent);
  return settings.adopt && isBegunBy(granted, foreign) ? standInFor(foreign) : sent;
}

/** The ID that a refresh token is stored under, judged by its form alone. */
function idOfSent<C, U>({ settings }: Service<C, U>, sent: string): string {
  return idOf(settings.adopt && !isOfKind('refresh_token', sent) ? standInFor(foreignToken(sent)) : sent);
}

/**
 * Looks a refresh token up. It is spent only in `issue`, in one step with storing its successor: if a check in between refuses the request, the token
 * stays usable.
 */
async function redeem<C, U>(
  service: Service<C, U>,
  refreshToken: string,
  { client }: TokenRequest<C>,
): Promise<Granted | undefined> {
  const { settings } = service;
  const clientID = settings.clientID(client);
  const { record, isForgotten } = await findRefreshToken(service, refreshToken, client);
  if (record?.clientID !== clientID) {
    deny(service, clientID, record ? "another client's" : 'unknown, expired or revoked');
    return undefined;
  }
  if (!isForgotten) {
    if (record.consumedAt === undefined) return toGranted(record);
    const spent = await settings.store.consume(record.id, { now: settings.now() }); // only the store's clock tells how long ago it was spent
    if (!spent) {
      deny(service, clientID, 'spent, and expired or revoked meanwhile');
      return undefined;
    }
    if (mayComeAgain(service, spent)) return toGranted(record);
  }
  await refuseSpent(service, client, isForgotten ? idOf(refreshToken) : record.id, record);
  return undefined;
}

/** Issues an access token without replacing the refresh token: for clients that authenticate, if an option or a profile says so. */
async function issueWithoutRotation<C, U>(
  service: Service<C, U>,
  granted: Granted,
  request: TokenRequest<C>,
  respond: Respond | undefined,
): Promise<IssuedTokens> {
  const { settings } = service;
  countHere(service, request.client, granted);
  const minted = await mint(settings, request, granted, { withRefreshToken: false, hasRefreshToken: true });
  await respond?.(minted.tokens);
  const isStored = await settings.store.put(minted.records, settings.now());
  if (!isStored) {
    deny(service, granted.clientID, 'revoked meanwhile');
    throw new TokenError(REFUSAL, 'invalid_grant');
  }
  report(service, 'refreshed', granted, told(minted));
  return minted.tokens;
}

/** Spends the refresh token and stores its successor in one atomic step. @see RFC 9700 §4.14.2 */
async function rotate<C, U>(
  service: Service<C, U>,
  granted: Granted,
  request: TokenRequest<C>,
  respond: Respond | undefined,
): Promise<IssuedTokens> {
  const { settings } = service;
  const refreshToken = refreshTokenIn(service, request, granted);
  const id = idOf(refreshToken);
  const { client } = request;
  const refreshes = counted(service, client, granted.refreshes);
  const options = { withRefreshToken: true, isPublic: settings.isPublic(request), refreshes };
  const minted = await mint(settings, request, granted, options);
  const { tokens, records: next } = minted;
  await respond?.(tokens); // before the token is spent: if this throws, the token stays usable
  const answer = toAnswer(minted, request);
  const now = settings.now();
  const consumed = await consumeOrGiveUp(service, id, {
    now,
    next,
    seal: settings.grace > 0 ? seal(answer, refreshToken) : undefined,
    // tokens of version 0.1.0 and of other libraries have no family, by which they could be recognized without their record
    keepUntil: granted.family && now + Math.max(settings.grace, KEPT),
  });
  if (consumed?.first) {
    report(service, 'refreshed', granted, told(minted));
    return tokens;
  }
  if (consumed && mayComeAgain(service, consumed)) {
    const again = await answerAgain(service, granted, request, refreshToken, consumed.record);
    if (again) return again;
  } else if (consumed) await refuseSpent(service, client, id, consumed.record);
  else deny(service, granted.clientID, 'revoked meanwhile');
  throw new TokenError(REFUSAL, 'invalid_grant');
}

export function refreshTokenService<C, U>(service: Service<C, U>): RefreshTokenService<C> {
  const { settings, interrupted } = service;
  return {
    redeem(refreshToken, request) {
      const redeeming = () => redeem(serving(service, request), refreshToken, request);
      return interrupted.during(redeeming, () => idOfSent(service, refreshToken), settings.now);
    },
    issue(granted, request, respond) {
      const issue = settings.rotates(request) ? rotate : issueWithoutRotation;
      const issuing = () => issue(serving(service, request), granted, request, respond);
      return interrupted.during(issuing, () => idOf(refreshTokenIn(service, request, granted)), settings.now);
    },
  };
}
