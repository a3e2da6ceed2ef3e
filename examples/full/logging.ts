/** What the operator is told: one line of JSON for each decision about tokens, and for each error. Never a secret, a code or a token. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { ForbiddenError, OAuth2Error } from 'koauthorize';
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
  readonly code?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: Described;
}

/** With the causes; without whatever else drivers put into their errors, such as the values of a query. */
function describe(error: unknown): Described {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause !== undefined && { cause: describe(cause) }),
  };
}

/** Characters: what came from outside may be in it. */
const LONGEST_REASON = 300;

/** What others did wrong, and the reason, which they are not told: a ForbiddenError would name the dialog, by whose ID it can be answered. */
function describeTheirs(error: Error): Described {
  const code: unknown = Reflect.get(error, 'code');
  const isSafe = error instanceof OAuth2Error && !(error instanceof ForbiddenError);
  const { name, message, cause } = error;
  const reason = isSafe &&
    cause instanceof Error && { name: cause.name, message: cause.message.slice(0, LONGEST_REASON) };
  return {
    name,
    ...(isSafe && { message }),
    ...(code !== undefined && { code }),
    ...(reason && { cause: reason }),
  };
}

/** For Koa's `error` event. Of the request only method and path: the query may have a code in it. */
export function logErrors(log: Logger) {
  return (error: unknown, ctx?: Context): void => {
    const status = Number(Reflect.get(Object(error), 'status') ?? 500);
    const request = ctx && { reference: referenceOf(ctx), method: ctx.method, path: ctx.path };
    if (status < 500 && error instanceof Error)
      log.info({ event: 'refused', status, ...request, error: describeTheirs(error) });
    else log.error({ event: 'failed', status, ...request, error: describe(error) });
  };
}
