/** UserInfo: a client reads claims of the user with an access token. @see OpenID Connect Core §5.3 */
import type { Context } from 'koa';
import type { AccessToken, Proof } from '../../access-token.js';
import { textOf } from '../../clients/member.js';
import type { Core, Route } from '../../core.js';
import { reasoned } from '../../errors/reason.js';
import { noStore } from '../../http/headers.js';
import { answerJSON } from '../../http/json.js';
import { signingKey, signJWT } from '../../keys/sign.js';
import { admissionOf } from '../../resource-server/admission.js';
import { invalidToken } from '../../resource-server/challenge.js';
import { guard, type Verify } from '../../resource-server/guard.js';
import type { Authorization, AuthorizationRequest, Claims } from '../../types.js';
import { claimsOf } from './claims.js';
import type { ClaimRequests } from './members.js';
import type { OpenIDOptions } from './options.js';
import { OPENID } from './token.js';

declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/userinfo`. */
    readonly userinfo?: string;
  }
}

const NAME = 'userinfo';
const PATH = `/${NAME}`;

/** What an access token keeps of the authorization request, for UserInfo. */
interface Noted {
  readonly claims?: ClaimRequests | undefined;
  readonly locales?: readonly string[] | undefined;
}

/** What the request asks for at UserInfo, to be stored with its access tokens. */
export function notesFor({ claims, claimsLocales: locales }: AuthorizationRequest): Partial<Authorization> | undefined {
  const noted: Noted = { ...(claims?.userinfo && { claims: claims.userinfo }), ...(locales && { locales }) };
  return Object.keys(noted).length > 0 ? { notes: { [OPENID]: noted } } : undefined;
}

function verifier<C, U>({ tokens }: Core<C, U>, { userinfo }: OpenIDOptions<C, U>): Verify | undefined {
  if (userinfo === false) return undefined;
  if (userinfo?.verify) return userinfo.verify;
  return tokens?.verify ? (token, ctx) => tokens.verify?.(token, ctx) : undefined;
}

export function hasUserInfo<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): boolean {
  return verifier(core, options) !== undefined;
}

/** @throws Error if the endpoint could not accept any token */
export function requireUserInfo<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): void {
  const isThere = hasUserInfo(core, options);
  if (options.userinfo && !isThere)
    throw new Error('openid({ userinfo }) needs a verify, or createServer({ tokens }), whose access tokens it takes');
  if (isThere && !core.findsClients)
    throw new Error(
      'UserInfo needs createServer({ clients }): it looks up the client of a token. Or say openid({ userinfo: false })',
    );
}

/**
 * Why a token is not for UserInfo. UserInfo is an API of the authorization server: a token with an audience must name it, by its URL or by the issuer.
 * Otherwise any API could use the tokens of its callers to read the claims of their users.
 *
 * @see RFC 9068 §4, RFC 8707 §2
 */
function audienceFault<C, U>({ issuer = '', locations }: Core<C, U>, { audience }: AccessToken): string | undefined {
  const own = [issuer, locations.url(locations.of(NAME, PATH), NAME, issuer)];
  if (audience === undefined || own.some((one) => audience.includes(one))) return undefined;
  return `it is for ${audience.join(' ')}, not for ${own.join(' or ')}`;
}

/** The claims of the user of a token; undefined if the user or the client was removed. */
async function userinfoOf<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  { subject, scope, notes }: AccessToken,
  client: C,
): Promise<Claims | undefined> {
  if (subject === undefined) return undefined; // RFC 6749 §4.4: a token of client credentials has no user
  const { claims: requested = {}, locales } = (notes?.[OPENID] ?? {}) as Noted;
  const ofUser = await claimsOf(options, subject, { scope, requested, client, locales });
  // §5.3.2: the sub MUST always be returned
  return ofUser && Object.assign({ sub: await core.outwardSubject(subject, client) }, ofUser);
}

/** Sends the claims, signed if the client registered an algorithm. @throws Error if it registered an algorithm that this server does not support */
async function send<C, U>(core: Core<C, U>, ctx: Context, client: C, claims: Claims): Promise<void> {
  noStore(ctx);
  if (textOf(client, 'userinfo_encrypted_response_alg') !== undefined)
    throw new Error('The client registered userinfo_encrypted_response_alg, and nothing is encrypted here');
  const alg = textOf(client, 'userinfo_signed_response_alg');
  if (alg === undefined) return answerJSON(ctx, claims);
  const key = signingKey(core.keys, alg);
  if (!key) throw new Error(`No key of createServer({ keys }) signs UserInfo responses by ${alg}`);
  // §5.3.2: iss and aud. Without exp and iat it cannot be used as an ID token, and without at+jwt not as an access token
  const jwt = await signJWT(key, Object.assign({}, claims, { iss: core.issuer, aud: core.clientID(client) }));
  ctx.set('content-type', 'application/jwt');
  ctx.body = jwt;
}

async function answer<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>, ctx: Context): Promise<void> {
  const { token, refuse } = admissionOf(ctx, NAME);
  const client = token.clientID === undefined ? undefined : await core.findClient(token.clientID);
  const claims = client && (await userinfoOf(core, options, token, client));
  if (client && claims) return send(core, ctx, client, claims);
  const gone = token.subject === undefined ? 'it has no user' : `its ${client ? 'user' : 'client'} is gone`;
  refuse(reasoned(invalidToken(), `The token was refused: ${gone}`, { client: token.clientID }));
}

/** The endpoint, if there is something that verifies access tokens. */
export function userinfoRoutes<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): Readonly<Record<string, Route>> {
  const verify = verifier(core, options);
  if (!verify) return {};
  const { proofs, url } = options.userinfo || {};
  const guardedBy = (known: readonly Proof[]) =>
    guard({
      verify,
      presentation: { allowTokenInForm: true }, // §5.3.1, RFC 6750 §2.2
      params: { realm: 'UserInfo', scope: OPENID },
      scope: [OPENID],
      proofs: known,
      now: () => core.now(),
      audienceFault: (token) => audienceFault(core, token),
    });
  let guarded = proofs && guardedBy(proofs);
  return {
    [NAME]: {
      path: PATH,
      url,
      methods: ['GET', 'POST'], // §5.3: MUST
      listedAs: 'userinfo_endpoint',
      cors: 'allowed-origins', // §5.3: SHOULD
      handler(ctx) {
        guarded ??= guardedBy(core.extensions.flatMap(({ proof = [] }) => proof)); // made once, at the first request: no extension can be added after it
        return guarded(ctx, () => answer(core, options, ctx));
      },
    },
  };
}
