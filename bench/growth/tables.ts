/** The tables of what was measured, each with what is read out of it. */
import { table } from '../report.js';
import type { Measured } from './measure-stores.js';
import type { Cost, StoreName } from './protocol.js';
import type { SessionCost } from './session.js';

const count = (value: number): string => value.toLocaleString('en');

/** Three digits at least where there is something to see. */
const figure = (value: number): string => (value < 100 ? value.toFixed(1) : count(Math.round(value)));

export const LABELS: Readonly<Record<StoreName, string>> = {
  memory: 'memory',
  lmdb: 'lmdb',
  postgres: 'PostgreSQL',
  redis: 'Redis',
};

/** The figure that says something about the store: time on the wall, where it works in another process. */
function telling(store: StoreName, { cpu, wall }: Cost): number {
  return store === 'postgres' || store === 'redis' ? wall : cpu;
}

const cell = (cost: Cost): string => `${figure(cost.cpu)} · ${figure(cost.wall)}`;

const times = (factor: number): string => `×${factor.toFixed(2)}`;

const installed = (measured: readonly Measured[]): readonly Measured[] =>
  measured.filter(({ filled }) => filled.length > 0);

/** Within what a shared machine adds or takes. */
const FLAT = 1.3;

function wordFor(factor: number, live: readonly number[]): string {
  if (factor <= FLAT) return 'is flat';
  const logarithm = Math.log(live.at(-1) ?? 1) / Math.log(live[0] ?? 1);
  return factor <= logarithm ? 'grows no faster than the logarithm' : 'grows faster than the logarithm';
}

function readCosts(measured: readonly Measured[], live: readonly number[]): string {
  const said = installed(measured).map(({ store, growth }) => {
    const factors = growth.map(({ factor }) => telling(store, factor));
    const [least, most] = [Math.min(...factors), Math.max(...factors)];
    return `${LABELS[store]} ${wordFor(most, live)} (${times(least)} to ${times(most)})`;
  });
  return `From ${count(live.at(0) ?? 0)} to ${count(live.at(-1) ?? 0)} live tokens, ${said.join('; ')}.`;
}

/** Microseconds of CPU and of time on the wall for each operation. */
export function costTable(measured: readonly Measured[], live: readonly number[]): string {
  const rows = measured.flatMap(({ store, growth }) =>
    growth.map(({ operation, costs, factor }) => [
      `${LABELS[store]}: ${operation}`,
      ...costs.map(cell),
      times(telling(store, factor)),
    ]),
  );
  return [
    '### An operation, by how many tokens are live',
    'Microseconds of this process’s CPU · of time on the wall, 50 operations at once; the median of rounds in which few and many take turns. ' +
      'The last column is the last to the first in each round, by CPU; where the database is another process, by time on the wall.',
    table([['', ...live.map(count), 'growth'], ...rows]),
    readCosts(measured, live),
    ...measured.filter(({ filled }) => filled.length === 0).map(({ store }) => `${LABELS[store]} is not installed.`),
  ].join('\n\n');
}

/** Fewer tell of the database’s pages more than of tokens. */
const ENOUGH = 1000;

export function bytesTable(measured: readonly Measured[], live: readonly number[]): string {
  const columns = [...live.entries()].filter(([, tokens]) => tokens >= ENOUGH);
  const bytes = ({ filled }: Measured): number[] => columns.map(([i]) => filled[i]?.bytesPerToken ?? Number.NaN);
  const rows = installed(measured).map((one) => [
    LABELS[one.store],
    ...bytes(one).map((each) => count(Math.round(each))),
  ]);
  const factors = installed(measured).map(
    (one) => `${LABELS[one.store]} ${times((bytes(one).at(-1) ?? 0) / (bytes(one)[0] ?? 0))}`,
  );
  const collection = measured.find(({ store }) => store === 'memory')?.filled.at(-1)?.collection;
  return [
    '### Bytes per token',
    'Half of them access tokens, half refresh tokens: of heap in memory; of the file, of the tables with their indices, of `used_memory` elsewhere. ' +
      'Everything that a login leaves is counted, which is four records for two tokens: the spent code and what recognizes spent refresh tokens, too.',
    table([['', ...columns.map(([, tokens]) => `of ${count(tokens)}`)], ...rows]),
    `One of ${count(live.at(-1) ?? 0)} against one of ${count(columns[0]?.[1] ?? 0)}: ${factors.join(', ')}.`,
    ...(collection === undefined
      ? []
      : [
          `One whole collection of garbage with ${count(live.at(-1) ?? 0)} tokens in memory takes ${figure(collection)} ms.`,
        ]),
  ].join('\n\n');
}

function readFamilies(measured: readonly Measured[]): string {
  const said = measured.map(({ store, families }) => {
    const [small, large] = [families.at(0), families.at(-1)];
    if (!small || !large) return '';
    const asking = times(telling(store, large.introspect) / telling(store, small.introspect));
    return `${LABELS[store]} ${asking}, ${figure(large.revoke.wall / large.size)} µs`;
  });
  return `What introspection of a member of the large family costs against one of the small, and its revocation for each member: ${said.join('; ')}.`;
}

export function familyTable(measured: readonly Measured[], beside: number): string {
  const all = measured.filter(({ families }) => families.length > 0);
  const sizes = all[0]?.families.map(({ size }) => size) ?? [];
  const rows = all.map(({ store, families }) => [
    LABELS[store],
    ...families.map(({ introspect }) => cell(introspect)),
    ...families.map(({ revoke }) => cell(revoke)),
  ]);
  const of = (what: string): string[] => sizes.map((size) => `${what} of ${count(size)}`);
  return [
    '### A family of tokens',
    `All of one authorization, with ${count(beside)} other live tokens in the store; microseconds of CPU · on the wall. Introspection is of a member, 50 at ` +
      'once; revocation is one at a time, and every member is asked for afterwards: none is left.',
    table([['', ...of('introspection'), ...of('revocation')], ...rows]),
    readFamilies(all),
  ].join('\n\n');
}

export function sessionTable(sessions: readonly SessionCost[]): string {
  const rows = sessions.map(({ abandoned, waiting, cookie, cpu, first, last }) => [
    count(abandoned),
    count(waiting),
    count(cookie),
    figure(cpu),
    first === undefined ? '–' : String(first),
    last === undefined ? '–' : String(last),
  ]);
  const most = Math.max(...sessions.map(({ waiting }) => waiting));
  const growth = (sessions.at(-1)?.cpu ?? Number.NaN) / (sessions.at(0)?.cpu ?? Number.NaN);
  return [
    '### Dialogs that nobody answered',
    'In one session of koa-session, which is a signed cookie. CPU of the server for an authorization request and its decision, in microseconds.',
    table([
      ['abandoned', 'still waiting', 'bytes of cookie', 'CPU', 'answer to the first', 'answer to the last'],
      ...rows,
    ]),
    `However many are abandoned, ${most} wait, and the oldest make room: the cookie has a bound, and with it the cost, ${times(growth)} of that in an empty session.`,
  ].join('\n\n');
}
