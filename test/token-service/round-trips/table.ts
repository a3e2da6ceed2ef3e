import { readCounted } from './counted.js';

/** `get, consume`, and `list, 10 revoke`. */
function inWords(calls: readonly string[]): string {
  const numbers = new Map<string, number>();
  for (const call of calls) numbers.set(call, (numbers.get(call) ?? 0) + 1);
  return [...numbers].map(([call, count]) => (count === 1 ? `\`${call}\`` : `${count} \`${call}\``)).join(', ');
}

/** What was counted, as the cells of a table. */
export function roundTripRows(): string[][] {
  return Object.entries(readCounted()).map(([operation, { calls, PostgreSQL, Redis, 'Redis cluster': cluster }]) => [
    ...[operation, inWords(calls)],
    ...[PostgreSQL?.commands, PostgreSQL?.waits, Redis?.commands, Redis?.waits, cluster?.commands].map(String),
  ]);
}
