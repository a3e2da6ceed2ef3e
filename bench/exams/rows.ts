/** What the tables have in common. */
import type { Subject } from './subjects.js';

export { type Subject, subjects } from './subjects.js';

/** Marks what the application does, and not the toolkit. */
export const mark = ({ ofApplication }: Subject, exam: string, cell: string): string =>
  ofApplication.includes(exam) ? `${cell} <sup>a</sup>` : cell;

/** A Markdown table, all but the first column in the middle. @param rows the first is its head */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : ':---:'))), ...rows.map(line)].join('\n');
}
