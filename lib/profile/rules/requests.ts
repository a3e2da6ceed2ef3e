/** What profiles forbid in authorization requests. */
import { isPush } from '../../extension/pushed-requests/endpoint.js';
import type { AskedRequest } from '../../steps.js';
import { responseTypeWords } from '../../syntax/response-type.js';
import type { Rule } from '../rule.js';

function givesCode({ request: { type }, isWithoutBrowser }: AskedRequest<unknown>): boolean {
  return !isWithoutBrowser && responseTypeWords(type).includes('code');
}

const INJECTION =
  'Whoever has seen a code can have another client, or the same client for another user, redeem it (code injection)';

export const withoutPKCE: Rule = {
  name: 'no PKCE',
  forbids: 'an authorization request without `code_challenge`',
  why: INJECTION,
  remedy: 'pkce() without allowMissing, and a client that sends code_challenge (RFC 7636)',
  message: 'This client must send code_challenge',
  request: (asked) =>
    givesCode(asked) && !asked.params.has('code_challenge') ? { code_challenge: 'absent' } : undefined,
};

export const plainPKCE: Rule = {
  name: 'plain PKCE',
  forbids: '`code_challenge_method=plain`',
  why: 'The challenge is the verifier: whoever can read the authorization request can redeem the code',
  remedy: 'pkce() without allowPlain, and a client that sends code_challenge_method=S256',
  message: 'This client must send code_challenge_method=S256',
  configuration(core) {
    const methods = core.extension('pkce')?.metadata?.().code_challenge_methods_supported ?? [];
    return methods.some((method) => method !== 'S256') ? { code_challenge_methods_supported: methods } : undefined;
  },
  request(asked) {
    const method = asked.params.get('code_challenge_method') ?? 'plain'; // RFC 7636 §4.3
    return givesCode(asked) && asked.params.has('code_challenge') && method !== 'S256' ? { came: method } : undefined;
  },
};

export const notPushed: Rule = {
  name: 'not pushed',
  forbids: 'an authorization request that was not pushed',
  why: 'Whoever is between the client and the authorization endpoint, such as the user, can read and change it',
  remedy: 'server.route("pushed_authorization_request") at /par, and a client that pushes its requests (RFC 9126)',
  message: 'This client must push its authorization requests',
  part: (core) =>
    core.grants.size > 0 && !core.extension('pushedRequests')
      ? { missing: 'pushedRequests(): the profile plugs it in if the grants are plugged in before the profile' }
      : undefined,
  // the steps `parse` see a pushed request only when it is pushed, and not again at the authorization endpoint
  request: ({ ctx, isWithoutBrowser }) =>
    isPush.of(ctx) || isWithoutBrowser ? undefined : { came: 'to the authorization endpoint' },
};

/** In seconds. FAPI 2.0 §5.3.2.2 no. 12: the lifetime must be less than 600 seconds. */
const LONGEST = 600;

export const pushedTooLong: Rule = {
  name: 'request_uri lifetime',
  forbids: 'a `request_uri` that is good for 600 s or more',
  why: 'A link that lives long can be sent to another user, who then answers a request that they did not begin',
  remedy: 'pushedRequests({ lifetime: 60 })',
  part(core) {
    const pushedRequestLifetime = core.extension('pushedRequests')?.pushedRequestLifetime ?? 0;
    return pushedRequestLifetime >= LONGEST ? { lifetime: pushedRequestLifetime } : undefined;
  },
};

export const withoutRedirectURI: Rule = {
  name: 'no redirect_uri',
  forbids: 'an authorization request without `redirect_uri`',
  why: 'Where the answer goes is then decided by what is registered at that moment, and not by what the client has sent',
  remedy: 'A client that sends redirect_uri in each pushed request',
  message: 'This client must send redirect_uri',
  request: ({ params, isWithoutBrowser }) =>
    isWithoutBrowser || params.has('redirect_uri') ? undefined : { redirect_uri: 'absent' },
};
