import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OptionNames, requireCount, requireKnown, requireNumber, requireSeconds } from '../../options.js';
import type { IssuedTokens } from '../../types.js';
import {
  newCode,
  redeem,
  refresh,
  requireLatency,
  type Tokens,
  TRIAL_OPTIONS,
  type TrialOptions,
  type TrialReport,
  withServices,
} from './trial.js';

/** Options of `runRotationTrial()`. */
export interface RotationTrialOptions extends TrialOptions {
  /** The number of refreshes. Default 1,000. */
  readonly refreshes?: number | undefined;
  /** How many senders use one refresh token at the same moment, as tabs of a browser do. Default 3. */
  readonly senders?: number | undefined;
  /** The share of lost answers, from 0 to 1. Default 0.2. */
  readonly lost?: number | undefined;
  /** Seconds of the grace window. The trial waits for its end. Default 3. */
  readonly grace?: number | undefined;
  /** Returns all stored content, as text. It must not contain an issued token. */
  readonly dump?: (() => Promise<string>) | undefined;
}

const KNOWN: OptionNames<RotationTrialOptions> = {
  ...TRIAL_OPTIONS,
  refreshes: true,
  senders: true,
  lost: true,
  grace: true,
  dump: true,
};

/** @throws TypeError: a trial that tries nothing would find nothing, and one whose answers are all lost would never end */
function requireSensible(options: RotationTrialOptions): void {
  requireKnown<RotationTrialOptions>(options, KNOWN, 'runRotationTrial');
  const { refreshes = 1, senders = 1, lost = 0, grace = 0 } = options;
  requireCount('runRotationTrial({ refreshes })', refreshes, 1);
  requireCount('runRotationTrial({ senders })', senders, 1);
  requireNumber('runRotationTrial({ lost })', lost, 0, 0.99);
  requireSeconds('runRotationTrial({ grace })', grace, 0, 600);
  requireLatency('runRotationTrial', options);
}

/** State that all senders share: the latest refresh token, and all issued tokens. */
interface Session {
  latest: string;
  readonly handedOut: string[];
}

/** One refresh by one sender, which repeats the request if the answer is lost. @returns the number of requests; undefined if the refresh was refused */
async function refreshOnce(services: readonly Tokens[], session: Session, lost: number): Promise<number | undefined> {
  const token = session.latest;
  for (let asked = 1; ; asked++) {
    const tokens = services[Math.random() < 0.5 ? 0 : 1] as Tokens;
    const issued = await refresh(tokens, token);
    if (!issued) return undefined;
    if (Math.random() < lost) continue;
    const next = issued.refresh_token ?? '';
    if (session.latest === token) session.latest = next; // a late answer must not replace a newer token by a used one
    session.handedOut.push(issued.access_token, next);
    return asked;
  }
}

async function connect(tokens: Tokens, id: string): Promise<IssuedTokens> {
  const issued = await redeem(tokens, await newCode(tokens, { id }));
  if (!issued) throw new Error('A new code was refused');
  return issued;
}

async function isActive(tokens: Tokens, token: string): Promise<boolean> {
  return (await tokens.introspect(token, { client_id: 'a client' })).active;
}

function countEvents(services: readonly Tokens[], counts: { replays: number; ended: number }): void {
  for (const { events } of services) {
    events.on('replayDetected', () => counts.replays++);
    events.on('familyRevoked', () => counts.ended++);
  }
}

/**
 * Refreshes the tokens of one authorization many times, by several concurrent senders, at two token services, while some answers are lost. No refresh within
 * the grace window may be refused, and at the end exactly one family of tokens must be valid. A replay of a used token after the window must end this family,
 * with one event, and no other family of the same user.
 *
 * @throws TypeError for an invalid number of refreshes, senders, seconds or milliseconds, and if all answers would be lost
 * @example
 * const { violations } = await runRotationTrial({ open: () => myStore(), refreshes: 1000 });
 * assert.deepEqual(violations, []);
 * @see RFC 9700 §4.14.2
 */
export function runRotationTrial(options: RotationTrialOptions): Promise<TrialReport> {
  requireSensible(options);
  const { refreshes = 1000, senders = 3, lost = 0.2, grace = 3, dump } = options;
  return withServices(options, { grace, maxRefreshes: Number.MAX_SAFE_INTEGER }, async (services) => {
    const [one, other] = services;
    const id = randomUUID();
    const violations: string[] = [];
    const counts = { refused: 0, asked: 0, replays: 0, ended: 0 };
    const expect = (isSo: boolean, what: string): void => void (isSo || violations.push(what));
    countEvents(services, counts);
    const device = await connect(one, id);
    const first = (await connect(other, id)).refresh_token ?? '';
    const session: Session = { latest: first, handedOut: [first] };
    let left = refreshes;
    const send = async (): Promise<void> => {
      while (left-- > 0) {
        const asked = await refreshOnce(services, session, lost);
        counts.asked += asked ?? 1;
        if (asked === undefined) counts.refused++;
      }
    };
    await Promise.all(Array.from({ length: senders }, send));
    expect(counts.refused === 0, `${counts.refused} of ${refreshes} were refused`);
    expect(counts.replays === 0, `${counts.replays} were taken for replays`);
    expect(await isActive(one, session.latest), 'the latest refresh token is not live');
    const families = (await one.listAuthorizations({ id })).length;
    expect(families === 2, `${families} authorizations are live, of the 2 that were given`);
    const stored = (await dump?.()) ?? '';
    expect(!session.handedOut.some((secret) => stored.includes(secret)), 'a token stands in the store');
    await sleep(grace * 1000 + 1500); // longer than the window, since some stores have clocks of whole seconds
    expect((await refresh(other, first)) === undefined, 'a spent token was taken after the grace window');
    expect(!(await isActive(one, session.latest)), 'a replay did not end its family');
    expect(await isActive(one, device.refresh_token ?? ''), "a replay ended another of the user's devices");
    expect(counts.replays === 1 && counts.ended === 1, `${counts.replays} replays and ${counts.ended} ends were told`);
    return { tries: refreshes, violations, counts };
  });
}
