/** What Postcards remembers of one browser: bounded in size and in time, under a cookie of its own. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import type { Context } from 'koa';
import type { Rule } from './rules.js';

/** The store of visits: JSON documents by key, which all processes share. */
export interface Documents {
  get(key: string): Promise<unknown>;
  /** @param seconds after which the document expires */
  set(key: string, value: object, seconds: number): Promise<unknown>;
  remove(key: string): Promise<unknown>;
}

/** One recorded step, to be shown. Secrets in it are shortened. */
export interface Step {
  readonly number: number;
  readonly title: string;
  readonly why: string;
  readonly outcome: 'done' | 'refused';
  /** Who acts. Absent if it is Postcards or the server. */
  readonly by?: 'attacker' | 'browser' | undefined;
  readonly says: readonly { readonly label: string; readonly text: string }[];
  readonly rule?: Rule | undefined;
}

export interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly pushed_authorization_request_endpoint: string;
  readonly token_endpoint: string;
  readonly introspection_endpoint: string;
  readonly revocation_endpoint: string;
  readonly jwks_uri: string;
  readonly end_session_endpoint: string;
}

export interface Tokens {
  readonly access: string;
  readonly refresh?: string | undefined;
  readonly scope: readonly string[];
  /** The state of the tokens, as far as Postcards knows. */
  readonly state: 'good' | 'ended';
}

export interface Visit {
  steps: Step[];
  /** The number of the first step of the last action. */
  newest: number;
  metadata?: Metadata | undefined;
  /** The authorization request that has no response yet. */
  asked?:
    | {
        readonly state: string;
        readonly nonce: string;
        readonly verifier: string;
        readonly url: string;
        readonly sends: Verifier;
      }
    | undefined;
  /** The state of the request that was answered last. */
  answered?: string | undefined;
  /** The last request for consent. */
  wish?: Wish | undefined;
  /** Whether the server asked the user, or answered by a remembered consent. */
  consent?: 'asked' | 'remembered' | undefined;
  /** The private key that the tokens are bound to, if they are. */
  key?: JWK | undefined;
  /** The `acr` of the login that the API requires. */
  wanted?: string | undefined;
  /** The code that was redeemed, for the replay attack. */
  spentCode?: { readonly code: string; readonly code_verifier: string } | undefined;
  spentRefreshToken?: string | undefined;
  tokens?: Tokens | undefined;
  /** The last verified ID token. */
  idToken?: string | undefined;
  account?: string | undefined;
  problem?: string | undefined;
}

/** What the user is asked to allow. */
export interface Wish {
  /** Words separated by spaces; empty if the request is for a payment only. */
  readonly scope: string;
  readonly details: readonly object[];
  readonly sends: Verifier;
  /** Whether the request is sent through the browser, or pushed. */
  readonly via: 'browser' | 'push';
  /** Whether the tokens are bound to a key of Postcards, or can be used by anybody who has them. */
  readonly tokens: 'bound' | 'bearer';
  /** Whether the user is asked again, even if they have allowed the request before. */
  readonly prompt?: 'consent' | undefined;
  /** The `acr` that the login must have. */
  readonly acr?: string | undefined;
}

/** The verifier that is sent with the code. */
export type Verifier = 'right' | 'wrong';

/** Seconds for which a visit is kept. It is short, since anyone can create any number of visits. */
const LIFETIME = 10 * 60;
/**
 * Milliseconds. The cookie lives longer than the browser's session, since a telephone may close the browser while its user looks up a password in another app.
 */
const COOKIE = 12 * 60 * 60 * 1000;
const MOST_STEPS = 30;
const LONGEST_TEXT = 4000;

export const random = (): string => randomBytes(32).toString('base64url');
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

export const newVisit = (): Visit => ({ steps: [], newest: 1 });

const next = ({ steps }: Visit): number => (steps.at(-1)?.number ?? 0) + 1;

/** Begins a new action. */
export function begin(visit: Visit): void {
  visit.newest = next(visit);
  visit.problem = undefined;
}

/** Records a step. Above the limit, the oldest steps are removed. */
export function note(visit: Visit, step: Omit<Step, 'number'>): void {
  const number = next(visit);
  const says = step.says.map(({ label, text }) => ({ label, text: text.slice(0, LONGEST_TEXT) }));
  visit.steps = [...visit.steps, { ...step, says, number }].slice(-MOST_STEPS);
}

/**
 * The ID of the browser's visit. A browser without one gets a new one. Nothing is stored before one of our forms was sent. With TLS, the name of the cookie
 * begins with __Host-, so that servers on sibling subdomains cannot set it.
 */
export function visitID(ctx: Context, issuer: string, name = 'postcards'): string {
  const cookie = issuer.startsWith('https:') ? `__Host-${name}` : name;
  const known = ctx.cookies.get(cookie);
  if (known && /^[\w-]{43}$/.test(known)) return known;
  const id = random();
  ctx.cookies.set(cookie, id, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: COOKIE }); // Secure if the connection is
  return id;
}

/** The CSRF token, which only our own pages can put into a form. */
export const csrfOf = (id: string): string => hash(`csrf ${id}`);

export function isOwnForm(id: string, csrf: unknown): boolean {
  if (typeof csrf !== 'string') return false;
  return timingSafeEqual(Buffer.from(hash(csrf)), Buffer.from(hash(csrfOf(id))));
}

export function visits(documents: Documents) {
  const keyOf = (id: string): string => `postcards:${hash(id)}`; // a hash, so that a reader of the storage cannot take over a visit
  return {
    async load(id: string): Promise<Visit> {
      return ((await documents.get(keyOf(id))) as Visit | undefined) ?? newVisit();
    },
    async save(id: string, visit: Visit): Promise<void> {
      await documents.set(keyOf(id), visit, LIFETIME);
    },
    async forget(id: string): Promise<void> {
      await documents.remove(keyOf(id));
    },
    /** Remembers the visit that belongs to a session at the server. @param sid the `sid` of the ID token */
    async bind(sid: string, id: string): Promise<void> {
      await documents.set(keyOf(`session ${sid}`), { id }, LIFETIME);
    },
    /** The visit that belongs to a session at the server. */
    async ofSession(sid: string): Promise<string | undefined> {
      return ((await documents.get(keyOf(`session ${sid}`))) as { readonly id: string } | undefined)?.id;
    },
  };
}
