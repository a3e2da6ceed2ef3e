/** Callbacks for oauth2orize give their result by calling `done`. Callbacks for this toolkit return the result, or a promise of it. */
import { warnOnce } from '../errors/warning.js';

/** Warns that a callback returned `undefined` and no promise: a callback for oauth2orize does so, and calls `done` later. @param where for the message */
export function warnOfDone(where: string): void {
  warnOnce(
    'KOAUTHORIZE_DONE',
    `${where}: the callback returned undefined, and no promise. If it is to call oauth2orize's \`done\` later: there is none here, so return the result, or a promise of it. If it refuses: return false.`,
  );
}
