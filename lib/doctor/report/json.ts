import type { Diagnosis } from '../diagnose.js';

/** For programs: the diagnosis as it is. @example writeFileSync('diagnosis.json', formatDiagnosisAsJSON(await diagnose({ url }))); */
export function formatDiagnosisAsJSON({ findings, examined, notExamined }: Diagnosis): string {
  return JSON.stringify({ findings, examined, notExamined }, null, 2);
}
