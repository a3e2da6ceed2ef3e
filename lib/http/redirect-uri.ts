import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
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

type Registration<C> = Pick<Core<C>, 'redirectURIs' | 'anyPortForLocalhost'>;

/** RFC 6749 §3.1.2.3, RFC 9700 §4.1.3: exact comparison of strings, but for the port of a loopback IP literal. */
function isRegistered<C>(core: Registration<C>, registered: readonly string[], uri: string): boolean {
  const portless = (one: string): string => {
    const stripped = one.replace(LOOPBACK, '$1'); // RFC 8252 §7.3: any port at the time of the request
    return core.anyPortForLocalhost ? stripped.replace(LOCALHOST, '$1') : stripped;
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
    if (given === undefined) throw new AuthorizationError('Missing redirect URI', 'invalid_request');
    return given;
  }
  // RFC 6749 §3.1.2.3: may be left out only when one whole URI is registered
  const only = registered.length === 1 ? registered[0] : undefined;
  const uri = given ?? requested ?? only;
  if (uri === undefined) throw new AuthorizationError('Missing required parameter: redirect_uri', 'invalid_request');
  for (const one of [requested ?? uri, uri]) {
    if (!isRegistered(core, registered, one))
      throw new AuthorizationError('Unregistered redirect URI', 'invalid_request');
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
  if (!isUsable(uri)) throw new AuthorizationError('Invalid redirect URI', 'invalid_request');
  return uri as RedirectURI;
}
