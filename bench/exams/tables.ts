/** The tables of docs/reliability.md, made of results.json. */

import { attackTables } from './attack-tables.js';
import type { Race, Raced } from './race.js';
import type { Result, Results } from './results.js';
import { mark, type Subject, subjects, table } from './rows.js';

type Row = (subject: Subject, result: Result) => readonly string[];

/** One line for each server. */
function byServer(head: readonly string[], results: Results, row: Row): string {
  const rows = subjects.flatMap((subject) => {
    const result = results[subject.name];
    return result ? [[subject.label, ...row(subject, result)]] : [];
  });
  return table([['', ...head], ...rows]);
}

function raceOf({ races }: Result, raced: Raced, senders: number, lost: number): Race {
  const found = races.find((one) => one.raced === raced && one.senders === senders && one.lost === lost);
  if (!found) throw new Error(`There is no race of ${senders} for a ${raced}`);
  return found;
}

function servedAndLoggedOut(results: Results, lost: number, senders: readonly number[]): string {
  const head = senders.map((count) => (count === 1 ? 'one sender' : `${count} senders at once`));
  return byServer(head, results, (subject, result) =>
    senders.map((count) => {
      const { served, tries, loggedOut } = raceOf(result, 'refresh token', count, lost);
      return mark(subject, 'races', `${served} of ${tries * count} · **${loggedOut}** of ${tries}`);
    }),
  );
}

const SENDERS = [2, 3, 8] as const;

const several = (results: Results): string =>
  byServer(
    [...SENDERS.map((count) => `code, ${count} senders`), ...SENDERS.map((count) => `refresh token, ${count} senders`)],
    results,
    (subject, result) =>
      (['code', 'refresh token'] as const).flatMap((raced) =>
        SENDERS.map((count) => mark(subject, 'races', String(raceOf(result, raced, count, 0).several))),
      ),
  );

const codes = (results: Results): string =>
  byServer(
    [...SENDERS.map((count) => `${count} senders at once`), 'one sender, a fifth of the answers lost'],
    results,
    (subject, result) => [
      ...SENDERS.map((count) => mark(subject, 'races', String(raceOf(result, 'code', count, 0).loggedOut))),
      mark(subject, 'races', String(raceOf(result, 'code', 1, 0.2).loggedOut)),
    ],
  );

const later = (results: Results): string =>
  byServer(['the used token gave tokens', 'its successor was valid afterwards'], results, (subject, { spent }) => {
    if (spent.rotated === 0) return ['not replaced', 'not replaced'];
    return [spent.accepted, spent.successorGood].map((count) => mark(subject, 'spent', `${count} of ${spent.rotated}`));
  });

const decisions = (results: Results): string =>
  byServer(
    ['two codes', 'the same code twice', 'one code', 'none'],
    results,
    (subject, { decisions: { tries, twoCodes, sameCode, none } }) =>
      [twoCodes, sameCode, tries - twoCodes - sameCode - none, none].map((count) =>
        mark(subject, 'decisions', String(count)),
      ),
  );

const hostile = (results: Results): string =>
  byServer(
    ['requests', '5xx', 'no answer', 'tokens', 'forged JWTs accepted'],
    results,
    (_, { hostile: { requests, failed, unanswered, tokens }, forged }) => [
      String(requests),
      Object.entries(failed)
        .map(([status, what]) => `${what.length} × ${status}`)
        .join(', ') || '0',
      ...[unanswered, tokens].map((list) => String(list.length)),
      forged.tried === 0 ? 'no JWTs' : `${forged.accepted.length} of ${forged.tried}`,
    ],
  );

const configurations = (results: Results): string =>
  subjects
    .filter(({ name }) => name in results)
    .map(({ name, label, configuration }) => {
      const { versions = {} } = results[name] ?? {};
      const packages = Object.entries(versions).map(([one, version]) => `${one} ${version}`);
      return `- ${label} (${packages.join(', ')}): ${configuration}`;
    })
    .join('\n');

/** Servers without figures. The page names them, so that nobody takes a missing row for a result. */
function missing(results: Results): string {
  const labels = subjects.filter(({ name }) => !(name in results)).map(({ label }) => label);
  return labels.length === 0 ? '' : `\n\n**Not examined yet**: ${labels.join(', ')}.`;
}

/** Where and when, once for all servers that it is the same for. */
function conditions(results: Results): string {
  const all = new Set(Object.values(results).map(({ machine }) => machine));
  return [...all].sort().join('; ');
}

/** What stands between the markers of the page, by marker. */
export function sectionsOf(results: Results): Readonly<Record<string, string>> {
  return {
    configurations: `${configurations(results)}${missing(results)}\n\n${conditions(results)}.`,
    'refresh-lost': servedAndLoggedOut(results, 0.2, [1, ...SENDERS]),
    refresh: servedAndLoggedOut(results, 0, SENDERS),
    several: several(results),
    codes: codes(results),
    later: later(results),
    decisions: decisions(results),
    hostile: hostile(results),
    ...attackTables(results),
  };
}
