/** oauth2orize's callbacks end by calling `done`; ours return a value, or a promise of one. */
import { warnOnce } from '../errors/warning.js';

/** A callback has returned at once, and with nothing: as one does that will call `done` later. @param where for the message */
export function warnOfDone(where: string): void {
  warnOnce(
    'KOAUTHORIZE_DONE',
    `${where}: the callback returned undefined, and no promise. There is no \`done\` to call here: return the result, or a promise of it, and false for a refusal.`,
  );
}
