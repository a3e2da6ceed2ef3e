/** The target of the doctor, which the application passes to it. */
import type { RequestListener } from 'node:http';
import type { CheckReport } from '../findings.js';
import { requireTimeout } from '../http/fetch-text.js';
import { type OptionNames, requireKnown } from '../options.js';
import { isSecureURL } from '../syntax/url.js';
import type { TokenStore } from '../token-service/store.js';
import type { Awaitable } from '../types.js';

/** The result of `createServer`. */
export interface ExaminedServer {
  /** A `Core`. Its type parameters do not matter here. */
  readonly core: object;
  check(): CheckReport;
}

/** The application: a Koa. */
export interface ExaminedApp {
  readonly middleware: readonly unknown[];
  readonly proxy?: boolean;
  /** The keys that sign cookies. */
  readonly keys?: unknown;
  callback(): RequestListener;
  on?(event: 'error', listener: () => void): unknown;
  off?(event: 'error', listener: () => void): unknown;
}

/** The options of koa-session, and of similar session middleware. */
export interface ExaminedSession {
  readonly key?: string | undefined;
  /** The store of sessions. Without it, and without `ContextStore`, sessions are stored in the cookie. */
  readonly store?: object | undefined;
  readonly ContextStore?: unknown;
  readonly secure?: boolean | undefined;
  readonly httpOnly?: boolean | undefined;
  /** Whether the cookie is signed with the keys of the application. It is, unless this is false. */
  readonly signed?: boolean | undefined;
  readonly sameSite?: string | boolean | null | undefined;
}

/** The parts to examine. All are optional: a rule that has nothing to look at is listed as not examined. */
export interface DiagnosisTarget {
  /** The result of `createServer`. */
  readonly server?: ExaminedServer;
  /** The Koa application with the routes. The doctor sends requests to it over HTTP, on a port of its own that only this machine can reach. */
  readonly app?: ExaminedApp;
  /** The registered clients, or a function that lists them. */
  readonly clients?: Iterable<object> | (() => Awaitable<Iterable<object>>);
  /** The store of codes and tokens. The doctor writes a record to it, marks it as used, and removes it. */
  readonly store?: TokenStore;
  /** The options of the session middleware. */
  readonly sessionOptions?: ExaminedSession;
  /** The issuer identifier of a running server, to which requests are sent instead of to `app`. */
  readonly url?: string;
}

/** Options of `diagnose()`: which rules are used, and how long answers may take. */
export interface DiagnoseOptions {
  /**
   * Whether the server is for real users. Rules then also report settings that are acceptable only on a developer's machine. Default: whether NODE_ENV is `production`,
   * or `url` is https.
   */
  readonly production?: boolean;
  /** Seconds to wait for an answer of the server or of the store. Default 5. */
  readonly timeout?: number;
  /** Names of the rules to use. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Names of rules not to use. Default: none. */
  readonly without?: readonly string[] | undefined;
}

const TARGET: OptionNames<DiagnosisTarget> = {
  server: true,
  app: true,
  clients: true,
  store: true,
  sessionOptions: true,
  url: true,
};

const OPTIONS: OptionNames<DiagnoseOptions> = { production: true, timeout: true, only: true, without: true };

/** @throws TypeError for an unknown part or option, or if there is nothing to examine */
export function requireTarget(target: DiagnosisTarget, options: DiagnoseOptions): void {
  requireKnown<DiagnosisTarget>(target, TARGET, 'diagnose');
  requireKnown<DiagnoseOptions>(options, OPTIONS, 'diagnose(target, options)');
  requireTimeout('timeout', options.timeout ?? 5);
  if (Object.values(target).every((part) => part === undefined)) throw new TypeError('There is nothing to examine');
  if (target.url !== undefined && !(URL.canParse(target.url) && /^https?:$/.test(new URL(target.url).protocol)))
    throw new TypeError(`${target.url} is not an http or https URL`);
}

/** Whether the server is for real users. */
export function isProduction({ url }: DiagnosisTarget, { production }: DiagnoseOptions): boolean {
  const isPublic = url !== undefined && new URL(url).protocol === 'https:' && isSecureURL(url);
  return production ?? (isPublic || process.env['NODE_ENV'] === 'production');
}
