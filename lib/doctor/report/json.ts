import type { Diagnosis } from '../diagnose.js';

/** The diagnosis as JSON, for programs. @example writeFileSync('diagnosis.json', formatDiagnosisAsJSON(await diagnose({ url }))); */
export function formatDiagnosisAsJSON({ findings, examined, notExamined }: Diagnosis): string {
  return JSON.stringify({ findings, examined, notExamined }, null, 2);
}
