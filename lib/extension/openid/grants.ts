/** ID tokens from the authorization endpoint. @see OpenID Connect Core §3.2, §3.3 */
import type { Core } from '../../core.js';
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { combined } from '../../grant/combined.js';
import type { Grant } from '../../plugs.js';
import { responseTypeKey, responseTypeWords } from '../../syntax/response-type.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Authorization, Transaction } from '../../types.js';
import { goneUser, idTokenFor } from './id-token.js';
import type { IDTokenResponseType, OpenIDOptions } from './options.js';
import { needsAuthTime } from './request.js';
import { OPENID } from './token.js';

const ID_TOKEN = 'id_token';

/**
 * Notes that the client took part in the session. A client that gets neither code nor token has no other record by which a logout finds it.
 *
 * @see OpenID Connect Back-Channel Logout §2.3
 */
async function noteLogin<C, U>({ tokens }: Core<C, U>, authorization: Authorization): Promise<void> {
  const { subject, clientID, authentication } = authorization;
  if (subject !== undefined) await tokens?.noteLogin?.({ subject, clientID, sessionID: authentication?.sessionID });
}

/** Answers `id_token`, alone or together with the grants of other response types. */
function idTokenGrant<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): Grant<C, U> {
  return {
    name: ID_TOKEN,
    grantType: 'implicit', // OpenID Connect Registration §2
    responseMode: 'fragment', // Multiple Response Type Encoding Practices §3, §5
    after: ['code', 'token'], // §3.3.2.11: the ID token has the hashes of both
    isSpent: () => false, // unlike a code, an ID token may be used any number of times
    async issue({ client, req }, authorization, { code, access_token: accessToken }) {
      // §5.4: if no access token for UserInfo is issued, the ID token has the claims of the scope
      const isAlone = responseTypeKey(req.type) === ID_TOKEN;
      const scope = isAlone ? authorization.scope : [];
      const token = await idTokenFor(core, options, {
        ...{ client, authorization, scope, nonce: req.nonce },
        beside: { code, accessToken },
      });
      if (token === undefined)
        throw goneUser(new AuthorizationError('There is no such user any more', 'access_denied'), authorization);
      if (isAlone) await noteLogin(core, authorization);
      return { id_token: token };
    },
  };
}

/** The grant for a response type. @throws Error if the grant for one of its words is missing */
function grantFor<C, U>(core: Core<C, U>, type: IDTokenResponseType, idToken: Grant<C, U>): Grant<C, U> {
  const words = responseTypeWords(type);
  const isKnown = words.includes(ID_TOKEN) && words.every((word) => [ID_TOKEN, 'code', 'token'].includes(word));
  if (!isKnown) throw new TypeError(`openid({ responseTypes }) are response types with id_token, not ${type}`);
  const grants = words.map((word) => {
    const grant = word === ID_TOKEN ? idToken : core.grants.get(word);
    if (!grant)
      throw new Error(`openid({ responseTypes }) has ${type}: register the grant for ${word} before openid()`);
    return grant;
  });
  const [only] = grants;
  return grants.length === 1 && only ? only : combined(responseTypeKey(type), grants);
}

/** The grants of `openid({ responseTypes })`. */
export function grantsOf<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>): readonly Grant<C, U>[] {
  const idToken = idTokenGrant(core, options);
  return (options.responseTypes ?? []).map((type) => grantFor(core, type, idToken));
}

/**
 * Refuses a request, before anything is issued, for which no ID token could be made.
 *
 * @throws AuthorizationError if the user has not granted `openid`, and the client asks for nothing but an ID token
 * @throws Error if the client needs to know when the user logged in, and the application does not tell
 */
export function requireSayable<C, U>(core: Core<C, U>, { req, res, client, user }: Transaction<C, U>): void {
  const granted = scopeOf(res) ?? scopeOf(req) ?? [];
  if (!granted.includes(OPENID)) {
    if (!responseTypeWords(req.type).includes(ID_TOKEN)) return;
    throw reasoned(
      new AuthorizationError('The user did not allow the scope openid', 'access_denied'),
      'A decision left out the scope openid, which an ID token needs',
    );
  }
  const login = user === undefined ? undefined : core.authenticationEvent(user);
  if (login?.authenticatedAt === undefined && needsAuthTime(client, req))
    throw new Error('The client needs auth_time: createServer({ authenticationEvent }) gives no authenticatedAt'); // Core §2
}
