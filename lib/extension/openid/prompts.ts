/** What the user must do before a request can be allowed. @see OpenID Connect Core §3.1.2.1, §3.1.2.3 */
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { warnOnce } from '../../errors/warning.js';
import { isRecent } from '../../login/recent.js';
import { unmet } from '../../login/request.js';
import type { AuthenticationEvent, AuthorizationRequest, Awaitable, Transaction } from '../../types.js';
import { isExpectedUser } from './expected-user.js';
import type { OpenIDOptions } from './options.js';
import { valuesOf } from './requested-claims.js';

/** A transaction, and what is known of the user's login. */
interface Seen<C, U> {
  readonly txn: Transaction<C, U>;
  readonly login: AuthenticationEvent;
  readonly now: number;
}

/** Words of `done` after which the user has just logged in on account of this request. */
const LOGGED_IN = ['login', 'create'];

function wasDone({ done = [] }: Transaction<unknown, unknown>, words: readonly string[]): boolean {
  return words.some((word) => done.includes(word));
}

/**
 * Whether the user has logged in since the request came. That a login was done does not count against its time: where another tab has saved the
 * session as it was before the login, the ID token would have the `auth_time` of the login before.
 */
function isFresh<C, U>({ txn, login: { authenticatedAt } }: Seen<C, U>): boolean {
  const isDone = wasDone(txn, LOGGED_IN);
  if (authenticatedAt === undefined || txn.at === undefined) return isDone;
  if (!isDone) return authenticatedAt > txn.at; // one in the same second may have been before the request
  if (authenticatedAt >= Math.floor(txn.at)) return true;
  warnOnce(
    'KOAUTHORIZE_OLD_LOGIN',
    'A login was done for a request, and createServer({ authenticationEvent }) gives the time of an earlier one, so the user has to log in again.',
  );
  return false;
}

/** `prompt=login` asks for another login, and so does `max_age=0`: also of who logged in within this very second. */
function lacksLogin<C, U>(seen: Seen<C, U>): boolean {
  const { prompt, maxAge } = seen.txn.req;
  return (prompt?.includes('login') === true || maxAge === 0) && !isFresh(seen);
}

/** Tells the operator of a login that is due for ever. At the first page there is no time yet at which the request began. */
function warnOfLoop<C, U>({ txn, login: { authenticatedAt } }: Seen<C, U>): void {
  if (txn.at === undefined || authenticatedAt !== undefined) return;
  warnOnce(
    'KOAUTHORIZE_LOGIN_UNKNOWN',
    'A request that needs a login came back, and nothing says whether the user has logged in for it, so the login stays due: say done: ["login"] to server.renewSession() or server.resume(), or authenticatedAt in createServer({ authenticationEvent }).',
  );
}

/** @throws Error where the application never says when users log in: it would ask them to log in for ever */
function isTooOld<C, U>({ txn, login: { authenticatedAt }, now }: Seen<C, U>): boolean {
  const { maxAge } = txn.req;
  if (maxAge === undefined) return false;
  if (authenticatedAt === undefined && wasDone(txn, LOGGED_IN))
    throw new Error('max_age needs createServer({ authenticationEvent }), with authenticatedAt: when users logged in');
  return !isRecent(authenticatedAt, maxAge, { at: txn.at ?? now, now });
}

/**
 * Whether the login is another one than the client needs. Where the application says which logins there are, one of them is what it needs, and the
 * user is asked until they have logged in like that.
 *
 * @throws AuthorizationError where nobody says so, and the user has just logged in otherwise. @see OpenID Connect Core §5.5.1.1
 */
function lacksACR<C, U>({ txn, login: { acr } }: Seen<C, U>, { acrValues }: OpenIDOptions<C, U>): boolean {
  const request = txn.req.claims?.id_token?.['acr'];
  if (request?.essential !== true) return false;
  const wanted = valuesOf(request);
  if (acr !== undefined && (wanted?.includes(acr) ?? true)) return false;
  if (acrValues || !wasDone(txn, LOGGED_IN)) return true;
  throw unmet('The login is not what the client needs', 'claims asks for another acr, as an essential claim', {
    acr,
    wanted,
  });
}

/** What the client asks for by `prompt`, apart from a login. */
function asked<C, U>(txn: Transaction<C, U>): string[] {
  const { prompt = [] } = txn.req;
  const isDue = (word: string, met: readonly string[]): boolean => prompt.includes(word) && !wasDone(txn, met);
  return [
    ...(isDue('create', ['create']) ? ['create'] : []),
    ...(isDue('select_account', ['select_account', ...LOGGED_IN]) ? ['select_account'] : []), // who has just logged in has chosen
    ...(prompt.includes('consent') ? ['consent'] : []),
  ];
}

/** Whether a request asks nothing of the login. */
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
  if (user === undefined) return words.includes('create') ? words : ['login', ...words]; // who creates an account logs in by it
  const seen: Seen<C, U> = { txn, login: core.authenticationEvent(user) ?? {}, now: core.now() };
  const isChosen = wasDone(txn, [...LOGGED_IN, 'select_account']);
  const isExpected = await isExpectedUser(core, txn, { user, isChosen });
  const isOld = isExpected && (lacksLogin(seen) || isTooOld(seen));
  if (isOld) warnOfLoop(seen);
  const isDue = !isExpected || isOld || lacksACR(seen, options);
  return isDue ? ['login', ...words] : words;
}

/** The error for what a user would have to be asked. @see OpenID Connect Core §3.1.2.6 */
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
