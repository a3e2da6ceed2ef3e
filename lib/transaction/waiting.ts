/** Limits how many dialogs wait in one browser, for transaction stores that do not do so themselves. */
import type { Context } from 'koa';
import { warnOnce } from '../errors/warning.js';
import type { TransactionOptions, TransactionStore } from '../plugs.js';
import { MAX_WAITING } from './session.js';
import { fitsInCookie, isInCookie, type Records, recordsOf, type Session, sessionKeyIn } from './session-access.js';
import { drop, type Shared, share } from './shared.js';

/** The IDs of the records that a store keeps for one browser, in the order in which they were stored. */
interface Notes {
  /** Oldest first. */
  ids(): readonly string[];
  add(id: string): void;
  delete(id: string): void;
}

/** How often a request checks whether too many dialogs wait. */
const LOOKS = 3;

const NONE: Notes = { ids: () => [], add: () => {}, delete: () => {} };

function inOrder(notes: Records<number>): string[] {
  return Object.keys(notes).sort((a, b) => (notes[a] ?? 0) - (notes[b] ?? 0));
}

function next(notes: Records<number>): number {
  return Math.max(0, ...Object.values(notes)) + 1;
}

/** Notes in a session that is kept on the server. Concurrent requests of the session share them. */
function sharedNotes(session: Session, sessionKey: string, member: string): Notes {
  const change = <T>(alter: (notes: Shared<number>) => T): T => share(session, sessionKey, member, alter);
  return {
    ids: () => change(({ values }) => inOrder(values)),
    add(id) {
      change(({ values, gone }) => {
        gone.delete(id);
        values[id] = next(values);
      });
    },
    delete: (id) => void change((notes) => drop(notes, id)),
  };
}

/** Notes in a session that only this request has. If the session is kept in a cookie without room for them, they are not kept. */
function ownNotes(ctx: Context, session: Session, member: string): Notes {
  const change = (alter: (notes: Records<number>) => void): void => {
    const notes = { ...recordsOf<number>(session, member) };
    alter(notes);
    if (!isInCookie(ctx, session) || fitsInCookie(ctx, session, member, notes)) session[member] = notes;
  };
  return {
    ids: () => inOrder(recordsOf<number>(session, member) ?? {}),
    add(id) {
      change((notes) => {
        notes[id] = next(notes);
      });
    },
    delete(id) {
      change((notes) => {
        delete notes[id];
      });
    },
  };
}

function notesOf(ctx: Context, member: string): Notes {
  const session: Session | null | undefined = ctx['session'];
  if (session) {
    const sessionKey = sessionKeyIn(ctx, session);
    return sessionKey === undefined ? ownNotes(ctx, session, member) : sharedNotes(session, sessionKey, member);
  }
  warnOnce(
    'KOAUTHORIZE_UNBOUNDED_TRANSACTIONS',
    'There is no session, and the transaction store has neither waiting() nor isBounded, so one browser may store any number of transactions.',
  );
  return NONE;
}

/** The session member for the notes. Answers have their own, so that they do not push out waiting transactions. */
function memberFor(answer: string | undefined, { sessionKey }: TransactionOptions): string {
  return `${sessionKey}.${answer === undefined ? 'waiting' : 'answers'}`;
}

/**
 * The IDs of the dialogs to remove after the dialog `id` was stored: at most eight, because concurrent requests all see the same surplus, and all remove it.
 *
 * @param waiting the IDs of the waiting dialogs, oldest first
 */
function surplusOf(waiting: readonly string[], id: string): readonly string[] {
  const isCrowd = waiting.length > 2 * MAX_WAITING;
  if (isCrowd && !waiting.slice(-MAX_WAITING).includes(id)) return [id]; // of very many concurrent requests, each removes only its own dialog
  const surplus = Math.max(0, waiting.length - MAX_WAITING);
  return waiting.filter((other) => other !== id).slice(0, Math.min(surplus, MAX_WAITING));
}

/** Removes the surplus dialogs, and checks again, because concurrent requests may have stored more. The number of checks is limited, to bound the work. */
async function removeSurplus(store: TransactionStore, ctx: Context, id: string, options: TransactionOptions) {
  for (let looks = 0; looks < LOOKS; looks++) {
    const surplus = surplusOf((await store.waiting?.(ctx, options)) ?? [], id);
    if (surplus.length === 0) return;
    for (const one of surplus) await store.remove(ctx, one, options);
    if (surplus.includes(id)) return;
  }
}

/**
 * Wraps a store so that at most eight dialogs of one browser wait: a further one removes the oldest. The waiting ones are known from the store's `waiting`,
 * or else from notes in the session.
 */
export function bounded(store: TransactionStore): TransactionStore {
  if (store.isBounded) return store;
  return {
    load: (ctx, id, options) => store.load(ctx, id, options),
    update: (ctx, id, record, options) => store.update(ctx, id, record, options),
    renew: (ctx, options) => store.renew?.(ctx, options),
    waiting: (ctx, options) => store.waiting?.(ctx, options) ?? notesOf(ctx, memberFor(undefined, options)).ids(),
    async store(ctx, id, record, options) {
      if (record.answer === undefined && store.waiting) {
        await store.store(ctx, id, record, options);
        return removeSurplus(store, ctx, id, options);
      }
      const notes = notesOf(ctx, memberFor(record.answer, options));
      const others = notes.ids().filter((other) => other !== id);
      const surplus = others.slice(0, Math.max(0, others.length + 1 - MAX_WAITING));
      for (const oldest of surplus) notes.delete(oldest);
      notes.add(id); // before the first await, so that each of many concurrent requests is counted
      for (const oldest of surplus) await store.remove(ctx, oldest, options);
      await store.store(ctx, id, record, options);
      // Concurrent requests may have stored newer ones and removed the note of this one as the oldest
      if (notes.ids().length >= MAX_WAITING && !notes.ids().includes(id)) await store.remove(ctx, id, options);
    },
    async remove(ctx, id, options) {
      const isRemoved = await store.remove(ctx, id, options);
      if (!store.waiting) notesOf(ctx, memberFor(undefined, options)).delete(id);
      return isRemoved;
    },
  };
}
