import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../errors/reason.js';
import { warnOnce } from '../errors/warning.js';
import type { RedirectURI } from '../types.js';

/** Schemes for which a browser runs or shows the content of the URI itself, which could be a script (XSS), instead of going to the client. */
const ACTIVE = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'view-source:']);

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)/;
const LOCALHOST = /^(http:\/\/localhost):\d{1,5}(?=[/?]|$)/;

/** RFC 6749 §3.1.2: an absolute URI without a fragment. RFC 3986 §2: in printable ASCII. */
export function isUsable(uri: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes('#') || !URL.canParse(uri)) return false;
  return !ACTIVE.has(uri.slice(0, uri.indexOf(':') + 1).toLowerCase());
}

/** @param message for the resource owner. @param why the reason, for the operator */
function refuse(message: string, why: string, values?: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(message, 'invalid_request'), why, values);
}

/** The reason if the toolkit cannot find the client's redirect URIs. */
const NOT_FOUND =
  'The client has no member redirect_uris: say createServer({ clientID, redirectURIs }), or let validate give the redirect URI';

/** The reason if the client has no redirect URI, or none that can be read. */
const UNREADABLE =
  'The client has no readable redirect URI: redirect_uris must be an array or a Set of one or more strings';

type Registration<C> = Pick<Core<C>, 'redirectURIs' | 'anyPortForLocalhost'>;

/** RFC 6749 §3.1.2.3, RFC 9700 §4.1.3: exact comparison of strings, except for the port of a loopback IP address. */
function isRegistered(registered: readonly string[], uri: string, anyPort: boolean): boolean {
  if (registered.includes(uri)) return true;
  const portless = (one: string): string => {
    const stripped = one.replace(LOOPBACK, '$1'); // RFC 8252 §7.3: any port is allowed in the request
    return anyPort ? stripped.replace(LOCALHOST, '$1') : stripped;
  };
  return registered.some((one) => portless(one) === portless(uri));
}

function resolve<C>(
  core: Registration<C>,
  client: C,
  requested: string | undefined,
  given: string | undefined,
): string {
  const registered = core.redirectURIs(client);
  if (!registered) {
    warnOnce(
      'KOAUTHORIZE_REDIRECT_URIS',
      'Clients have no redirect_uris, so the redirect URI that validate gives is not compared with anything. Say createServer({ redirectURIs }).',
    );
    if (given === undefined) throw refuse('Missing redirect URI', NOT_FOUND, { members: Object.keys(Object(client)) });
    return given;
  }
  // RFC 6749 §3.1.2.3: a request may leave it out only if exactly one complete URI is registered
  const only = registered.length === 1 ? registered[0] : undefined;
  const uri = given ?? requested ?? only;
  if (uri === undefined) {
    const why =
      registered.length === 0
        ? UNREADABLE
        : 'The client registered several redirect URIs, so the request must name one';
    throw refuse('Missing required parameter: redirect_uri', why, { registered });
  }
  const anyPort = core.anyPortForLocalhost(client);
  const isAlike = requested === undefined || requested === uri;
  const isAsked = isAlike || isRegistered(registered, requested, anyPort);
  if (isAsked && isRegistered(registered, uri, anyPort)) return uri;
  const why = registered.length === 0 ? UNREADABLE : 'The client did not register this redirect URI';
  throw refuse('Unregistered redirect URI', why, { came: requested, validate_gave: given, registered });
}

/**
 * The same as `trust`, for a response type that an application answers by its own function: such a response may need no redirect URI.
 * The result is empty if `validate` gave none and the client registered none.
 *
 * @throws AuthorizationError to be shown to the resource owner
 */
export function trustIfAny<C>(
  core: Registration<C>,
  client: C,
  requested: string | undefined,
  given: string | undefined,
): RedirectURI {
  const registered = core.redirectURIs(client);
  const isNone = !given && (registered ? registered.length === 0 && requested === undefined : true);
  return isNone ? ('' as RedirectURI) : trust(core, client, requested, given);
}

/**
 * Compares the redirect URI with the client's registration. Only this function makes a `RedirectURI`: the type says that the comparison
 * was made.
 *
 * @param requested what the request asked for
 * @param given what `validate` gave
 * @throws AuthorizationError to be shown to the resource owner. @see RFC 6749 §4.1.2.1
 */
export function trust<C>(
  core: Registration<C>,
  client: C,
  requested: string | undefined,
  given: string | undefined,
): RedirectURI {
  const uri = resolve(core, client, requested, given);
  if (!isUsable(uri))
    throw refuse(
      'Invalid redirect URI',
      'A redirect URI must be absolute, without a fragment, and of a scheme that leads to the client',
      { came: uri },
    );
  return uri as RedirectURI;
}
