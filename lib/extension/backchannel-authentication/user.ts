/** Finds the user whom a client names, and checks whether the client may ask them. @see CIBA §7.1.2, §7.2 */
import type { Core } from '../../core.js';
import { TokenError } from '../../errors/token-error.js';
import { requireSlots } from '../../limits/slots.js';
import type { EphemeralStore } from '../../plugs.js';
import type { Params } from '../../types.js';
import type { BackchannelAuthenticationOptions, UserHint } from './options.js';
import { unknownUser } from './parameters.js';

/** Seconds within which requests and user codes are counted. */
const WINDOW = 15 * 60;

/** A user, and their subject. */
export interface Found<U> {
  readonly user: U;
  readonly subject: string;
}

/** @throws TokenError `unknown_user_id` */
export async function userFor<C, U>(
  core: Core<C, U>,
  { findUser }: BackchannelAuthenticationOptions<C, U>,
  client: C,
  hint: UserHint,
): Promise<Found<U>> {
  const user = (await findUser(hint, client)) || undefined;
  const subject = user === undefined ? undefined : core.subject(user);
  if (user === undefined || subject === undefined) throw unknownUser('findUser returned no user');
  // nobody but the user whom the ID token names may be asked
  if (hint.sub !== undefined && (await core.outwardSubject(subject, client)) !== hint.sub)
    throw unknownUser('findUser returned another user than that of the id_token_hint');
  return { user, subject };
}

/** @returns a function that throws OAuth2Error: 429, `missing_user_code`, `invalid_user_code` */
export function guarding<C, U>(options: BackchannelAuthenticationOptions<C, U>) {
  const { perUser = 10, userCodeGuesses = 10, verifyUserCode, allowWithoutUserCode } = options;
  const askSlot = requireSlots(
    { name: 'backchannel request', most: perUser, window: WINDOW },
    {
      message: 'Too many requests for this user',
      why: 'The requests of this client for one user have reached perUser',
    },
  );
  const guessSlot = requireSlots(
    { name: 'backchannel user code', most: userCodeGuesses, window: WINDOW },
    { message: 'Too many user codes', why: 'The user codes that were tried for one user have reached userCodeGuesses' },
  );
  const requireCode = async (
    store: EphemeralStore,
    { user, subject }: Found<U>,
    client: C,
    code: string | undefined,
    now: number,
  ) => {
    if (!verifyUserCode) return;
    if (code === undefined) {
      if ((await allowWithoutUserCode?.(user, client)) === true) return;
      throw new TokenError('Missing user_code', 'missing_user_code');
    }
    await guessSlot(store, subject, now); // counted before the comparison, so that concurrent guesses count
    if ((await verifyUserCode(user, code, client)) !== true)
      throw new TokenError('Wrong user_code', 'invalid_user_code');
  };
  return async (core: Core<C, U>, store: EphemeralStore, found: Found<U>, client: C, params: Params): Promise<void> => {
    const now = core.now();
    await askSlot(store, JSON.stringify([core.clientID(client), found.subject]), now);
    await requireCode(store, found, client, params.get('user_code'), now);
  };
}
