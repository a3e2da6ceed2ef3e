/** What may happen in a run, as fast-check makes it: plain values that shrink, and that say by themselves what was done. */
import fc from 'fast-check';

/** `end` is `revokeAuthorization`, `endAll` is `revokeAll`. */
export type Deed = 'exchange' | 'refresh' | 'revoke' | 'introspect' | 'verify' | 'list' | 'end' | 'endAll';

/** Which credential of an authorization; `back` counts from the newest. */
export type Kind = 'code' | 'access' | 'refresh';

/** One request, or one call of the application's, to one authorization. Each deed reads what concerns it. */
export interface Act {
  readonly deed: Deed;
  readonly kind: Kind;
  readonly back: number;
  /** Who asks. `api` may introspect, and is another client otherwise. Of `endAll`: all of the user, of the client, or of both. */
  readonly by: 'owner' | 'other' | 'api';
  /** Of a refresh: nothing, the first or the last word of what was granted, or more. */
  readonly scope: 'same' | 'narrower' | 'other' | 'wider';
  readonly verifier: 'right' | 'wrong';
  /** Which process is asked. */
  readonly place: Place;
  /** The answer gets lost on its way to the client. */
  readonly lost: boolean;
}

/** Of the two processes. */
export type Place = 0 | 1;

/** A process or a store that breaks in the middle. */
export interface Fault {
  /** At which operation of the batch: 0 is the first. */
  readonly at: number;
  /** How many operations, from there on. */
  readonly count: number;
  /**
   * The process dies, and another is started; or the store refuses, and all goes on; or the store is slow, and given up on: then what has
   * had no effect by then comes to the store when all is over.
   */
  readonly how: 'crash' | 'failure' | 'late';
  /** Whether that operation takes effect before. */
  readonly effect: boolean;
  /** Whether what a dead process had sent and was not answered takes effect. */
  readonly lands: boolean;
}

/** Who goes next at every turn, as a place among those who wait; from `ALL` on, all at once. When there are none left, the first. */
export type Picks = readonly number[];
export const ALL = 8;

export interface Again {
  /** How long it waits before. */
  readonly seconds: number;
  /** Whether it asks the other process. */
  readonly elsewhere: boolean;
}

export type Command =
  | {
      readonly command: 'authorize';
      readonly client: number;
      readonly user: number;
      readonly scope: string;
      readonly place: Place;
      /** Whether its code is exchanged at once. */
      readonly connect: boolean;
    }
  | {
      readonly command: 'batch';
      /** Counts from the newest. */
      readonly family: number;
      readonly acts: readonly Act[];
      readonly picks: Picks;
      readonly fault: Fault | undefined;
      /** Its client asks again when it got no answer. */
      readonly again: Again | undefined;
    }
  | { readonly command: 'tick'; readonly seconds: number };

const often = <T>(value: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight: 6 }, { arbitrary: fc.constantFrom(value, ...others), weight: 2 });

const kindFor: Readonly<Record<Deed, fc.Arbitrary<Kind>>> = {
  exchange: often<Kind>('code', 'refresh', 'access'),
  refresh: often<Kind>('refresh', 'code', 'access'),
  revoke: fc.constantFrom<Kind>('access', 'refresh', 'access', 'code'),
  introspect: fc.constantFrom<Kind>('access', 'refresh', 'access', 'code'),
  verify: often<Kind>('access', 'refresh', 'code'),
  list: fc.constant<Kind>('code'),
  end: fc.constant<Kind>('code'),
  endAll: fc.constant<Kind>('code'),
};
const place = fc.constantFrom<Place>(0, 1);
const actOf = (deed: Deed): fc.Arbitrary<Act> =>
  fc.record({
    deed: fc.constant(deed),
    kind: kindFor[deed],
    back: deed === 'revoke' ? fc.nat({ max: 2 }) : often(0, 1, 2, 3, 4), // spent ones can be given up, too
    by: often<Act['by']>('owner', 'other', 'api'),
    scope: fc.constantFrom<Act['scope']>('same', 'same', 'same', 'narrower', 'narrower', 'other', 'wider'),
    verifier: often<Act['verifier']>('right', 'wrong'),
    place,
    lost: often(false, true),
  });
const anyOf = (...weights: readonly [weight: number, ...deeds: readonly Deed[]][]): fc.Arbitrary<Act> =>
  fc.oneof(...weights.map(([weight, ...deeds]) => ({ arbitrary: fc.oneof(...deeds.map(actOf)), weight })));

/** Several tabs refresh, and meanwhile all is ended. */
const raceOf = (refresh: fc.Arbitrary<Act>, end: fc.Arbitrary<Act>): fc.Arbitrary<readonly Act[]> =>
  fc
    .tuple(fc.array(refresh, { minLength: 2, maxLength: 3 }), end)
    .map(([refreshes, last]) => [...refreshes.map((each) => Object.assign({}, each, { back: 0 })), last]);

/** One alone, the same several times at once, or several at once. */
const actsOf = (act: fc.Arbitrary<Act>): fc.Arbitrary<readonly Act[]> => {
  const elsewhere = fc.array(place, { minLength: 2, maxLength: 5 });
  const same = fc
    .tuple(act, elsewhere)
    .map(([one, places]) => places.map((place) => Object.assign({}, one, { place })));
  return fc.oneof(
    { arbitrary: act.map((one) => [one]), weight: 5 },
    { arbitrary: same, weight: 2 },
    { arbitrary: fc.array(act, { minLength: 2, maxLength: 4 }), weight: 3 },
  );
};
const fault: fc.Arbitrary<Fault> = fc.record({
  at: often(1, 0, 2, 3, 4, 5),
  count: often(1, 2, 3),
  how: fc.constantFrom('crash', 'failure', 'late', 'late'),
  effect: fc.boolean(),
  lands: fc.boolean(),
});
const again: fc.Arbitrary<Again> = fc.record({
  seconds: fc.oneof(
    { arbitrary: fc.constantFrom(0, 5, 9, 15, 60), weight: 4 },
    { arbitrary: fc.constantFrom(119, 121, 600, 3599, 3601), weight: 1 },
  ),
  elsewhere: fc.boolean(),
});
const batchOf = (acts: fc.Arbitrary<readonly Act[]>, family: fc.Arbitrary<number>) =>
  fc.record({
    command: fc.constant('batch' as const),
    family,
    acts,
    picks: fc.array(fc.nat({ max: ALL + 3 }), { maxLength: 16 }),
    fault: fc.option(fault, { nil: undefined, freq: 3 }),
    again: fc.option(again, { nil: undefined, freq: 3 }),
  });
const life = anyOf(
  [2, 'exchange'],
  [12, 'refresh'],
  [4, 'introspect', 'verify', 'list'],
  [2, 'revoke'],
  [1, 'end', 'endAll'],
);
const batch = batchOf(actsOf(life), often(0, 1, 2, 3));
const race = batchOf(raceOf(actOf('refresh'), anyOf([1, 'end', 'endAll', 'revoke'])), often(0, 1));

const authorizeWith = (connect: boolean) =>
  fc.record({
    command: fc.constant('authorize' as const),
    client: often(0, 1),
    user: often(0, 1),
    scope: fc.constantFrom('read write', 'read'),
    place,
    connect: fc.constant(connect),
  });

const HOUR = 3600;
const DAY = 24 * HOUR;
const seconds = fc.oneof(
  { arbitrary: fc.constantFrom(1, 5, 9, 10, 11, 30), weight: 6 },
  { arbitrary: fc.constantFrom(59, 60, 61, 600, HOUR - 1, HOUR), weight: 3 },
  { arbitrary: fc.constantFrom(DAY, DAY + HOUR, 2 * DAY), weight: 1 },
  { arbitrary: fc.integer({ min: -12, max: -1 }), weight: 2 },
);
const tickOf = (seconds: fc.Arbitrary<number>) => fc.record({ command: fc.constant('tick' as const), seconds });
const tick = tickOf(seconds);
/** A code, and what may happen while it is on its way. */
const birth = fc.tuple(
  authorizeWith(false),
  tickOf(often(0, 15, 29, 31, 59, 60)),
  batchOf(actsOf(anyOf([6, 'exchange'], [1, 'end', 'endAll', 'list'])), fc.constant(0)),
);

/** A run. */
export function commands(maxLength: number): fc.Arbitrary<readonly Command[]> {
  const alone = (one: Command): readonly Command[] => [one];
  const group = fc.oneof<fc.WeightedArbitrary<readonly Command[]>[]>(
    { arbitrary: batch.map(alone), weight: 12 },
    { arbitrary: authorizeWith(true).map(alone), weight: 1 },
    { arbitrary: race.map(alone), weight: 1 },
    { arbitrary: birth, weight: 2 },
    { arbitrary: tick.map(alone), weight: 4 },
  );
  const groups = fc.array(group, { minLength: 1, maxLength, size: 'max' });
  return groups.map((each) => each.flat().slice(0, maxLength));
}
