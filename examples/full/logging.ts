/** The log: one line of JSON for each event about tokens, and for each error. It contains no secret, code or token. */
import type { Context } from 'koa';
import { ForbiddenError, OAuth2Error, Reason, type Refusal, refusalOf, traceIDOf } from 'koauthorize';
import type { TokenEvents, TokenService } from 'koauthorize/tokens';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/** @param stream default: standard output */
export function logger(level: string, stream?: DestinationStream): Logger {
  return stream ? pino({ level }, stream) : pino({ level });
}

/** The events and their levels. Possible attacks are warnings. */
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

/** Events of users. The user name that was typed is never logged: it may be a password in the wrong field. */
export type PersonEvent = 'loggedIn' | 'loggedOut' | 'loginRefused' | 'tooManyAttempts';

/** Emits an event, which `logPeople` logs. */
export function tell(ctx: Context, event: PersonEvent, subject?: string): void {
  ctx.app.emit('person', { event, address: ctx.ip, ...(subject !== undefined && { subject }) });
}

export function logPeople(log: Logger) {
  return (what: { readonly event: PersonEvent }): void => {
    const level = what.event === 'loggedIn' || what.event === 'loggedOut' ? 'info' : 'warn';
    log[level](what);
  };
}

/** Logs refused requests, with the trace ID that the error page shows, the rule and its remedy. The entry contains no secrets. */
export function logRefusals(log: Logger) {
  return (refusal: Refusal): void => log.info({ event: 'refused', ...refusal });
}

interface Described {
  readonly name: string;
  readonly message?: string;
  readonly code?: string;
  readonly stack?: readonly string[];
  readonly cause?: Described;
}

/** The lines of a stack trace with a place in the code. All other lines repeat the message. */
const FRAME = /^ {4}at .+:\d+:\d+\)?$/gm;

/** How many nested causes are logged: an error may be its own cause. */
const DEEPEST = 4;

/** Errors whose message may contain secrets: a ForbiddenError contains the dialog's ID, which answers it, and errors of JSON.parse quote the text. */
function isSafe(error: Error, status: number): boolean {
  if (error instanceof OAuth2Error) return !(error instanceof ForbiddenError);
  return status >= 500 && !(error instanceof SyntaxError);
}

const plain = (value: unknown): string => (['string', 'number'].includes(typeof value) ? String(value) : '');

/** Other members are not logged: body parsers put the request's body into their errors, and database drivers the values of a query. */
function describe(error: unknown, status: number, depth = 0): Described {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause, code } = error as Error & { readonly code?: unknown };
  const reason = reasonOf(error);
  const isOurs = status >= 500; // the stack of an error that a client caused is of no use
  return {
    name: plain(name),
    ...(isSafe(error, status) && { message: plain(message) }),
    ...(plain(code) && { code: plain(code) }),
    ...(isOurs && { stack: plain(stack).match(FRAME) ?? [] }),
    ...(isOurs && cause !== undefined && depth < DEEPEST && { cause: describe(cause, status, depth + 1) }),
    ...(!isOurs && reason && { cause: reason }),
  };
}

/** Characters. The text may contain values from a request. */
const LONGEST_REASON = 1000;

/** The reason of a refusal, which is not sent to the client. */
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

/** Only the method and the path of the request: the query may contain a code. `ctx.path` is not used, because it throws for some request targets. */
function describeRequest(ctx: Context) {
  return { traceID: traceIDOf(ctx), method: ctx.method, path: ctx.originalUrl?.split('?', 1)[0] };
}

/** The listener of Koa's `error` event. It must never throw: that would end the process. */
export function logErrors(log: Logger) {
  return (error: unknown, ctx?: Context): void => {
    const status = statusOf(error);
    const entry = { status, ...(ctx && describeRequest(ctx)), error: describe(error, status) };
    if (status >= 500) log.error({ event: 'failed', ...entry });
    else if (!ctx || refusalOf(ctx)?.reason === undefined) log.info({ event: 'refused', ...entry }); // logRefusals has the reason of the others
  };
}
