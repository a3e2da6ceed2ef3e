/** What Postcards remembers of one browser: bounded in size and in time, under a cookie of its own. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import type { Context } from 'koa';
import type { Rule } from './rules.js';

/** Where visits are kept: JSON documents by key, so that any process can go on with them. */
export interface Documents {
  get(key: string): Promise<unknown>;
  /** @param seconds after which the document is gone */
  set(key: string, value: object, seconds: number): Promise<unknown>;
  remove(key: string): Promise<unknown>;
}

/** One thing that happened, for people to look at; secrets in it are shortened. */
export interface Step {
  readonly number: number;
  readonly title: string;
  readonly why: string;
  readonly outcome: 'done' | 'refused';
  /** Who does it; absent where it is Postcards, or the server. */
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
  /** As far as Postcards was told. */
  readonly state: 'good' | 'ended';
}

export interface Visit {
  steps: Step[];
  /** The number of the first step of the last action. */
  newest: number;
  metadata?: Metadata | undefined;
  /** An authorization request that was not answered yet. */
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
  /** What the user was asked for last. */
  wish?: Wish | undefined;
  /** Whether the server has answered without asking the user. */
  consent?: 'asked' | 'remembered' | undefined;
  /** The private key that the tokens are bound to, if they are. */
  key?: JWK | undefined;
  /** The login that the API wants, by its `acr`. */
  wanted?: string | undefined;
  /** What was redeemed. */
  spentCode?: { readonly code: string; readonly code_verifier: string } | undefined;
  spentRefreshToken?: string | undefined;
  tokens?: Tokens | undefined;
  /** The last one that was verified. */
  idToken?: string | undefined;
  account?: string | undefined;
  problem?: string | undefined;
}

/** What the user was asked to allow. */
export interface Wish {
  /** Words with a space between them; none where it is about a payment alone. */
  readonly scope: string;
  readonly details: readonly object[];
  readonly sends: Verifier;
  /** How the request gets to the server. */
  readonly via: 'browser' | 'push';
  /** Whether only Postcards can use its tokens, or whoever has them. */
  readonly tokens: 'bound' | 'bearer';
  /** Whether the user is asked again for what was allowed before. */
  readonly prompt?: 'consent' | undefined;
  /** How the user has to log in. */
  readonly acr?: string | undefined;
}

/** Which verifier goes with the code. */
export type Verifier = 'right' | 'wrong';

/** Seconds. Anyone can have any number of these, so they do not stay long. */
const LIFETIME = 10 * 60;
/** Milliseconds. The cookie stays longer than a browser's session: a telephone ends the browser when its user looks up a password elsewhere. */
const COOKIE = 12 * 60 * 60 * 1000;
const MOST_STEPS = 30;
const LONGEST_TEXT = 4000;

export const random = (): string => randomBytes(32).toString('base64url');
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

export const newVisit = (): Visit => ({ steps: [], newest: 1 });

const next = ({ steps }: Visit): number => (steps.at(-1)?.number ?? 0) + 1;

/** Something else happens now. */
export function begin(visit: Visit): void {
  visit.newest = next(visit);
  visit.problem = undefined;
}

/** Notes a step; the oldest go first. */
export function note(visit: Visit, step: Omit<Step, 'number'>): void {
  const number = next(visit);
  const says = step.says.map(({ label, text }) => ({ label, text: text.slice(0, LONGEST_TEXT) }));
  visit.steps = [...visit.steps, { ...step, says, number }].slice(-MOST_STEPS);
}

/**
 * The ID of the browser's visit; one is given to who has none. Nothing is stored before a form of ours was sent. Behind TLS the cookie is
 * named __Host-, so that no neighbour below the domain can set it.
 */
export function visitID(ctx: Context, issuer: string, name = 'postcards'): string {
  const cookie = issuer.startsWith('https:') ? `__Host-${name}` : name;
  const known = ctx.cookies.get(cookie);
  if (known && /^[\w-]{43}$/.test(known)) return known;
  const id = random();
  ctx.cookies.set(cookie, id, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: COOKIE }); // Secure where the connection is
  return id;
}

/** What only a page of ours can put in a form. */
export const csrfOf = (id: string): string => hash(`csrf ${id}`);

export function isOwnForm(id: string, csrf: unknown): boolean {
  if (typeof csrf !== 'string') return false;
  return timingSafeEqual(Buffer.from(hash(csrf)), Buffer.from(hash(csrfOf(id))));
}

export function visits(documents: Documents) {
  const keyOf = (id: string): string => `postcards:${hash(id)}`; // who reads the storage cannot take over a visit
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
    /** Remembers which visit a session at the server is of. @param sid of its ID token */
    async bind(sid: string, id: string): Promise<void> {
      await documents.set(keyOf(`session ${sid}`), { id }, LIFETIME);
    },
    /** The visit that a session at the server is of. */
    async ofSession(sid: string): Promise<string | undefined> {
      return ((await documents.get(keyOf(`session ${sid}`))) as { readonly id: string } | undefined)?.id;
    },
  };
}
