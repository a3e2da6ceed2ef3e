/** The protections that options of the server, and of the APIs in the application, give up. */
import { type Finding, findingsOf } from '../findings.js';
import { functionsOf } from './chains.js';
import type { DiagnosisTarget } from './target.js';

/** The relaxations of the server; none if it does not start, which the rule `notStarting` reports. */
function ofServer({ server }: DiagnosisTarget): readonly Finding[] {
  try {
    return server?.check().findings ?? [];
  } catch {
    return [];
  }
}

export function relaxationsIn(target: DiagnosisTarget): readonly Finding[] {
  const { app } = target;
  return [...ofServer(target), ...(app ? functionsOf(app).flatMap(findingsOf) : [])];
}
