/** RFC 9701: an introspection response as a signed JWT. */
import type { Context } from 'koa';
import { firstRegistered, textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { signingAlgorithms, signingKey, signJWT } from '../../keys/sign.js';
import type { SigningKey } from '../../plugs.js';
import { RESPONSE_MEDIA_TYPE, RESPONSE_TYPE } from './media-type.js';
import { ENCRYPTED } from './registration.js';

/** §6: what a client is answered with that registered no algorithm. */
const DEFAULT_ALGORITHM = 'RS256';

/** @throws Error where nothing could be signed */
export function requireSignable<C, U>({ keys, issuer }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('introspection({ jwtResponses }) needs createServer({ issuer })');
  if (signingAlgorithms(keys).length === 0)
    throw new Error('introspection({ jwtResponses }) needs createServer({ keys })');
}

/** §4: whether the caller asks for a JWT. Who takes anything is given JSON, as RFC 7662 §2.2 has it. */
export function isAskedFor(ctx: Context): boolean {
  return ctx.accepts('application/json', RESPONSE_MEDIA_TYPE) === RESPONSE_MEDIA_TYPE;
}

/** The algorithm that answers to a client are signed by. */
export function introspectionAlgorithm(client: unknown): string {
  return textOf(client, 'introspection_signed_response_alg') ?? DEFAULT_ALGORITHM;
}

/** @throws TokenError 406 for a client that would not take what is not encrypted. @see RFC 9701 §6 */
function requireUnencrypted<C, U>(core: Core<C, U>, client: C): void {
  const member = firstRegistered(client, ENCRYPTED);
  if (member === undefined) return;
  throw reasoned(
    new TokenError('Introspection responses are not encrypted here', 'invalid_request', undefined, 406), // RFC 9110 §15.5.7
    `The client registered ${member}, and nothing is encrypted here`,
    { client: core.clientID(client), member },
  );
}

/**
 * The key that signs for a client. Unsigned, the answer would not be what the client asked for, so there is none instead.
 *
 * @throws TokenError 406 where no key is of the algorithm that the client registered, and where it registered encryption
 */
export function keyFor<C, U>(core: Core<C, U>, client: C): SigningKey {
  const { keys } = core;
  requireUnencrypted(core, client);
  const alg = introspectionAlgorithm(client);
  const key = signingKey(keys, alg);
  if (key) return key;
  throw reasoned(
    new TokenError(`No key signs introspection responses by ${alg}`, 'invalid_request', undefined, 406), // RFC 9110 §15.5.7
    'No key of createServer({ keys }) is of the client’s introspection_signed_response_alg, which is RS256 where it is not registered: RFC 9701 §6',
    { client: core.clientID(client), alg, signedBy: signingAlgorithms(keys) },
  );
}

/**
 * Answers with a JWT. It has neither `sub` nor `exp`, and a `typ` of its own, so that nothing takes it for an access token or an ID token.
 *
 * @param answer what the client would be told as JSON: what it may not know is not in it
 * @throws Error where the client cannot be named as the audience
 * @see RFC 9701 §5, §8.1
 */
export async function answerSigned<C, U>(
  ctx: Context,
  core: Core<C, U>,
  client: C,
  { key, answer }: { readonly key: SigningKey; readonly answer: object },
): Promise<void> {
  const [iss, aud] = [core.issuer, core.clientID(client)];
  if (iss === undefined || aud === undefined) throw new Error('A JWT response names its issuer and its client');
  const claims = { iss, aud, iat: Math.floor(core.now()), token_introspection: answer };
  const jwt = await signJWT(key, claims, RESPONSE_TYPE);
  ctx.set('content-type', RESPONSE_MEDIA_TYPE);
  ctx.body = jwt;
}
