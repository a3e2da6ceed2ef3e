/** The ID token of an authorization. @see OpenID Connect Core §2, §12.2 */
import { memberOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import type { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { type IDTokenContent, signIDToken } from '../../id-token/sign.js';
import type { Authorization, Claims, Scope } from '../../types.js';
import { claimsOf } from './claims.js';
import type { OpenIDOptions } from './options.js';

/** The values from which an ID token is made. */
export interface Occasion<C> {
  readonly client: C;
  readonly authorization: Authorization;
  /** The `nonce` of the authorization request; undefined at a refresh. */
  readonly nonce: string | undefined;
  /** The scope whose claims are in the ID token itself. */
  readonly scope?: Scope;
  readonly beside: NonNullable<IDTokenContent['beside']>;
}

/** Members of clients that take part in logouts: they compare `sid`, or send it back in a hint. */
const OF_LOGOUT = ['backchannel_logout_uri', 'frontchannel_logout_uri', 'post_logout_redirect_uris'] as const;

/** Claims about the login. @see OpenID Connect Core §2, Back-Channel Logout §2.1, Front-Channel Logout §3 */
function loginClaims({ authentication }: Authorization, client: unknown): Claims {
  const { authenticatedAt, acr, amr, sessionID } = authentication ?? {};
  const sid = OF_LOGOUT.some((name) => (memberOf(client, name) ?? null) !== null) ? sessionID : undefined;
  return { auth_time: authenticatedAt, acr, amr, sid };
}

/** @returns undefined if the user is gone */
export async function idTokenFor<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  { client, authorization, nonce, scope = [], beside }: Occasion<C>,
): Promise<string | undefined> {
  const { subject, clientID, request } = authorization;
  if (subject === undefined) throw new Error('An ID token is of a user, and the authorization names none');
  const requested = request.claims?.id_token ?? {};
  const ofUser = await claimsOf(options, subject, { scope, requested, client, locales: request.claimsLocales });
  if (!ofUser) return undefined;
  const sub = await core.outwardSubject(subject, client);
  // §12.2: after a refresh, too, auth_time and sub are those of the first ID token
  const claims = Object.assign(ofUser, loginClaims(authorization, client), { sub, nonce });
  const lifetime = options.idTokenLifetime ?? 600;
  const audiences = (await options.idTokenAudiences?.(client)) ?? [];
  return signIDToken(core, client, { clientID, claims, beside, lifetime, audiences });
}

/** Adds the reason to the error for a user who was removed. */
export function goneUser<E extends OAuth2Error>(error: E, { subject }: Authorization): E {
  return reasoned(error, 'openid({ findUser }) found no user', { subject });
}
