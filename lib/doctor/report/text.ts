import { oneLine } from '../../errors/one-line.js';
import type { Finding, Severity } from '../../findings.js';
import type { Diagnosis } from '../diagnose.js';

const ORDER: readonly Severity[] = ['error', 'warning', 'relaxation'];

function lines({ rule, severity, found, why, section, remedy }: Finding): string {
  const clause = section === undefined ? '' : ` (${section})`;
  return `${severity.padEnd(10)} ${rule}: ${oneLine(found)}\n  why:     ${why}${clause}\n  instead: ${remedy}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** The diagnosis as text, for a terminal, with the errors first. @example console.log(formatDiagnosis(await diagnose({ url }))) */
export function formatDiagnosis({ findings, examined, notExamined }: Diagnosis): string {
  const sorted = ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const counts = ORDER.map((severity) =>
    counted(findings.filter((each) => each.severity === severity).length, severity),
  );
  const looked = `${counted(examined.length, 'rule')} had something to look at`;
  const blind = notExamined.length > 0 ? `; not these, which need more parts: ${notExamined.join(', ')}` : '';
  return [...sorted.map(lines), `${counts.join(', ')}. ${looked}${blind}.`].join('\n\n');
}
