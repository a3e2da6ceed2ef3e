/** What the doctor looks at, as the application hands it over. */
import type { RequestListener } from 'node:http';
import type { CheckReport } from '../findings.js';
import { requireTimeout } from '../http/fetch-text.js';
import { type OptionNames, requireKnown } from '../options.js';
import { isSecureURL } from '../syntax/url.js';
import type { TokenStore } from '../token-service/store.js';
import type { Awaitable } from '../types.js';

/** What `createServer` made. */
export interface ExaminedServer {
  /** A `Core`, whatever the types of its clients and users are. */
  readonly core: object;
  check(): CheckReport;
}

/** The application: a Koa. */
export interface ExaminedApp {
  readonly middleware: readonly unknown[];
  readonly proxy?: boolean;
  /** What signs cookies. */
  readonly keys?: unknown;
  callback(): RequestListener;
  on?(event: 'error', listener: () => void): unknown;
  off?(event: 'error', listener: () => void): unknown;
}

/** What koa-session, and session middleware like it, is given. */
export interface ExaminedSession {
  readonly key?: string | undefined;
  /** Where sessions are kept: without one, and without `ContextStore`, they are in the cookie. */
  readonly store?: object | undefined;
  readonly ContextStore?: unknown;
  readonly secure?: boolean | undefined;
  readonly httpOnly?: boolean | undefined;
  /** Whether the cookie is signed with the keys of the application: it is, unless this is false. */
  readonly signed?: boolean | undefined;
  readonly sameSite?: string | boolean | null | undefined;
}

/** What is examined: as much of it as there is. A rule that has nothing to look at is listed as not examined. */
export interface DiagnosisTarget {
  /** What `createServer` made. */
  readonly server?: ExaminedServer;
  /** The Koa application with the routes. It is asked over HTTP, on a port of its own that only this machine reaches. */
  readonly app?: ExaminedApp;
  /** The clients, as they are registered; or a function that lists them. */
  readonly clients?: Iterable<object> | (() => Awaitable<Iterable<object>>);
  /** Where codes and tokens are kept. A record is written to it, read, and removed. */
  readonly store?: TokenStore;
  /** What the session middleware is given. */
  readonly sessionOptions?: ExaminedSession;
  /** The issuer identifier of a running server, which is asked in place of `app`. */
  readonly url?: string;
}

/** Options of `diagnose()`: which rules are asked, and for how long. */
export interface DiagnoseOptions {
  /** Whether the server is for real users: rules then also find what is right on a developer's machine only. Default: whether NODE_ENV is `production`, or `url` is https. */
  readonly production?: boolean;
  /** Seconds for which an answer, or the store, is waited for. Default 5. */
  readonly timeout?: number;
  /** Names of the rules to use. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Names of rules that are left out. Default: none. */
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
