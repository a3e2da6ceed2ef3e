/** What may happen to devices, to users who are asked, and to tokens that are exchanged, as fast-check makes it. */
import fc from 'fast-check';

/** Numbers name the newest first. */
export type Deed =
  | { readonly deed: 'connect'; readonly user: number }
  | { readonly deed: 'begin' }
  | { readonly deed: 'ask'; readonly user: number }
  | { readonly deed: 'decide'; readonly device: number; readonly user: number; readonly deny: boolean }
  | { readonly deed: 'poll'; readonly device: number }
  | { readonly deed: 'exchange'; readonly token: number; readonly service: number; readonly scope: string }
  | { readonly deed: 'refresh'; readonly connection: number }
  | { readonly deed: 'revoke'; readonly token: number }
  | { readonly deed: 'end'; readonly token: number }
  | { readonly deed: 'endAll'; readonly whose: 'user' | 'client' | 'service'; readonly which: number }
  | { readonly deed: 'tick'; readonly seconds: number };

/** What is done at the same moment, at two servers. */
export type Turn = readonly Deed[];

const which = fc.nat({ max: 3 });
const one = fc.nat({ max: 1 });
const connect = fc.record({ deed: fc.constant('connect' as const), user: one });
const begin = fc.constant<Deed>({ deed: 'begin' });
const ask = fc.record({ deed: fc.constant('ask' as const), user: one });
const decide = fc.record({ deed: fc.constant('decide' as const), device: which, user: one, deny: fc.boolean() });
const poll = fc.record({ deed: fc.constant('poll' as const), device: which });
const swap = fc.record({
  deed: fc.constant('exchange' as const),
  token: which,
  service: one,
  scope: fc.constantFrom('', 'read', 'read', 'read write'),
});
const refresh = fc.record({ deed: fc.constant('refresh' as const), connection: which });
const revoke = fc.record({ deed: fc.constant('revoke' as const), token: which });
const end = fc.record({ deed: fc.constant('end' as const), token: which });
const endAll = fc.record({
  deed: fc.constant('endAll' as const),
  whose: fc.constantFrom('user' as const, 'client' as const, 'service' as const),
  which: one,
});
const tick = fc.record({
  deed: fc.constant('tick' as const),
  seconds: fc.constantFrom(1, 5, 30, 300, 601, 3000, 3601),
});

/** What may be on its way when all of it ends. */
const race = fc.tuple(fc.oneof(poll, swap, swap, refresh), fc.oneof(end, endAll, revoke));
const alone: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(connect, begin, ask) },
  { weight: 8, arbitrary: fc.oneof(decide, poll, swap, swap) },
  { weight: 3, arbitrary: fc.oneof(refresh, revoke, end, endAll, tick) },
);

export const turns = (maxLength: number): fc.Arbitrary<readonly Turn[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: alone.map((deed): Turn => [deed]) },
      { weight: 1, arbitrary: race },
      { weight: 1, arbitrary: fc.tuple(poll, poll).map(([first]): Turn => [first, first]) },
    ),
    { minLength: 1, maxLength, size: 'max' },
  );
