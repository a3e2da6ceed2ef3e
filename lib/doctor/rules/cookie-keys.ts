import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** In characters. Shorter keys are acceptable on a developer's machine only. */
const SHORTEST = 32;

/** Whether the application needs `keys`: without them, koa-session throws at the first session, unless `signed` is false. */
const needsKeys = ({ session }: Evidence): boolean => session !== undefined && session.signed !== false;

/** The keys, if they are visible: a Keygrip does not show its keys. */
function keysOf({ app }: Evidence): readonly unknown[] | undefined {
  const keys = app?.keys ?? [];
  return Array.isArray(keys) ? keys : undefined;
}

export const cookieKeys: DoctorRule = {
  name: 'cookieKeys',
  severity: 'error',
  finds:
    'cookie keys that can be guessed: an empty string, and, in production, fewer than 32 characters, or no key for a session',
  looksAt: ['app', 'sessionOptions'],
  why: 'Somebody who guesses the key can forge sessions, of any user and with any dialog. An environment variable that is set but empty gives an empty key',
  section: 'RFC 2104 §3',
  remedy:
    "app.keys = keys, where each has 32 random characters or more: randomBytes(32).toString('hex'); and throw at the start if the configuration has none",
  examine(evidence) {
    const keys = keysOf(evidence);
    const least = evidence.isProduction ? SHORTEST : 1;
    if (!evidence.app || !keys) return undefined;
    if (keys.length === 0) return evidence.isProduction && needsKeys(evidence) ? ['app.keys has no key'] : [];
    const lengths = keys.map((key) => (typeof key === 'string' || key instanceof Uint8Array ? key.length : 0));
    const short = lengths.flatMap((length, index) => (length < least ? [`number ${index + 1} has ${length}`] : []));
    return short.length > 0 ? [`Of app.keys, ${short.join(', ')} characters`] : [];
  },
};
