/** What the user must do before a request can be allowed. @see OpenID Connect Core §3.1.2.1, §3.1.2.3 */
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { warnOnce } from '../../errors/warning.js';
import { LOGGED_IN, warnOfNoACR } from '../../login/no-acr.js';
import { isRecent } from '../../login/recent.js';
import { unmet } from '../../login/request.js';
import type { AuthenticationEvent, AuthorizationRequest, Awaitable, Transaction } from '../../types.js';
import { isExpectedUser } from './expected-user.js';
import type { OpenIDOptions } from './options.js';
import { valuesOf } from './requested-claims.js';

/** A transaction, with the login of its user. */
interface Seen<C, U> {
  readonly txn: Transaction<C, U>;
  readonly login: AuthenticationEvent;
  readonly now: number;
}

function wasDone({ done = [] }: Transaction<unknown, unknown>, words: readonly string[]): boolean {
  return words.some((word) => done.includes(word));
}

/**
 * Whether the user has logged in since the request came. `done` alone is not enough, the time of the login counts, too: if another tab has saved an older state
 * of the session, the ID token would have the `auth_time` of an earlier login.
 */
function isFresh<C, U>({ txn, login: { authenticatedAt } }: Seen<C, U>): boolean {
  const isDone = wasDone(txn, LOGGED_IN);
  if (authenticatedAt === undefined || txn.at === undefined) return isDone;
  if (!isDone) return authenticatedAt > txn.at; // a login in the same second may have been before the request
  if (authenticatedAt >= Math.floor(txn.at)) return true;
  warnOnce(
    'KOAUTHORIZE_OLD_LOGIN',
    'A login was done for a request, and createServer({ authenticationEvent }) gives the time of an earlier one, so the user has to log in again.',
  );
  return false;
}

/** `prompt=login` and `max_age=0` require a new login, even if the user has logged in within this very second. */
function lacksLogin<C, U>(seen: Seen<C, U>): boolean {
  const { prompt, maxAge } = seen.txn.req;
  return (prompt?.includes('login') === true || maxAge === 0) && !isFresh(seen);
}

/** Warns the operator if a login can never satisfy the request. At the first page, `txn.at` is not set yet. */
function warnOfLoop<C, U>({ txn, login: { authenticatedAt } }: Seen<C, U>): void {
  if (txn.at === undefined || authenticatedAt !== undefined) return;
  warnOnce(
    'KOAUTHORIZE_LOGIN_UNKNOWN',
    'A request that needs a login came back, and nothing says whether the user has logged in for it, so the login stays due: say done: ["login"] to server.renewSession() or server.resume(), or authenticatedAt in createServer({ authenticationEvent }).',
  );
}

/** @throws Error if the application does not tell when users logged in: they would have to log in again and again */
function isTooOld<C, U>({ txn, login: { authenticatedAt }, now }: Seen<C, U>): boolean {
  const { maxAge } = txn.req;
  if (maxAge === undefined) return false;
  if (authenticatedAt === undefined && wasDone(txn, LOGGED_IN))
    throw new Error('max_age needs createServer({ authenticationEvent }), with authenticatedAt: when users logged in');
  return !isRecent(authenticatedAt, maxAge, { at: txn.at ?? now, now });
}

/**
 * Whether the login lacks the `acr` that the client requires. If `acrValues` has that value, the user is asked until they have logged in with it.
 *
 * @throws AuthorizationError without `acrValues`, if the user has just logged in with another `acr`. @see OpenID Connect Core §5.5.1.1
 */
function lacksACR<C, U>({ txn, login }: Seen<C, U>, { acrValues }: OpenIDOptions<C, U>): boolean {
  const { acr } = login;
  const request = txn.req.claims?.id_token?.['acr'];
  if (request?.essential !== true) return false;
  const wanted = valuesOf(request);
  if (acr !== undefined && (wanted?.includes(acr) ?? true)) return false;
  if (acrValues) warnOfNoACR(txn, login);
  if (acrValues || !wasDone(txn, LOGGED_IN)) return true;
  throw unmet('The login is not what the client needs', 'claims asks for another acr, as an essential claim', {
    acr,
    wanted,
  });
}

/** The prompts that the client asks for, apart from `login`. */
function asked<C, U>(txn: Transaction<C, U>): string[] {
  const { prompt = [] } = txn.req;
  const isDue = (word: string, met: readonly string[]): boolean => prompt.includes(word) && !wasDone(txn, met);
  return [
    ...(isDue('create', ['create']) ? ['create'] : []),
    ...(isDue('select_account', ['select_account', ...LOGGED_IN]) ? ['select_account'] : []), // a user who has just logged in has chosen an account
    ...(prompt.includes('consent') ? ['consent'] : []),
  ];
}

/** Whether a request has no conditions for the login. */
function asksNothing({ prompt, maxAge, idTokenHint, claims }: AuthorizationRequest): boolean {
  return prompt === undefined && maxAge === undefined && idTokenHint === undefined && claims === undefined;
}

/** What the user must still do. */
export function promptsFor<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  txn: Transaction<C, U>,
): Awaitable<readonly string[] | undefined> {
  return txn.user !== undefined && asksNothing(txn.req) ? undefined : judgeLogin(core, options, txn);
}

async function judgeLogin<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  txn: Transaction<C, U>,
): Promise<readonly string[]> {
  const words = asked(txn);
  const { user } = txn;
  if (user === undefined) return words.includes('create') ? words : ['login', ...words]; // creating an account logs the user in
  const seen: Seen<C, U> = { txn, login: core.authenticationEvent(user) ?? {}, now: core.now() };
  const isChosen = wasDone(txn, [...LOGGED_IN, 'select_account']);
  const isExpected = await isExpectedUser(core, txn, { user, isChosen });
  const isOld = isExpected && (lacksLogin(seen) || isTooOld(seen));
  if (isOld) warnOfLoop(seen);
  const isDue = !isExpected || isOld || lacksACR(seen, options);
  return isDue ? ['login', ...words] : words;
}

/** The error for prompts that are due. @see OpenID Connect Core §3.1.2.6 */
function errorFor(due: readonly string[]): readonly [code: string, message: string] {
  if (due.includes('login')) return ['login_required', 'The user has to log in'];
  if (due.includes('select_account')) return ['account_selection_required', 'The user has to choose an account'];
  if (due.every((word) => word === 'consent')) return ['consent_required', 'The user has to be asked'];
  return ['interaction_required', 'The user has to be asked'];
}

/** `prompt=none`: no page is shown. @throws AuthorizationError */
export function requireNoPage<C, U>({ req, prompts = [] }: Transaction<C, U>): void {
  if (!req.prompt?.includes('none')) return;
  const [code, message] = errorFor(prompts);
  throw reasoned(new AuthorizationError(message, code), 'The client asks by prompt=none that no page is shown', {
    due: prompts,
  });
}
