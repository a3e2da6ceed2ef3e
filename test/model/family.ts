/**
 * What must be true of one authorization. Where an answer was lost, several things may be: each is a world, and what is seen
 * later rules worlds out. When none is left, the service has done what it must not.
 */

export const LIFETIMES = {
  code: 60,
  accessToken: 3600,
  refreshToken: 2 * 86_400,
  authorization: 2.5 * 86_400,
} as const;

/** Seconds for which a spent refresh token is kept with its answer. */
export const KEPT = 120;

/** When it is, for one request. */
export interface Moment {
  /** By the clock of the process that is asked: what counts, and until when. */
  readonly now: number;
  /** By the clock of the store: how long ago something was spent. */
  readonly store: number;
  /** What had expired by then may be gone, though clocks step back and differ: what was spent, and all else. */
  readonly gone: { readonly spent: number; readonly unspent: number };
  /** Seconds. */
  readonly grace: number;
  /** The process that is asked. One that was started after a crash is another one. */
  readonly process: number;
}

/** A process could not say what became of a code or refresh token, and told its client to try again. */
export interface Told {
  readonly process: number;
  /** By the clock of that process: when it said so first, and until when it remembers. */
  readonly at: number;
  readonly until: number;
  /** The same of requests where nobody knows whether they spent it. */
  readonly unsureUntil?: number | undefined;
}

export interface Code {
  readonly expiresAt: number;
  readonly spentAt?: number;
  readonly told: readonly Told[];
}

/** A token whose `token` is missing was stored, and its answer lost. */
export interface Access {
  readonly token?: string | undefined;
  readonly scope: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly removed?: boolean;
}

export function wordsOf(scope = ''): readonly string[] {
  return scope.split(' ').filter((word) => word !== '');
}

export interface Refresh {
  readonly token?: string | undefined;
  /** End of the token's life. */
  readonly endsAt: number;
  /** When its record expires: with its life, or, once it is spent, soon. */
  readonly expiresAt: number;
  readonly spentAt?: number;
  /** Places of what took its place. */
  readonly next?: { readonly access: number; readonly refresh: number };
  readonly told: readonly Told[];
}

export interface World {
  readonly code: Code;
  readonly access: readonly Access[];
  readonly refresh: readonly Refresh[];
  /** Revoked: nothing of it counts ever again. */
  readonly ended: boolean;
}

/** What never changes, and what was handed out. */
export interface Family {
  readonly id: string;
  readonly clientID: string;
  readonly subject: string;
  /** What was granted. */
  readonly scope: string;
  readonly authorizedAt: number;
  readonly given: Readonly<Record<'code' | 'access' | 'refresh', string[]>>;
  worlds: readonly World[];
}

interface Stored {
  readonly expiresAt: number;
  readonly removed?: boolean;
  readonly spentAt?: number;
}

/** Whether a record is there: sometimes both may be. */
export function presence({ ended }: World, record: Stored | undefined, { now, gone }: Moment): readonly boolean[] {
  if (!record || ended || record.removed || record.expiresAt <= now) return [false];
  return record.expiresAt <= (record.spentAt === undefined ? gone.unspent : gone.spent) ? [true, false] : [true];
}

/** By what spent tokens are known when their own records are gone; it is born with the first tokens. */
export function recordOfFamily({ refresh }: World, { authorizedAt }: Family): Stored | undefined {
  return refresh.length > 0 ? { expiresAt: authorizedAt + LIFETIMES.authorization } : undefined;
}

/** What is found of a refresh token: itself, its family, or nothing. */
export type Trace = 'itself' | 'its family' | 'nothing';

export function traces(world: World, family: Family, token: Refresh | undefined, moment: Moment): readonly Trace[] {
  return presence(world, token, moment).flatMap((there): readonly Trace[] => {
    if (there) return ['itself'];
    if (!token || token.endsAt <= moment.now) return ['nothing'];
    const isKnown = presence(world, recordOfFamily(world, family), moment);
    return isKnown.map((known) => (known ? 'its family' : 'nothing'));
  });
}

/** RFC 6749 §4.1.2: the code's record outlives the code by design, so that a replay is known as long as the first access token lives. */
export function bornAt({ now }: Moment): World {
  const expiresAt = now + Math.max(LIFETIMES.code, LIFETIMES.accessToken);
  return { code: { expiresAt, told: [] }, access: [], refresh: [], ended: false };
}

export interface Tokens {
  readonly access: string | undefined;
  readonly refresh: string | undefined;
}

/** With an access token more, which does not outlive the authorization. */
export function withAccess(
  world: World,
  family: Family,
  scope: string,
  token: string | undefined,
  { now }: Moment,
): World {
  const expiresAt = Math.min(now + LIFETIMES.accessToken, family.authorizedAt + LIFETIMES.authorization);
  return { ...world, access: [...world.access, { token, scope, issuedAt: now, expiresAt }] };
}

/** With an access and a refresh token more. */
export function withTokens(world: World, family: Family, scope: string, tokens: Tokens, moment: Moment): World {
  const endsAt = Math.min(moment.now + LIFETIMES.refreshToken, family.authorizedAt + LIFETIMES.authorization);
  const { access } = withAccess(world, family, scope, tokens.access, moment);
  return {
    ...world,
    access,
    refresh: [...world.refresh, { token: tokens.refresh, endsAt, expiresAt: endsAt, told: [] }],
  };
}

export function replaceAt<T extends object>(items: readonly T[], place: number, change: Partial<T>): readonly T[] {
  return items.map((item, i) => (i === place ? { ...item, ...change } : item));
}
