import { randomUUID } from 'node:crypto';
import { requireCount, requireKnown } from '../../options.js';
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

/** Options of `runSingleUseTrial()`. */
export interface SingleUseTrialOptions extends TrialOptions {
  /** The number of races of two callers for each kind of value. Default 1,000. */
  readonly tries?: number | undefined;
}

/** A kind of value for one use, and how to use it. The first use returns `true`. */
interface Kind {
  readonly name: string;
  make(tokens: Tokens): Promise<string>;
  use(tokens: Tokens, thing: string): Promise<boolean>;
}

const user = () => ({ id: randomUUID() });

type Services = readonly [Tokens, Tokens];

const KINDS: readonly Kind[] = [
  {
    name: 'code',
    make: (tokens) => newCode(tokens, user()),
    use: async (tokens, code) => (await redeem(tokens, code)) !== undefined,
  },
  {
    name: 'refresh token',
    async make(tokens) {
      const issued = await redeem(tokens, await newCode(tokens, user()));
      return issued?.refresh_token ?? '';
    },
    use: async (tokens, token) => (await refresh(tokens, token)) !== undefined,
  },
  {
    name: 'jti',
    make: async () => randomUUID(),
    use: (tokens, jti) => tokens.useOnce(jti, Date.now() / 1000 + LIFE),
  },
  {
    name: 'ephemeral value',
    async make(tokens) {
      const key = randomUUID();
      await tokens.ephemeral.add(key, key, Date.now() / 1000 + LIFE);
      return key;
    },
    use: async (tokens, key) => (await tokens.ephemeral.take(key)) === key,
  },
];

/** How many races, or late uses, run at the same time. */
const AT_ONCE = 50;

/** Seconds that each value lives. RFC 6749 §4.1.2: ten minutes, the longest recommended lifetime of a code. */
const LIFE = 600;

/** Uses values once, and uses them again when they are about to expire, by a clock that is ahead. */
async function useLate([tokens, other]: Services, advance: () => void): Promise<readonly string[]> {
  const used = KINDS.flatMap((kind) =>
    Array.from({ length: AT_ONCE }, async () => {
      const thing = await kind.make(tokens);
      return { kind, thing, first: await kind.use(tokens, thing) };
    }),
  );
  const uses = await Promise.all(used);
  advance();
  const late = async ({ kind, thing, first }: (typeof uses)[number]): Promise<readonly string[]> => {
    if (!first) return [`${kind.name}: the only use was refused`];
    const again = await kind.use(other, thing);
    return again ? [`${kind.name}: used again shortly before its end`] : [];
  };
  return (await Promise.all(uses.map(late))).flat();
}

/**
 * Lets two token services use the same value at the same moment, many times, over a store with random delays. The values are codes, refresh tokens without a
 * grace window, the `jti` of assertions, and values in the ephemeral store. Of each pair of uses, exactly one may succeed. After that, 50 values of each kind
 * are used once, and again by a clock that is almost ten minutes ahead: the second use may not succeed.
 *
 * @throws TypeError for an invalid number of tries or milliseconds, since the trial would find no violation
 * @example
 * const { violations } = await runSingleUseTrial({ open: () => myStore(), tries: 1000 });
 * assert.deepEqual(violations, []);
 * @see RFC 6749 §10.5, RFC 9700 §4.14.2, RFC 7523 §3
 */
export function runSingleUseTrial(options: SingleUseTrialOptions): Promise<TrialReport> {
  requireKnown<SingleUseTrialOptions>(options, { ...TRIAL_OPTIONS, tries: true }, 'runSingleUseTrial');
  const { tries = 1000 } = options;
  requireCount('runSingleUseTrial({ tries })', tries, 1);
  requireLatency('runSingleUseTrial', options);
  let ahead = 0;
  const now = () => Date.now() / 1000 + ahead;
  return withServices(options, { grace: 0, lifetimes: { code: LIFE }, now }, async (services) => {
    const violations: string[] = [];
    const counts: Record<string, number> = {};
    const race = async ({ name, make, use }: Kind): Promise<void> => {
      const thing = await make(services[0]);
      const outcomes = await Promise.all(services.map((tokens) => use(tokens, thing)));
      const winners = outcomes.filter(Boolean).length;
      counts[name] = (counts[name] ?? 0) + 1;
      if (winners !== 1) violations.push(`${name}: ${winners} of 2 succeeded`);
    };
    for (const kind of KINDS) {
      for (let done = 0; done < tries; done += AT_ONCE)
        await Promise.all(Array.from({ length: Math.min(AT_ONCE, tries - done) }, () => race(kind)));
    }
    const advance = () => {
      ahead = LIFE - 10;
    };
    violations.push(...(await useLate(services, advance)));
    return { tries: tries * KINDS.length, violations, counts };
  });
}
