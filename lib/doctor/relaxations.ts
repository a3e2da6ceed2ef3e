/** What the options of the server, and of the APIs in the application, give up. */
import { type Finding, findingsOf } from '../findings.js';
import { functionsOf } from './chains.js';
import type { Patient } from './patient.js';

/** Those of the server; none where it does not start, which a rule tells. */
function ofServer({ server }: Patient): readonly Finding[] {
  try {
    return server?.check().findings ?? [];
  } catch {
    return [];
  }
}

export function relaxationsIn(patient: Patient): readonly Finding[] {
  const { app } = patient;
  return [...ofServer(patient), ...(app ? functionsOf(app).flatMap(findingsOf) : [])];
}
