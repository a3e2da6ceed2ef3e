/** What the operator is told: one line of JSON for each decision about tokens, and for each error. Never a secret, a code or a token. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { ForbiddenError, OAuth2Error, Reason } from 'koauthorize';
import type { TokenEvents, TokenService } from 'koauthorize/tokens';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** @param stream where to, if not to standard output */
export function logger(level: string, stream?: DestinationStream): Logger {
  return stream ? pino({ level }, stream) : pino({ level });
}

/** The events, and how much each matters: who watches for attacks looks at the warnings. */
const LEVEL: Readonly<Record<keyof TokenEvents, 'info' | 'warn'>> = {
  issued: 'info',
  refreshed: 'info',
  introspected: 'info',
  revoked: 'info',
  denied: 'warn',
  replayDetected: 'warn',
  familyRevoked: 'warn',
};

export function logEvents<C, U>(log: Logger, { events }: TokenService<C, U>): void {
  for (const name of Object.keys(LEVEL) as (keyof TokenEvents)[]) {
    events.on(name, (event: object) => log[LEVEL[name]]({ event: name, ...event }));
  }
}

/** What people did that is worth a line. Never what was typed into the field for the name: it may be a password. */
export type PersonEvent = 'loggedIn' | 'loggedOut' | 'loginRefused' | 'tooManyAttempts';

/** Tells whoever listens: see `logPeople`. */
export function tell(ctx: Context, event: PersonEvent, subject?: string): void {
  ctx.app.emit('person', { event, address: ctx.ip, ...(subject !== undefined && { subject }) });
}

export function logPeople(log: Logger) {
  return (what: { readonly event: PersonEvent }): void => {
    const level = what.event === 'loggedIn' || what.event === 'loggedOut' ? 'info' : 'warn';
    log[level](what);
  };
}

/** A number by which a user's complaint is found in the log. */
export function referenceOf(ctx: Context): string {
  ctx.state['reference'] ??= randomBytes(5).toString('hex');
  return ctx.state['reference'];
}

interface Described {
  readonly name: string;
  readonly message?: string;
  readonly code?: string;
  readonly stack?: readonly string[];
  readonly cause?: Described;
}

/** Lines of a stack that say where. The others repeat the message. */
const FRAME = /^ {4}at .+:\d+:\d+\)?$/gm;

/** How many causes of causes are described: an error may be its own. */
const DEEPEST = 4;

/** A ForbiddenError names the dialog, by whose ID it can be answered; what JSON.parse throws quotes the text, with secrets in it. */
function isSafe(error: Error, status: number): boolean {
  if (error instanceof OAuth2Error) return !(error instanceof ForbiddenError);
  return status >= 500 && !(error instanceof SyntaxError);
}

const plain = (value: unknown): string => (['string', 'number'].includes(typeof value) ? String(value) : '');

/** No other member: body parsers put the request's body into their errors, and drivers the values of a query. */
function describe(error: unknown, status: number, depth = 0): Described {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause, code } = error as Error & { readonly code?: unknown };
  const reason = reasonOf(error);
  const isOurs = status >= 500; // of what others did wrong, a few words are enough
  return {
    name: plain(name),
    ...(isSafe(error, status) && { message: plain(message) }),
    ...(plain(code) && { code: plain(code) }),
    ...(isOurs && { stack: plain(stack).match(FRAME) ?? [] }),
    ...(isOurs && cause !== undefined && depth < DEEPEST && { cause: describe(cause, status, depth + 1) }),
    ...(!isOurs && reason && { cause: reason }),
  };
}

/** Characters: what came from outside may be in it. */
const LONGEST_REASON = 1000;

/** Why a request was refused, which whoever sent it is not told. */
function reasonOf(error: Error): Described | undefined {
  const { cause } = error;
  if (cause instanceof Reason) return { name: cause.name, message: cause.message.slice(0, LONGEST_REASON) };
  if (!isSafe(error, 400) || !(cause instanceof Error) || cause instanceof SyntaxError) return undefined;
  return { name: plain(cause.name), message: plain(cause.message).slice(0, LONGEST_REASON) };
}

function statusOf(error: unknown): number {
  const status: unknown = Reflect.get(Object(error), 'status');
  return typeof status === 'number' ? status : 500;
}

/** Of the request only method and path: the query may have a code in it. Not `ctx.path`, which throws for some request targets. */
function describeRequest(ctx: Context) {
  return { reference: referenceOf(ctx), method: ctx.method, path: ctx.originalUrl?.split('?', 1)[0] };
}

/** For Koa's `error` event. It must not throw, whatever it is given: in Koa that ends the process. */
export function logErrors(log: Logger) {
  return (error: unknown, ctx?: Context): void => {
    const status = statusOf(error);
    const entry = { status, ...(ctx && describeRequest(ctx)), error: describe(error, status) };
    if (status < 500) log.info({ event: 'refused', ...entry });
    else log.error({ event: 'failed', ...entry });
  };
}
