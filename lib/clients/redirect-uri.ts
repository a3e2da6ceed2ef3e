import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { type ReasonValues, reasoned } from '../errors/reason.js';
import { warnOnce } from '../errors/warning.js';
import type { RedirectURI } from '../types.js';

/** Schemes that make the browser run or show what the URI says instead of going to the client. */
const ACTIVE = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'view-source:']);

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)/;
const LOCALHOST = /^(http:\/\/localhost):\d{1,5}(?=[/?]|$)/;

/** RFC 6749 §3.1.2: an absolute URI without a fragment; printable ASCII, as RFC 3986 has it. */
function isUsable(uri: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes('#') || !URL.canParse(uri)) return false;
  return !ACTIVE.has(uri.slice(0, uri.indexOf(':') + 1).toLowerCase());
}

/** A redirect URI that cannot be taken: told to the resource owner in a few words, and to the operator in full. */
function refuse(message: string, why: string, values?: ReasonValues): AuthorizationError {
  return reasoned(new AuthorizationError(message, 'invalid_request'), why, values);
}

/** What the operator is told of a client of which nobody said where its redirect URIs are. */
const UNTOLD =
  'The client has no member redirect_uris, and nobody said where its redirect URIs are: createServer({ clientID, redirectURIs }), or validate gives the URI to use';

/** What the operator is told of a client whose redirect URIs are none. */
const UNREADABLE =
  'No redirect URI of the client can be read: redirect_uris must be an array or a Set of strings, with one or more in it';

type Registration<C> = Pick<Core<C>, 'redirectURIs' | 'anyPortForLocalhost'>;

/** RFC 6749 §3.1.2.3, RFC 9700 §4.1.3: exact comparison of strings, but for the port of a loopback IP literal. */
function isRegistered(registered: readonly string[], uri: string, anyPort: boolean): boolean {
  const portless = (one: string): string => {
    const stripped = one.replace(LOOPBACK, '$1'); // RFC 8252 §7.3: any port at the time of the request
    return anyPort ? stripped.replace(LOCALHOST, '$1') : stripped;
  };
  return registered.some((one) => one === uri || portless(one) === portless(uri));
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
      'Clients of another shape: validate alone decides where responses are sent. createServer({ redirectURIs }) compares them.',
    );
    if (given === undefined) throw refuse('Missing redirect URI', UNTOLD, { members: Object.keys(Object(client)) });
    return given;
  }
  // RFC 6749 §3.1.2.3: may be left out only when one whole URI is registered
  const only = registered.length === 1 ? registered[0] : undefined;
  const uri = given ?? requested ?? only;
  if (uri === undefined) {
    const why = registered.length === 0 ? UNREADABLE : 'The client registered several, and the request has to name one';
    throw refuse('Missing required parameter: redirect_uri', why, { registered });
  }
  for (const one of [requested ?? uri, uri]) {
    if (isRegistered(registered, one, core.anyPortForLocalhost(client))) continue;
    const why = registered.length === 0 ? UNREADABLE : 'The redirect URI is none of those that the client registered';
    throw refuse('Unregistered redirect URI', why, { came: requested, validate_gave: given, registered });
  }
  return uri;
}

/**
 * The same, for a response written by hand, which may need none: empty, which is nowhere, where `validate` gave none and the client has
 * none registered.
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
 * The redirect URI of a response, once compared with the client's registration: the one place where trust is made.
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
    throw refuse('Invalid redirect URI', 'No response can be sent to such a URI, registered or not', { came: uri });
  return uri as RedirectURI;
}
