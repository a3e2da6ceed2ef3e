/** The form of one dialog is sent twice at the same moment. */
import { randomBytes } from 'node:crypto';
import { secretOf } from '../servers/clients.js';
import type { Answer, Connection } from '../workloads/connection.js';
import type { ExamDialog } from './dialog.js';

export interface Decisions {
  readonly tries: number;
  /** Dialogs that gave two codes. */
  readonly twoCodes: number;
  /** Dialogs of which both answers led to the client with the same code: who presses the button twice sees nothing of it. */
  readonly sameCode: number;
  /** Dialogs that gave no code. */
  readonly none: number;
}

function codeIn({ headers: { location } }: Answer): string | null {
  return location === undefined ? null : new URL(location, 'http://127.0.0.1').searchParams.get('code');
}

export async function decideTwice(http: Connection, dialog: ExamDialog, tries: number): Promise<Decisions> {
  const counts = { tries, twoCodes: 0, sameCode: 0, none: 0 };
  for (let number = 0; number < tries; number += 1) {
    const state = randomBytes(16).toString('base64url');
    const asked = { state, codeChallenge: secretOf('nobody'), scope: dialog.scope };
    const form = await dialog.open(http, asked);
    const answers = await Promise.all([dialog.decide(http, form), dialog.decide(http, form)]);
    const codes = answers.map(codeIn).filter((code) => code !== null);
    const different = new Set(codes).size;
    if (different === 2) counts.twoCodes += 1;
    else if (codes.length === 2) counts.sameCode += 1;
    else if (different === 0) counts.none += 1;
  }
  return counts;
}
