/** The dialogs that are open in a browser, kept in its session. */
import type { Context } from 'koa';
import { BadRequestError } from '../../errors/bad-request-error.js';
import { DIALOG_LIFETIME } from '../../transaction/answered.js';
import { fitsInCookie, isInCookie, recordsOf, sessionOf } from '../../transaction/session-access.js';

/** Member of the session. */
const KEY = 'devices';

/** So many may be open in one browser. */
const MOST = 3;

export interface Dialog {
  /** Epoch seconds. */
  readonly at: number;
  /** The user to whom it was shown: nobody else can answer. */
  readonly subject: string;
  /** What stands for the device code. */
  readonly device: string;
}

/** @throws BadRequestError for one that has no room in a session that is a cookie */
export function keepDialog(ctx: Context, id: string, dialog: Dialog): void {
  const session = sessionOf(ctx);
  const earlier = Object.entries(recordsOf<Dialog>(session, KEY) ?? {}).sort(([, a], [, b]) => b.at - a.at);
  const records = Object.fromEntries([[id, dialog], ...earlier.slice(0, MOST - 1)]);
  if (isInCookie(ctx, session) && !fitsInCookie(ctx, session, KEY, records))
    throw new BadRequestError('There is no room for the dialog in the session, which is a cookie');
  session[KEY] = records;
}

/** Takes a dialog out of the session. @returns undefined if there is none, or it is too old */
export function takeDialog(ctx: Context, id: string, now: number): Dialog | undefined {
  const session = sessionOf(ctx);
  const records = recordsOf<Dialog>(session, KEY);
  if (!records || !Object.hasOwn(records, id)) return undefined;
  const { [id]: dialog, ...others } = records;
  session[KEY] = others;
  return dialog && now - dialog.at <= DIALOG_LIFETIME ? dialog : undefined;
}
