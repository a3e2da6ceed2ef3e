import { CLOCK_SKEW } from '../clock.js';
import { TokenError } from '../errors/token-error.js';
import type { Respond } from '../plugs.js';
import type { Authorization, Awaitable, IssuedTokens, TokenRequest, Transaction } from '../types.js';
import { findAdoptedCode, foreignCode } from './adopt-code.js';
import { newGranted } from './allowed.js';
import { answerReplay, consumeOrGiveUp, report, revokeFamily, type Service, serving, type Whose } from './audit.js';
import { isBegunBy, standInFor } from './foreign.js';
import { authorizedAtOf, furtherOf, type Granted, toGranted, toGrantedRecord } from './granted.js';
import { mint, told } from './mint.js';
import { idOf, isOfKind, newSecret } from './secret.js';
import type { Consumed, StoredRecord } from './store.js';

/** The callbacks for authorization codes: `grant.code(tokens.code)` and `exchange.code(tokens.code)`. */
export interface CodeService<C, U> {
  /** Makes a code: for the grant. */
  issue(txn: Transaction<C, U>, authorization: Authorization): Promise<string>;
  /** Makes tokens and spends the code in one atomic step: for the exchange. */
  issue(granted: Granted, request: TokenRequest<C>, respond?: Respond): Promise<IssuedTokens>;
  /** Looks a code up, without spending it. */
  redeem(code: string, request: TokenRequest<C>): Promise<Granted | undefined>;
  /** Invalidates a code, because its client has sent a wrong verifier or key. */
  spend(granted: Granted, request: TokenRequest<C>): Promise<void>;
  /** Whether a code cannot be redeemed any more. A user who presses "Allow" twice is sent the same code again only while it can be. */
  isSpent(code: string): Promise<boolean>;
}

/** The new authorization of a transaction's user. @throws TypeError without a user */
export function grantedBy<C, U>(
  service: Service<C, U>,
  { user }: Transaction<C, U>,
  authorization: Authorization,
): Awaitable<Granted> {
  if (user === undefined)
    throw new TypeError(
      'Nobody is logged in: ctx.state.user must be the resource owner. Put your login before server.authorization() and server.decision()',
    );
  return newGranted(service, authorization, user);
}

async function issueCode<C, U>(
  service: Service<C, U>,
  txn: Transaction<C, U>,
  authorization: Authorization,
): Promise<string> {
  const { settings } = service;
  const granted = await grantedBy(service, txn, authorization);
  const { authorizationID, clientID, subject, scope } = granted;
  const code = newSecret('code', authorizationID);
  const now = settings.now();
  const { accessToken } = settings.lifetimes(txn.client);
  // a second use is recognized for as long as tokens from the code may be valid
  const expiresAt = now + Math.max(settings.codeLifetime(txn.client), accessToken);
  const record = {
    id: idOf(code),
    kind: 'code',
    authorizationID,
    clientID,
    subject,
    expiresAt,
    data: toGrantedRecord(granted, granted.confirmation),
  } as const;
  await settings.store.put([record], now);
  report(service, 'issued', granted, Object.assign(furtherOf(granted), { kinds: ['code' as const], scope }));
  return code;
}

const REFUSAL = 'Invalid authorization code';

/**
 * Whether a code that this service issued has not expired; its record stays in the store for longer. A code with an issue time in the future is refused:
 * the clock was wrong when it was issued, and the code would be valid for too long.
 */
function isInTime<C, U>({ settings }: Service<C, U>, client: C, record: StoredRecord): boolean {
  const authorizedAt = authorizedAtOf(record);
  if (typeof authorizedAt !== 'number') return true;
  const age = settings.now() - authorizedAt;
  return age >= -CLOCK_SKEW && age < settings.codeLifetime(client);
}

/** The record of a code. */
interface FoundCode {
  readonly record: StoredRecord | undefined;
  readonly isInTime: boolean;
}

async function findCode<C, U>(service: Service<C, U>, code: string, client: C): Promise<FoundCode> {
  const { store, now } = service.settings;
  const own = isOfKind('code', code) ? await store.get(idOf(code), now()) : undefined;
  if (own?.kind === 'code') return { record: own, isInTime: isInTime(service, client, own) };
  return { record: await findAdoptedCode(service, code, client), isInTime: true };
}

/** @param whose the code's record or authorization; if the code does not belong to the client, the client that sent it */
function deny<C, U>(service: Service<C, U>, whose: Whose, reason: string): void {
  report(service, 'denied', whose, { kind: 'code', reason });
}

/** Whether a code was used so recently that a second use by its client is only refused, and does not end the tokens. */
function isTolerated<C, U>({ settings }: Service<C, U>, { record, now }: Consumed): boolean {
  const { consumedAt = Number.NaN } = record;
  return settings.tolerateRepeatedCode > 0 && Math.abs(now - consumedAt) <= settings.tolerateRepeatedCode;
}

/** Refuses a code that was used before. @see RFC 6749 §4.1.2 */
async function refuseSpent<C, U>(service: Service<C, U>, client: C, record: StoredRecord): Promise<void> {
  if (!service.givenUp.has(record.id, service.settings.now())) return answerReplay(service, client, record, 'code');
  // the client was told to try again, so this is not a theft. Nobody has received the tokens, so they are revoked
  deny(service, record, 'used, and the answer was lost in an outage of the store');
  await revokeFamily(service, client, record);
}

/** Looks a code up. It is spent only in `issue`, in one step with storing the tokens: if a check in between refuses the request, the code stays usable. */
async function redeem<C, U>(
  service: Service<C, U>,
  code: string,
  { client }: TokenRequest<C>,
): Promise<Granted | undefined> {
  const { settings } = service;
  const clientID = settings.clientID(client);
  const { record, isInTime } = await findCode(service, code, client);
  if (record?.clientID !== clientID) {
    // RFC 6749 §4.1.3: the code must have been issued to this client. Another client can neither use nor spend it
    deny(service, { clientID }, record ? "another client's" : 'unknown or expired');
    return undefined;
  }
  if (record.consumedAt !== undefined) {
    const spent =
      settings.tolerateRepeatedCode > 0 ? await settings.store.consume(record.id, { now: settings.now() }) : undefined;
    if (spent && isTolerated(service, spent)) return toGranted(record); // the verifier is compared later: `exchange` then refuses the code
    await refuseSpent(service, client, record);
  } else if (!isInTime) deny(service, record, 'expired, or issued while a clock was ahead');
  else return toGranted(record);
  return undefined;
}

/** The ID that the code of a request is stored under. */
function codeIDIn<C, U>({ settings }: Service<C, U>, { params }: TokenRequest<C>, granted: Granted): string {
  const code = params.get('code') ?? '';
  const foreign = foreignCode(code);
  return idOf(settings.adoptCode && isBegunBy(granted, foreign) ? standInFor(foreign) : code);
}

/** Spends a code, and stores its tokens. @throws TokenError if the code was spent, or its authorization ended, meanwhile */
async function exchange<C, U>(
  service: Service<C, U>,
  granted: Granted,
  request: TokenRequest<C>,
  respond: Respond | undefined,
): Promise<IssuedTokens> {
  const { settings } = service;
  const { client } = request;
  const withRefreshToken = settings.givesRefreshToken(client, granted);
  const options = { withRefreshToken, isPublic: settings.isPublic(request), isFinal: !settings.rotates(request) };
  const minted = await mint(settings, request, granted, options);
  const { tokens, records: next } = minted;
  await respond?.(tokens); // before the code is spent: if this throws, the code stays usable
  const consumed = await consumeOrGiveUp(service, codeIDIn(service, request, granted), { now: settings.now(), next });
  if (consumed?.first) {
    report(service, 'issued', granted, told(minted));
    return tokens;
  }
  if (!consumed) deny(service, granted, 'expired or revoked meanwhile');
  else if (isTolerated(service, consumed)) deny(service, granted, 'used a moment ago');
  else await refuseSpent(service, client, consumed.record);
  throw new TokenError(REFUSAL, 'invalid_grant');
}

async function spend<C, U>(service: Service<C, U>, granted: Granted, request: TokenRequest<C>): Promise<void> {
  const { settings } = service;
  const consumed = await consumeOrGiveUp(service, codeIDIn(service, request, granted), { now: settings.now() });
  if (consumed && !consumed.first) return refuseSpent(service, request.client, consumed.record);
  deny(service, granted, 'a wrong code_verifier or key: nobody can use this code any more');
}

export function codeService<C, U>(service: Service<C, U>): CodeService<C, U> {
  async function issue(txn: Transaction<C, U>, authorization: Authorization): Promise<string>;
  async function issue(granted: Granted, request: TokenRequest<C>, respond?: Respond): Promise<IssuedTokens>;
  async function issue(first: Transaction<C, U> | Granted, second: Authorization | TokenRequest<C>, respond?: Respond) {
    if (!('authorizationID' in first)) return issueCode(service, first, second as Authorization);
    const request = second as TokenRequest<C>;
    return exchange(serving(service, request), first, request, respond);
  }
  return {
    issue,
    redeem: (code, request) => redeem(serving(service, request), code, request),
    spend: (granted, request) => spend(serving(service, request), granted, request),
    async isSpent(code) {
      const record = await service.settings.store.get(idOf(code), service.settings.now());
      return record === undefined || record.consumedAt !== undefined;
    },
  };
}
