import type { Diagnosis } from '../diagnose.js';

/** For programs: the diagnosis as it is. */
export function formatDiagnosisAsJSON({ findings, examined, notExamined }: Diagnosis): string {
  return JSON.stringify({ findings, examined, notExamined }, null, 2);
}
