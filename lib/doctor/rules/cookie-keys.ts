import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** In characters. Shorter ones are for a developer's machine. */
const SHORTEST = 32;

/** Without `keys`, koa-session throws at the first session, unless it signs nothing. */
const needsKeys = ({ session }: Evidence): boolean => session !== undefined && session.signed !== false;

/** What Keygrip makes of a list cannot be seen. */
function keysOf({ app }: Evidence): readonly unknown[] | undefined {
  const keys = app?.keys ?? [];
  return Array.isArray(keys) ? keys : undefined;
}

export const cookieKeys: DoctorRule = {
  name: 'cookieKeys',
  severity: 'error',
  finds:
    'keys of cookies that can be guessed: an empty text, and, in production, fewer than 32 characters, or no key for a session',
  looksAt: ['app', 'sessionOptions'],
  why: 'Whoever finds the key writes sessions: of any user, with any dialog. A variable that is set and empty gives an empty key',
  section: 'RFC 2104 §3',
  remedy:
    "app.keys = keys, where each has 32 random characters or more: randomBytes(32).toString('hex'); and throw at the start where the configuration has none",
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
