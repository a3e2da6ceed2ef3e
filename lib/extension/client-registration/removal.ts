/** Removes clients, and ends what they were given. @see RFC 7592 §2.3 */
import type { Core } from '../../core.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import type { FindRegistered } from './find.js';
import type { ClientRegistrationOptions } from './options.js';
import type { RegisteredClient } from './registered.js';

/** Whether a client was given tokens. If it was not, there is nothing to end, and a search for it could read the whole store. */
function wasUsed({ registration_unused_until }: RegisteredClient): boolean {
  return registration_unused_until === undefined;
}

/** Ends all authorizations and tokens of a client. */
async function endAll<C, U>(
  { tokens }: Core<C, U>,
  { end }: ClientRegistrationOptions,
  client: RegisteredClient,
): Promise<void> {
  if (end) await end(client);
  else await tokens?.revokeAll?.({ client: client as C });
}

/** How many removals of a process may wait for an earlier one. */
const MOST_WAITING = 10;

/** Seconds after which a client may try again. */
const RETRY_AFTER = 5;

/** Seconds after which the next removal begins, although an earlier one has not ended. */
const LONGEST_TURN = 30;

/** @param why for the operator only */
function unavailable(message: string, why: string): OAuth2Error {
  const more = { headers: { 'Retry-After': String(RETRY_AFTER) } };
  return reasoned(new OAuth2Error(message, 'temporarily_unavailable', undefined, 503, more), why);
}

function tooMany(): OAuth2Error {
  const why = `${MOST_WAITING} removals wait for an earlier one, which ends the tokens of its client`;
  return unavailable('No more clients can be removed now', why);
}

function tooLong(): OAuth2Error {
  const why = `Its removal, which ends its tokens, took longer than ${LONGEST_TURN} s: the next one begins`;
  return unavailable('The client cannot be removed now', why);
}

/**
 * Waits for a piece of work for a limited time: `end` of the application, or a store, may never answer, and would then stop all later removals of this process.
 * The work itself goes on, and may still remove the client.
 *
 * @throws OAuth2Error 503, of which the operator is told, if it takes longer
 */
async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong()), LONGEST_TURN * 1000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Runs pieces of work one after the other, each for a limited time.
 *
 * @returns a function that throws OAuth2Error 503 if too many wait, or if the work takes too long
 */
function oneAfterTheOther(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  let running = 0;
  return async (work) => {
    if (running > MOST_WAITING) throw tooMany();
    running += 1;
    const own = last
      .then(() => inTime(work()))
      .finally(() => {
        running -= 1;
      });
    last = own.catch(() => undefined);
    await own;
  };
}

/**
 * Removals of clients that were given tokens run one after the other in each process: each may read the whole store, and whoever can register a client can
 * cause one. A removal that finds its client removed by an earlier one ends nothing.
 *
 * @returns a function that throws OAuth2Error 503 if too many removals wait, or if this one takes too long
 */
export function removing<C, U>(
  core: Core<C, U>,
  options: ClientRegistrationOptions,
  find: FindRegistered,
): (client: RegisteredClient) => Promise<void> {
  const inTurn = oneAfterTheOther();
  const remove = async (client: RegisteredClient): Promise<void> => {
    if (wasUsed(client)) await endAll(core, options, client); // before the removal: if this fails, the client can try again
    const removed = await options.clients.remove(client.client_id);
    // after the removal: ends what the client was given in the meantime, also its first tokens
    if (!removed || wasUsed(removed)) await endAll(core, options, client);
  };
  const again = async ({ client_id }: RegisteredClient): Promise<void> => {
    const client = await find(client_id);
    if (client) await remove(client);
  };
  return (client) => (wasUsed(client) ? inTurn(() => again(client)) : remove(client));
}
