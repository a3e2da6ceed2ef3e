/** Reads the parameters of CIBA. @see CIBA §7.1 */
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { readIDTokenHint } from '../../id-token/hint.js';
import type { Params } from '../../types.js';
import { NOTIFICATION_ENDPOINT } from './names.js';
import type { BackchannelAuthenticationOptions, UserHint } from './options.js';
import { isNotificationURL } from './ping.js';

/** All parameters that the backchannel authentication endpoint and the token endpoint read. */
export const PARAMETERS = [
  ...['client_notification_token', 'login_hint_token', 'id_token_hint', 'login_hint', 'acr_values'],
  ...['binding_message', 'user_code', 'requested_expiry', 'request', 'request_uri', 'auth_req_id'],
];

const HINTS = ['login_hint_token', 'id_token_hint', 'login_hint'] as const;

/** The error for a hint by which no user is found. @see CIBA §13 */
export function unknownUser(why: string): TokenError {
  return reasoned(new TokenError('No user is known by this hint', 'unknown_user_id'), why);
}

/**
 * The `sub` of an ID token of this server, which may have expired.
 *
 * @throws TokenError if it is not an ID token that was issued to this client.
 * @see CIBA §14
 */
async function subOf<C, U>(core: Core<C, U>, token: string, clientID: string | undefined): Promise<string> {
  const read = await readIDTokenHint(core, token);
  if (!('hint' in read)) throw unknownUser(`id_token_hint: ${read.fault}`);
  if (clientID === undefined || !read.hint.audience.includes(clientID))
    throw unknownUser('id_token_hint is an ID token of another client');
  return read.hint.sub;
}

/** @throws TokenError if there is no hint, or more than one. @see CIBA §7.1, §7.2 */
export async function readHint<C, U>(core: Core<C, U>, client: C, params: Params): Promise<UserHint> {
  const [name, ...more] = HINTS.filter((one) => params.has(one));
  if (name === undefined || more.length > 0)
    throw new TokenError(`Exactly one of ${HINTS.join(', ')} is needed`, 'invalid_request');
  const value = params.get(name) ?? '';
  if (name === 'login_hint') return { loginHint: value };
  if (name === 'login_hint_token') return { loginHintToken: value };
  return { sub: await subOf(core, value, core.clientID(client)) };
}

/** Code points. @see CIBA §7.1: relatively short */
const LONGEST_MESSAGE = 64;

/** Text that looks as it is: no control characters, no invisible ones, and none that change the direction of the text. */
const PLAIN = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** @throws TokenError `invalid_binding_message` */
export function readBindingMessage(params: Params, isRequired: boolean): { readonly bindingMessage?: string } {
  const bindingMessage = params.get('binding_message');
  if (bindingMessage === undefined && !isRequired) return {};
  if (bindingMessage === undefined)
    throw new TokenError('Missing required parameter: binding_message', 'invalid_request');
  if ([...bindingMessage].length <= LONGEST_MESSAGE && PLAIN.test(bindingMessage)) return { bindingMessage };
  throw new TokenError(
    `binding_message has at most ${LONGEST_MESSAGE} characters, all of them visible or spaces`,
    'invalid_binding_message',
  );
}

/** Seconds for which the request waits for its user. @throws TokenError */
export function readLifetime<C, U>(
  params: Params,
  { lifetime = 300, maxLifetime = lifetime }: BackchannelAuthenticationOptions<C, U>,
): number {
  const text = params.get('requested_expiry');
  if (text === undefined) return lifetime;
  const requested = Number(text);
  if (/^\d+$/.test(text) && requested > 0) return Math.min(requested, maxLifetime); // §7.1: MAY influence the lifetime
  throw new TokenError('requested_expiry is a positive integer', 'invalid_request');
}

/** RFC 6750 §2.1: b64token. 128 random bits need at least 22 of these characters. */
const BEARER = /^[\w.~+/-]{22,}={0,2}$/;

/** In characters. */
const LONGEST_TOKEN = 1024;

/** The bearer token for the ping that tells the client of the decision. @throws TokenError. @see CIBA §7.1 */
export function readNotificationToken<C>(client: C, params: Params): string {
  const token = params.get('client_notification_token');
  if (token === undefined)
    throw new TokenError('Missing required parameter: client_notification_token', 'invalid_request');
  if (token.length > LONGEST_TOKEN || !BEARER.test(token))
    throw new TokenError('client_notification_token is a bearer token of 22 to 1024 characters', 'invalid_request');
  if (isNotificationURL(textOf(client, NOTIFICATION_ENDPOINT))) return token;
  const error = new TokenError('This client cannot be notified', 'unauthorized_client');
  throw reasoned(error, `The client registered no ${NOTIFICATION_ENDPOINT} that is an https URL`);
}
