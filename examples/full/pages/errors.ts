/** Answers errors: with a page for people, with JSON for programs. Neither contains details that would help an attacker. */
import type { Context, Middleware } from 'koa';
import { AnsweredError, AuthorizationError, refusalOf, traceIDOf } from 'koauthorize';
import type { App } from '../clients.js';
import * as views from '../views/index.js';

interface Words {
  readonly title: string;
  readonly message: string;
}

/** The texts by status. The cause of an error is only logged. */
const WORDS: Readonly<Record<number, Words>> = {
  400: {
    title: 'This link does not work',
    message: 'The application that sent you here made a mistake. We have not sent anything about you to it.',
  },
  403: {
    title: 'This page is too old',
    message: 'It was open for too long, was answered already, or was opened before you logged in. No access was given.',
  },
  404: { title: 'There is no such page', message: 'The address may be misspelt, or the page was removed.' },
  405: { title: 'There is no such page', message: 'This address cannot be opened in a browser.' },
  429: { title: 'Too many attempts', message: 'Somebody, perhaps you, has tried too often.' },
  503: {
    title: 'We cannot answer right now',
    message: 'This is our fault. You have done nothing wrong.',
  },
};
const THEIRS: Words = {
  title: 'We cannot read this request',
  message: 'Your browser sent something that we did not expect.',
};
const OURS: Words = { title: 'Something went wrong here', message: 'This is our fault, and we have been told of it.' };

const wordsFor = (status: number): Words => WORDS[status] ?? (status < 500 ? THEIRS : OURS);

/**
 * For a user who comes back to a dialog after they have answered it, for example by the Back button: shows the answer, and not an error, unless the form itself
 * is sent again.
 */
function answered(ctx: Context, { allowed, client }: AnsweredError): void {
  const { client_name: clientName, client_uri: clientURI } = client as App;
  ctx.status = ctx.method === 'GET' ? 200 : 403;
  ctx.body = views.answered({ isAllowed: allowed, clientName, clientURI });
}

function statusOf(error: unknown): number {
  const status = Number(Reflect.get(Object(error), 'status'));
  // An error in the client's request is shown to the user as 400: the page for 403 would tell the user that the dialog is too old
  if (error instanceof AuthorizationError && status < 500) return 400;
  return status >= 400 && status < 600 ? status : 500;
}

/** Who sees the page. A developer who tries the server on their machine is shown the rule that refused the request; in production nobody is. */
export type Audience = 'developers' | 'users';

function answer(ctx: Context, audience: Audience, status: number, error?: unknown): void {
  const words = wordsFor(status);
  const retryAfter: unknown = Reflect.get(Object(error), 'retryAfter');
  const traceID = traceIDOf(ctx);
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  if (typeof retryAfter === 'number') ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  // browsers accept text/html by name; programs accept JSON, or any type
  if (ctx.accepts('json', 'html') === 'html') {
    ctx.type = 'html';
    const refusal = audience === 'developers' ? refusalOf(ctx) : undefined;
    if (error instanceof AnsweredError) answered(ctx, error);
    else ctx.body = views.error({ status, ...words, traceID, refusal });
  } else ctx.body = { error: words.title, traceID };
}

/** Comes before all other middleware: every exception becomes an answer, and an entry in the log with the same trace ID. */
export function errorPages(audience: Audience): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && !ctx.body) answer(ctx, audience, 404);
    } catch (error) {
      answer(ctx, audience, statusOf(error), error);
      ctx.app.emit('error', error, ctx);
    }
  };
}
