import type { TokenFacts } from '../../connected-tokens.js';
import type { DoctorRule } from '../rule.js';

const DAY = 86_400;

/** Seconds. RFC 6749 §4.1.2: a maximum code lifetime of 10 minutes. */
const MOST: Readonly<Partial<TokenFacts['lifetimes']>> = { code: 600, accessToken: DAY, refreshToken: 400 * DAY };

const NAMES = ['code', 'accessToken', 'refreshToken'] as const;

export const tokenLifetime: DoctorRule = {
  name: 'tokenLifetime',
  severity: 'warning',
  finds:
    'codes of more than 10 minutes, access tokens of more than a day, refresh tokens of more than 400 days without use',
  looksAt: ['server', 'clients'],
  why: 'A code or token that is stolen from a log or a device works for that long',
  section: 'RFC 6749 §4.1.2',
  remedy:
    'tokenService({ lifetimes }): codes of 60 s, access tokens of an hour or less, and refresh tokens for longer access',
  examine({ core, clients }) {
    const tokens = core?.tokens;
    if (!tokens?.facts) return undefined;
    const all = [tokens.facts(), ...(clients ?? []).map(({ registration }) => tokens.facts?.(registration as never))];
    const found = all.flatMap((facts) =>
      NAMES.flatMap((name) => {
        const seconds = facts?.lifetimes[name] ?? 0;
        return seconds > (MOST[name] ?? Number.POSITIVE_INFINITY)
          ? [`${name} is ${seconds} s, more than ${MOST[name]} s`]
          : [];
      }),
    );
    return [...new Set(found)];
  },
};
