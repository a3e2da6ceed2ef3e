/** What a server answers to forms and headers that no honest client sends. */
import { webApp } from '../servers/clients.js';
import type { Carrier, Sent } from '../workloads/connection.js';
import { basic } from '../workloads/requests.js';
import { hostileBodies, hostileCredentials } from './hostile-inputs.js';

export interface HostileAnswers {
  readonly requests: number;
  /** What was answered with a status of 500 or more, by that status. */
  readonly failed: Readonly<Record<string, readonly string[]>>;
  /** No answer in ten seconds, or a connection that was closed without one. */
  readonly unanswered: readonly string[];
  /** Answers with tokens. */
  readonly tokens: readonly string[];
  /** Answers that took more than a second, while nothing else was asked. */
  readonly slow: readonly string[];
}

/** Milliseconds. */
const SLOW = 1000;

interface Attempt extends Sent {
  readonly what: string;
}

const attempts: readonly Attempt[] = [
  ...hostileBodies.map(({ what, type, body }): Attempt => {
    const headers = { ...basic(webApp), 'content-type': type };
    return { what, method: 'POST', path: '/token', headers, body };
  }),
  ...hostileCredentials.flatMap((authorization): Attempt[] => [
    {
      what: `${authorization.slice(0, 40)} at /token`,
      method: 'POST',
      path: '/token',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=refresh_token&refresh_token=x',
    },
    { what: `${authorization.slice(0, 40)} at /me`, method: 'GET', path: '/me', headers: { authorization } },
  ]),
];

export async function sendHostile({ carry }: Pick<Carrier, 'carry'>): Promise<HostileAnswers> {
  const failed: Record<string, string[]> = {};
  const found = { unanswered: [] as string[], tokens: [] as string[], slow: [] as string[] };
  for (const { what, ...sent } of attempts) {
    const began = performance.now();
    const answer = await carry(sent).catch(() => undefined);
    if (performance.now() - began > SLOW) found.slow.push(what);
    if (answer === undefined) found.unanswered.push(what);
    else if (answer.status >= 500) failed[answer.status] = [...(failed[answer.status] ?? []), what];
    else if (answer.body.includes('access_token"')) found.tokens.push(what);
  }
  return { requests: attempts.length, failed, ...found };
}
