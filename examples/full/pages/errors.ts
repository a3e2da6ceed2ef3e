/** What went wrong, for people as a page and for programs as JSON: what happened and what to do, and nothing that an attacker wants. */
import type { Context, Middleware } from 'koa';
import { AnsweredError, AuthorizationError } from 'koauthorize';
import { referenceOf } from '../logging.js';
import * as views from '../views/index.js';

interface Words {
  readonly title: string;
  readonly message: string;
}

/** By status. A cause is for the log. */
const WORDS: Readonly<Record<number, Words>> = {
  400: {
    title: 'This link does not work',
    message: 'The application that sent you here made a mistake. We have not sent anything about you to it.',
  },
  403: {
    title: 'This page is too old',
    message:
      'It was open for too long, was answered already, or is from before you logged in. Nothing was allowed by it.',
  },
  404: { title: 'There is no such page', message: 'The address may be misspelt, or the page is gone.' },
  405: { title: 'There is no such page', message: 'This address is not for opening in a browser.' },
  429: { title: 'Too many attempts', message: 'Somebody, perhaps you, has tried too often.' },
  503: {
    title: 'We cannot answer right now',
    message: 'This is our fault, and nothing of what you sent is lost or wrong.',
  },
};
const THEIRS: Words = {
  title: 'We do not understand that',
  message: 'What your browser sent is not what we expected.',
};
const OURS: Words = { title: 'Something went wrong here', message: 'This is our fault, and we have been told of it.' };

const wordsFor = (status: number): Words => WORDS[status] ?? (status < 500 ? THEIRS : OURS);

/** Whoever answers a dialog again is told what became of the first answer. */
const answered = ({ allowed }: AnsweredError): Words => ({
  title: 'You have answered this already',
  message: allowed
    ? 'You allowed it, and the application has been told. Go back to it. You can take it back under "Connected applications".'
    : 'You did not allow it, and the application has been told. Nothing was allowed by what you did now.',
});

const wordsOf = (status: number, error: unknown): Words =>
  error instanceof AnsweredError ? answered(error) : wordsFor(status);

function statusOf(error: unknown): number {
  const status = Number(Reflect.get(Object(error), 'status'));
  // what the request of a client got wrong before it could be told: 403 means something else to the person who is here
  if (error instanceof AuthorizationError && status < 500) return 400;
  return status >= 400 && status < 600 ? status : 500;
}

function answer(ctx: Context, status: number, error?: unknown): void {
  const words = wordsOf(status, error);
  const retryAfter: unknown = Reflect.get(Object(error), 'retryAfter');
  const reference = referenceOf(ctx);
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  if (typeof retryAfter === 'number') ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  // browsers ask for HTML by name; programs for JSON, or for whatever there is
  if (ctx.accepts('json', 'html') === 'html') {
    ctx.type = 'html';
    ctx.body = views.error({ status, ...words, reference });
  } else ctx.body = { error: words.title, reference };
}

/** Around everything: whatever is thrown becomes an answer, and an entry in the log of the same reference. */
export const errorPages: Middleware = async (ctx, next) => {
  try {
    await next();
    if (ctx.status === 404 && !ctx.body) answer(ctx, 404);
  } catch (error) {
    answer(ctx, statusOf(error), error);
    ctx.app.emit('error', error, ctx);
  }
};
