/** The doctor: what is wrong with an authorization server, why, and what to write instead. */
export type { CheckReport, Finding, Severity } from '../findings.js';
export { type Diagnosis, diagnose } from './diagnose.js';
export { formatDiagnosisAsJSON } from './report/json.js';
export { formatDiagnosis } from './report/text.js';
export type { DiagnoseOptions, DiagnosisTarget, ExaminedApp, ExaminedServer, ExaminedSession } from './target.js';
