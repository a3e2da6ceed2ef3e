/** What the attacks found. */
import type { Attacked } from './attacks.js';
import type { Results } from './results.js';
import { mark, type Subject, subjects, table } from './rows.js';

type Verdict = 'withstood' | 'succeeded' | '5xx' | 'not applicable' | 'no result';

/** A server that fails has let nobody in, whatever else the attack counts as its success. */
function verdictOf({ outcome, detail }: Attacked): Verdict {
  if (detail.includes('made the server fail') || detail.startsWith('The server failed')) return '5xx';
  if (outcome === 'succeeded') return 'succeeded';
  if (outcome === 'skipped') return 'not applicable';
  return outcome === 'error' ? 'no result' : 'withstood';
}

const SIGNS: Readonly<Record<Verdict, string>> = {
  withstood: '✓',
  succeeded: '**✗**',
  '5xx': '5xx',
  'not applicable': '–',
  'no result': '?',
};

const isFinding = (attacked: Attacked): boolean => !['withstood', 'not applicable'].includes(verdictOf(attacked));

const examinedIn = (results: Results): readonly Subject[] => subjects.filter(({ name }) => name in results);

function summary(results: Results): string {
  const verdicts: readonly Verdict[] = ['withstood', 'succeeded', '5xx', 'no result', 'not applicable'];
  const rows = examinedIn(results).map(({ name, label }) => {
    const found = (results[name]?.attacks ?? []).map(verdictOf);
    return [label, ...verdicts.map((verdict) => String(found.filter((one) => one === verdict).length))];
  });
  return table([['', ...verdicts], ...rows]);
}

/** Attacks that not every server withstood. */
function findings(results: Results): string {
  const all = examinedIn(results);
  const names = new Set(
    all.flatMap(({ name }) => results[name]?.attacks.filter(isFinding).map((one) => one.name) ?? []),
  );
  const rows = [...names].sort().map((name) => [
    `\`${name}\``,
    ...all.map((subject) => {
      const attacked = results[subject.name]?.attacks.find((one) => one.name === name);
      return attacked ? mark(subject, name, SIGNS[verdictOf(attacked)]) : '–';
    }),
  ]);
  return table([['', ...all.map(({ label }) => label)], ...rows]);
}

/** Shortened, and as text in Markdown. */
function told(detail: string): string {
  const short = detail.length > 160 ? `${detail.slice(0, 160)}…` : detail;
  return short.replace(/[<>|*_`\\[\]$]/g, (one) => `\\${one}`);
}

/** What was got, in the words of the attack, one list for each server. */
function details(results: Results): string {
  return examinedIn(results)
    .map(({ name, label }) => {
      const found = results[name]?.attacks.filter(isFinding) ?? [];
      const lines = found.map((one) => `- \`${one.name}\`: ${told(one.detail)}`);
      return `${label}:${lines.length === 0 ? ' nothing.' : `\n\n${lines.join('\n')}`}`;
    })
    .join('\n\n');
}

export const attackTables = (results: Results): Readonly<Record<string, string>> => ({
  attacks: summary(results),
  findings: findings(results),
  details: details(results),
});
