import type { Authorization, IssuedTokens, TokenRequest, Transaction } from '../types.js';
import { answerReplay, report, type Service } from './audit.js';
import { type Granted, type GrantedData, toData, toGranted } from './granted.js';
import { type MintOptions, mint } from './issue.js';
import type { Settings } from './options.js';
import { idOf, isOfKind, newAuthorizationID, newSecret } from './secret.js';
import type { StoredRecord } from './store.js';

/** Fills both slots of the authorization code: `grant.code(tokens.code)` and `exchange.code(tokens.code)`. */
export interface CodeService<C, U> {
  /** Makes a code: for the grant. */
  issue(txn: Transaction<C, U>, authorization: Authorization): Promise<string>;
  /** Makes tokens: for the exchange. */
  issue(granted: Granted, request: TokenRequest<C>): Promise<IssuedTokens>;
  redeem(code: string, request: TokenRequest<C>): Promise<Granted | undefined>;
}

/** RFC 9068 §5: no user may pass for a client, which is its own subject. @throws Error */
export function subjectFor<C, U>(settings: Settings<C, U>, user: U, clientID: string): string {
  const subject = settings.subject(user);
  if (subject === clientID)
    throw new Error(`A user and the client have one identifier, ${subject}: tokenService({ subject })`);
  return subject;
}

/** A transaction's authorization as a new act of a user. @throws TypeError without a user */
export function grantedBy<C, U>(
  { settings }: Service<C, U>,
  { user }: Transaction<C, U>,
  authorization: Authorization,
): Granted {
  if (user === undefined) throw new TypeError('Nobody is logged in: ctx.state.user must be the resource owner');
  const { clientID, redirectURI, scope, request } = authorization;
  const whose = { authorizationID: newAuthorizationID(), subject: subjectFor(settings, user, clientID) };
  const when = { authorizedAt: settings.now(), authentication: settings.authenticationEvent(user) };
  return { clientID, redirectURI, scope, request, ...whose, ...when };
}

async function issueCode<C, U>(
  service: Service<C, U>,
  txn: Transaction<C, U>,
  authorization: Authorization,
): Promise<string> {
  const { settings } = service;
  const granted = grantedBy(service, txn, authorization);
  const { authorizationID, clientID, subject, scope } = granted;
  const code = newSecret('code', authorizationID);
  const now = settings.now();
  const { code: lifetime, accessToken } = settings.lifetimes(txn.client);
  const expiresAt = now + Math.max(lifetime, accessToken); // a replay is known for as long as what came from it may live
  const record = {
    id: idOf(code),
    kind: 'code',
    authorizationID,
    clientID,
    subject,
    expiresAt,
    data: toData(granted),
  } as const;
  await settings.store.put([record], now);
  report(service, 'issued', granted, { kinds: ['code'], scope });
  return code;
}

/** Makes and stores tokens: one round trip, all or none. */
export async function issueTokens<C, U>(
  service: Service<C, U>,
  client: C,
  granted: Granted,
  options: MintOptions,
): Promise<IssuedTokens> {
  const { settings } = service;
  const minted = await mint(settings, client, granted, options);
  await settings.store.put(minted.records, settings.now());
  report(service, 'issued', granted, { kinds: minted.kinds, scope: minted.scope });
  return minted.tokens;
}

/** Whether a code was redeemed while it was good: its record stays longer. */
function wasInTime<C, U>({ settings }: Service<C, U>, client: C, { consumedAt = 0, data }: StoredRecord): boolean {
  const { authorizedAt } = (data ?? {}) as Partial<GrantedData>;
  return typeof authorizedAt !== 'number' || consumedAt < authorizedAt + settings.lifetimes(client).code;
}

/** RFC 6749 §4.1.2: a code is used once; when it comes again, all that was issued from it SHOULD be revoked. */
async function redeem<C, U>(
  service: Service<C, U>,
  code: string,
  { client }: TokenRequest<C>,
): Promise<Granted | undefined> {
  const { settings } = service;
  const clientID = settings.clientID(client);
  const consumed = isOfKind('code', code)
    ? await settings.store.consume(idOf(code), { now: settings.now() })
    : undefined;
  const isOwn = consumed?.record.clientID === clientID;
  if (!isOwn) {
    const reason = consumed ? "another client's" : 'unknown or expired';
    report(service, 'denied', { clientID }, { kind: 'code', reason });
    return undefined;
  }
  const { first, record } = consumed;
  const inTime = wasInTime(service, client, record);
  if (first && inTime) return toGranted(record);
  if (inTime) await answerReplay(service, client, record);
  else report(service, 'denied', record, { kind: 'code', reason: 'expired' });
  return undefined;
}

export function codeService<C, U>(service: Service<C, U>): CodeService<C, U> {
  async function issue(txn: Transaction<C, U>, authorization: Authorization): Promise<string>;
  async function issue(granted: Granted, request: TokenRequest<C>): Promise<IssuedTokens>;
  async function issue(first: Transaction<C, U> | Granted, second: Authorization | TokenRequest<C>) {
    if (!('authorizationID' in first)) return issueCode(service, first, second as Authorization);
    const { settings } = service;
    const request = second as TokenRequest<C>;
    const { client, confirmation } = request;
    const withRefreshToken = settings.givesRefreshToken(client, first);
    return issueTokens(service, client, first, {
      confirmation,
      withRefreshToken,
      isPublic: settings.isPublic(request),
    });
  }
  return { issue, redeem: (code, request) => redeem(service, code, request) };
}
