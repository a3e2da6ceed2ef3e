/** What the user must still do before a request can be allowed. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { reasoned } from '../errors/reason.js';
import { perRequest } from '../http/per-request.js';
import { isNear } from '../options.js';
import { withhold } from '../state.js';
import type { Awaitable, Transaction } from '../types.js';

/** The prompt that the decision dialog fulfils. */
const CONSENT = 'consent';

/** After these prompts, another user may be logged in than when the request came. */
const OF_ANOTHER_USER: ReadonlySet<string> = new Set(['login', 'select_account', 'create']);

export interface DoneOptions {
  /**
   * What the user has just done on account of the waiting request: `login`, `select_account`, `create`, or a prompt of an extension. After one of
   * these three, the request continues for the user who is logged in now, even if it began for another user. Default: nothing.
   */
  readonly done?: (ctx: Context) => Awaitable<readonly string[]>;
}

/** What was done, and whether the request may continue for another user. */
export interface Done {
  readonly words: readonly string[];
  readonly mayBeAnothers: boolean;
}

/** Whether somebody else may be logged in after this was done. */
export function mayBeAnothers(done: readonly string[]): boolean {
  return done.some((word) => OF_ANOTHER_USER.has(word));
}

/**
 * Refuses a misspelt prompt, which would stay due for ever. Extensions may have prompts of their own, so only a word that is nearly a known one is
 * refused.
 *
 * @throws TypeError
 */
export function requireDone(words: readonly string[]): void {
  for (const word of words) {
    const meant = OF_ANOTHER_USER.has(word) ? undefined : [...OF_ANOTHER_USER].find((known) => isNear(word, known));
    if (meant !== undefined) throw new TypeError(`done has no word ${JSON.stringify(word)}. Did you mean ${meant}?`);
  }
}

/** Keeps what `done` gave: a resumption that is spread into two middleware reads it twice, and the application's `done` may give it only once. */
const known = perRequest<Done>('done');

export async function doneBy(ctx: Context, { done }: DoneOptions): Promise<Done> {
  const earlier = known.of(ctx);
  if (earlier) return earlier;
  const words = (await done?.(ctx)) ?? [];
  requireDone(words);
  const told = { words, mayBeAnothers: mayBeAnothers(words) };
  known.set(ctx, told);
  return told;
}

/** What the extensions require of the user. */
export async function promptsOf<C, U>(core: Core<C, U>, txn: Transaction<C, U>): Promise<readonly string[]> {
  const due = new Set<string>();
  for (const { authorization } of core.extensions) {
    const prompts = authorization?.prompt?.(txn);
    for (const prompt of (prompts && (await prompts)) ?? []) due.add(prompt);
  }
  return [...due];
}

/** The prompts for the next page: consent, if nothing else is due. */
export function toShow(prompts: readonly string[]): readonly string[] {
  return prompts.length > 0 ? prompts : [CONSENT];
}

/**
 * Refuses a decision while the user must do something else first. The dialog still waits, and nothing is sent to the client.
 *
 * @throws ForbiddenError
 */
export async function requirePrompted<C, U>(core: Core<C, U>, txn: Transaction<C, U>): Promise<void> {
  const left = (await promptsOf(core, txn)).filter((prompt) => prompt !== CONSENT);
  if (left.length === 0) return;
  withhold(txn);
  throw reasoned(
    new ForbiddenError(`Before this can be allowed, you have to complete: ${left.join(', ')}`),
    'A decision came before what an extension requires of the user',
    {
      client: txn.req.clientID,
      due: left,
    },
  );
}
