/** Redirect URIs that profiles forbid. */
import type { AskedRequest } from '../../steps.js';
import { isHTTPSOrLoopback } from '../../syntax/url.js';
import type { AnyCore, Rule } from '../rule.js';

/** The redirect URI that a request names; if it names none, those that its client registered, which must then be only one. */
function redirectURIsOf({ request, client, isWithoutBrowser }: AskedRequest<unknown>, core: AnyCore): readonly URL[] {
  if (isWithoutBrowser) return [];
  const uris = request.redirectURI === undefined ? (core.redirectURIs(client) ?? []) : [request.redirectURI];
  return uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri));
}

function firstOf(asked: AskedRequest<unknown>, core: AnyCore, isWrong: (uri: URL) => boolean) {
  const wrong = redirectURIsOf(asked, core).find(isWrong);
  return wrong ? { redirect_uri: wrong.href } : undefined;
}

export const notCompared: Rule = {
  name: 'redirect URI not compared',
  forbids: 'a redirect URI that is compared with no registration',
  why: 'A link to the authorization endpoint sends codes, and so the user’s account, to whatever address is in it (open redirector)',
  remedy: 'redirect_uris of each client, or createServer({ redirectURIs })',
  message: 'The client has no registered redirect URI',
  errors: { authorization: 'unauthorized_client' },
  request: ({ client, isWithoutBrowser }, core) =>
    isWithoutBrowser || core.redirectURIs(client) ? undefined : { redirect_uris: 'absent' },
};

export const plainHTTP: Rule = {
  name: 'http redirect URI',
  forbids: 'an `http` redirect URI that is not on the user’s own machine',
  why: 'Whoever is in the network reads the code on its way, and can answer in place of the client',
  remedy: 'An https redirect URI; http only for 127.0.0.1, [::1] and localhost',
  message: 'The redirect URI must not be http',
  request: (asked, core) => firstOf(asked, core, (uri) => uri.protocol === 'http:' && !isHTTPSOrLoopback(uri)),
};

export const shortScheme: Rule = {
  name: 'private scheme without a domain',
  forbids: 'a redirect URI with a private scheme that has no period, such as `app:/callback`',
  why: 'Any program on the device can register the scheme and receive the code, and nobody can prove whose it is',
  remedy:
    'A scheme made of a domain of the app’s maker, such as com.example.app:/callback, or better a claimed https URL',
  message: 'The scheme of the redirect URI must be that of a domain',
  request: (asked, core) =>
    firstOf(asked, core, ({ protocol }) => !/^https?:$/.test(protocol) && !protocol.includes('.')),
};

export const webOnly: Rule = {
  name: 'private scheme',
  forbids: 'a redirect URI that is neither https nor on the user’s own machine',
  why: 'Any program on the device may have registered the scheme: the code goes to the program that the device starts',
  remedy: 'An https redirect URI, or http on 127.0.0.1, [::1] or localhost',
  message: 'The redirect URI must be https, or on the machine of the user',
  request: (asked, core) => firstOf(asked, core, (uri) => !isHTTPSOrLoopback(uri)),
};
