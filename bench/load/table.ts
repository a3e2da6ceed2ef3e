/** A run in Markdown. */
import { table } from '../report.js';
import { LIFETIMES, RESOLUTION } from './protocol.js';
import { type Minute, type Soak, USERS } from './soak.js';
import { verdictOn } from './verdict.js';

const HEAD = [
  'minute',
  'operations',
  'requests/s',
  'errors',
  'RSS MB',
  'heap MB',
  'live records',
  'rows',
  'revocations',
  'loop late p50 ms',
  'p99',
  'max',
  'server CPU',
  'load CPU',
];

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const count = (value: number | undefined): string => value?.toLocaleString('en') ?? '–';

export function cellsOf(minute: Minute, number: number): readonly string[] {
  const { held, delay, busy } = minute;
  return [
    `${number}`,
    count(minute.operations),
    count(Math.round(minute.requests / minute.seconds)),
    count(minute.errors),
    megabytes(minute.rss),
    megabytes(minute.heap),
    count(held.live),
    count(held.rows),
    count(held.revoked),
    delay.p50.toFixed(1),
    delay.p99.toFixed(1),
    delay.max.toFixed(0),
    percent(busy.server),
    percent(busy.load),
  ];
}

export function told(minute: Minute, number: number): string {
  return cellsOf(minute, number)
    .map((cell, column) => `${HEAD[column]} ${cell}`)
    .join(', ');
}

/** What the tables do not say themselves. */
export const INTRODUCTION = `${USERS} connections, each sending its next request when it has its answer: client credentials, whole flows with PKCE and session,
refreshing, introspection, revocation and bearer; and of what must be refused spent codes, spent refresh tokens after the grace window, expired
ones, wrong verifiers, malformed requests. Access tokens live ${LIFETIMES.accessToken} s, refresh tokens ${LIFETIMES.refreshToken} s, codes ${LIFETIMES.code} s.
Every answer is verified. Memory is what is left after a collection of garbage. \`loop late\` is by how much a timer of ${RESOLUTION} ms came too late,
without that collection. Live records in memory include those of revoked authorizations until they would have expired; rows are
what is in PostgreSQL's table, expired ones that were not purged yet among them.`;

export function describeSoak(soak: Soak): string {
  const { store, minutes, byKind, errors, before } = soak;
  const kinds = [...byKind].sort(([, one], [, other]) => other - one).map(([kind, times]) => `${kind} ${count(times)}`);
  return [
    `### ${store === 'memory' ? 'Memory store' : 'PostgreSQL'}, ${minutes.length} minutes`,
    table([HEAD, ...minutes.map((minute, i) => cellsOf(minute, i + 1))]),
    `Before anyone came: ${megabytes(before.rss)} MB, heap ${megabytes(before.heap)} MB. Unexpected answers: ${count(errors)}.`,
    verdictOn(soak).text,
    `Done: ${kinds.join(', ')}.`,
  ].join('\n\n');
}
