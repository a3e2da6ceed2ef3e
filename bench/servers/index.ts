/** Who runs, in the order of the table. */
import type { Dialog } from '../workloads/dialog.js';
import type { WorkloadName } from '../workloads/workload.js';
import { peers } from './peers/index.js';

/** What every server must refuse before it is measured. */
export type Refusal =
  | 'wrong secret'
  | 'wrong verifier'
  | 'code used twice'
  | 'code of another redirect URI'
  | 'unregistered redirect URI'
  | 'unknown access token'
  | 'second successor of a refresh token';

export interface ServerEntry {
  /** Its file in this directory. */
  readonly name: string;
  /** Its line in the table. */
  readonly label: string;
  /** Workloads that it has not, each with the reason, for a footnote. */
  readonly missing?: Readonly<Partial<Record<WorkloadName, string>>>;
  /** Its own way through the dialog. Default: `usualDialog`. */
  readonly dialog?: Dialog;
  /** What it does not refuse by its documented defaults, each with the reason, for a footnote. */
  readonly accepts?: Readonly<Partial<Record<Refusal, string>>>;
  /** Footnotes to all of its line. */
  readonly notes?: readonly string[];
  /** Packages whose versions are told, besides koa and node. */
  readonly packages?: readonly string[];
}

export const servers: readonly ServerEntry[] = [
  { name: 'koauthorize', label: '**koauthorize**', packages: ['koauthorize', '@koa/router', 'koa-session'] },
  {
    name: 'koa',
    label: 'Koa by hand, @koa/router + @koa/bodyparser',
    packages: ['@koa/router', '@koa/bodyparser', 'koa-session'],
  },
  { name: 'koa-own-form', label: 'the same, with its own form reader', packages: ['@koa/router', 'koa-session'] },
  {
    name: 'koa-as-safe',
    label: 'the same, with tokens as safe as ours',
    notes: [
      'Stores SHA-256 only, ends an authorization whose code or refresh token is used twice, repeats the answer to a refresh for 10 seconds, and removes what has expired.',
    ],
    packages: ['@koa/router', 'koa-session'],
  },
  {
    name: 'node-http',
    label: 'bare `node:http`, no framework',
    notes: ['No framework; its session is one signed cookie of its own, in place of koa-session.'],
  },
  ...peers,
];

/** What the others are compared with. */
export const BASELINE = 'koa';
