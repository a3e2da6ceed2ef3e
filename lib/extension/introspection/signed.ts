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

/** §6: the algorithm for clients that registered none. */
const DEFAULT_ALGORITHM = 'RS256';

/** @throws Error if there is no issuer, or no key to sign with */
export function requireSignable<C, U>({ keys, issuer }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('introspection({ jwtResponses }) needs createServer({ issuer })');
  if (signingAlgorithms(keys).length === 0)
    throw new Error('introspection({ jwtResponses }) needs createServer({ keys })');
}

/** §4: whether the caller asks for a JWT. A caller that accepts any type gets JSON, by RFC 7662 §2.2. */
export function isAskedFor(ctx: Context): boolean {
  return ctx.accepts('application/json', RESPONSE_MEDIA_TYPE) === RESPONSE_MEDIA_TYPE;
}

/** The algorithm by which responses to a client are signed. */
export function introspectionAlgorithm(client: unknown): string {
  return textOf(client, 'introspection_signed_response_alg') ?? DEFAULT_ALGORITHM;
}

/** @throws TokenError 406 for a client that registered encryption, which this server does not do. @see RFC 9701 §6 */
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
 * The key that signs responses to a client. Without a key the request is refused, since the client asked for a signed response.
 *
 * @throws TokenError 406 if there is no key for the algorithm that the client registered, or if it registered encryption
 */
export function keyFor<C, U>(core: Core<C, U>, client: C): SigningKey {
  const { keys } = core;
  requireUnencrypted(core, client);
  const alg = introspectionAlgorithm(client);
  const key = signingKey(keys, alg);
  if (key) return key;
  throw reasoned(
    new TokenError(`No key signs introspection responses by ${alg}`, 'invalid_request', undefined, 406), // RFC 9110 §15.5.7
    'No key of createServer({ keys }) is for the client’s introspection_signed_response_alg, which is RS256 if none is registered: RFC 9701 §6',
    { client: core.clientID(client), alg, signedBy: signingAlgorithms(keys) },
  );
}

/**
 * Answers with a JWT. It has neither `sub` nor `exp`, and a `typ` of its own, so that it cannot be used as an access token or an ID token.
 *
 * @param answer the response that the client would get as JSON, with only what the client may know
 * @throws Error if the client has no identifier for the audience
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
