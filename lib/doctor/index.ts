/** The doctor: what is wrong with an authorization server, why, and what to write instead. */
export type { CheckReport, Finding, Severity } from '../findings.js';
export { type Diagnosis, diagnose } from './diagnose.js';
export type { DiagnoseOptions, ExaminedApp, ExaminedServer, ExaminedSession, Patient } from './patient.js';
export { formatDiagnosisAsJSON } from './report/json.js';
export { formatDiagnosis } from './report/text.js';
