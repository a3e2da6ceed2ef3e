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

/** When it is. */
export interface Moment {
  readonly now: number;
  /** The latest it ever was: what had expired by then may be gone, though the clock has stepped back since. */
  readonly latest: number;
  /** Seconds. */
  readonly grace: number;
}

export interface Code {
  readonly expiresAt: number;
  readonly spentAt?: number;
}

/** A token whose `token` is missing was stored, and its answer lost. */
export interface Access {
  readonly token?: string | undefined;
  readonly scope: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly removed?: boolean;
}

export interface Refresh {
  readonly token?: string | undefined;
  readonly expiresAt: number;
  readonly spentAt?: number;
  /** Places of what took its place. */
  readonly next?: { readonly access: number; readonly refresh: number };
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

/** Whether a record is there: sometimes both may be. */
export function presence(
  { ended }: World,
  record: { readonly expiresAt: number; readonly removed?: boolean } | undefined,
  { now, latest }: Moment,
): readonly boolean[] {
  if (!record || ended || record.removed || record.expiresAt <= now) return [false];
  return record.expiresAt <= latest ? [true, false] : [true];
}

/** RFC 6749 §4.1.2: the code's record outlives the code by design, so that a replay is known as long as the first access token lives. */
export function bornAt({ now }: Moment): World {
  const expiresAt = now + Math.max(LIFETIMES.code, LIFETIMES.accessToken);
  return { code: { expiresAt }, access: [], refresh: [], ended: false };
}

/** With an access and a refresh token more, neither of which outlives the authorization. */
export function withTokens(
  world: World,
  { authorizedAt }: Family,
  scope: string,
  tokens: Tokens,
  { now }: Moment,
): World {
  const last = authorizedAt + LIFETIMES.authorization;
  const end = Math.min(now + LIFETIMES.refreshToken, last);
  const access = { token: tokens.access, scope, issuedAt: now, expiresAt: Math.min(now + LIFETIMES.accessToken, last) };
  return {
    ...world,
    access: [...world.access, access],
    refresh: [...world.refresh, { token: tokens.refresh, expiresAt: end }],
  };
}

export interface Tokens {
  readonly access: string | undefined;
  readonly refresh: string | undefined;
}

export function replaceAt<T extends object>(items: readonly T[], place: number, change: Partial<T>): readonly T[] {
  return items.map((item, i) => (i === place ? { ...item, ...change } : item));
}
