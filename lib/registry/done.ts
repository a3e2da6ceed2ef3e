/** Callbacks for oauth2orize give their result by calling `done`. Callbacks for this toolkit return the result, or a promise of it. */
import { warnOnce } from '../errors/warning.js';

/** The usual names of the function that a callback for oauth2orize calls with its result. */
const DONE: ReadonlySet<string> = new Set(['done', 'cb', 'callback', 'next', 'issued']);

/** The list of parameters in the source of a function: up to the first parenthesis that closes. */
const PARAMETERS = /^[^(]*\(([^()]*)\)/;

/** Whether the last parameter of a callback is `done`, by its name. The number of parameters does not tell it: the toolkit passes more of them than oauth2orize. */
function waitsForDone(callback: (...args: never[]) => unknown): boolean {
  const [, parameters = ''] = PARAMETERS.exec(Function.prototype.toString.call(callback)) ?? [];
  return DONE.has(parameters.slice(parameters.lastIndexOf(',') + 1).trim());
}

/**
 * Warns of a callback for oauth2orize. It has returned `undefined` and no promise, and would call `done` later. A callback that declares no `done` refuses the
 * request by `undefined`, and is not warned of.
 *
 * @param where for the message
 */
export function warnOfDone(where: string, callback: (...args: never[]) => unknown): void {
  if (!waitsForDone(callback)) return;
  warnOnce(
    'KOAUTHORIZE_DONE',
    `${where}: the callback returned undefined, and no promise. Its last parameter looks like oauth2orize's \`done\`: there is none here, so return the result, or a promise of it.`,
  );
}
