/** A refresh token that was spent comes again, after every grace period: somebody has stolen it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../workloads/connection.js';
import { getTokens, refresh } from '../workloads/requests.js';
import { readTokens } from '../workloads/verify.js';
import type { ExamDialog } from './dialog.js';

/** Seconds: one more than the longest grace period of a server here. */
const LATER = 11;

export interface Spent {
  readonly tries: number;
  /** How often a refresh was answered with another refresh token. Where it is not, nothing is spent, and nothing else is tried. */
  readonly rotated: number;
  /** How often the spent token gave tokens. */
  readonly accepted: number;
  /** How often its successor was good afterwards: the thief, or the user, goes on, and nobody knows. */
  readonly successorGood: number;
}

export async function replaySpent(http: Connection, dialog: ExamDialog, tries: number): Promise<Spent> {
  const counts = { tries, rotated: 0, accepted: 0, successorGood: 0 };
  const pairs: { readonly spent: string; readonly successor: string }[] = [];
  for (let number = 0; number < tries; number += 1) {
    const { refreshToken: spent = '' } = await getTokens(http, dialog);
    const { refreshToken: successor = spent } = readTokens(await refresh(http, spent));
    if (successor !== spent) pairs.push({ spent, successor });
  }
  counts.rotated = pairs.length;
  if (pairs.length > 0) await sleep(LATER * 1000);
  for (const { spent, successor } of pairs) {
    if ((await refresh(http, spent)).status === 200) counts.accepted += 1;
    if ((await refresh(http, successor)).status === 200) counts.successorGood += 1;
  }
  return counts;
}
