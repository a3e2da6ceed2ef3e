/** Unsigned requests and responses that profiles forbid. */
import { cameSigned } from '../../signed-request/came-signed.js';
import type { Rule } from '../rule.js';

const DENIED =
  'Nobody can prove who wrote the message: the client can deny it, and somebody may have changed it on its way';

export const unsignedRequest: Rule = {
  name: 'unsigned request',
  forbids: 'a pushed request without a signed request object',
  why: DENIED,
  remedy: 'A client that signs its requests (RFC 9101) and pushes the object as the parameter request',
  message: 'This client must push signed request objects',
  request: ({ ctx, isWithoutBrowser }) => (isWithoutBrowser || cameSigned.of(ctx) ? undefined : { request: 'absent' }),
};

/** In seconds: FAPI 2.0 Message Signing §5.3.1 no. 3, 4. */
export const LONGEST = 3600;

export const longRequest: Rule = {
  name: 'request object without an end',
  forbids: 'a request object without `nbf` and `exp`, or with more than 60 minutes between them',
  why: 'Whoever finds an old object, in a log, can send it again',
  remedy: 'A client that sets nbf to now and exp to a few minutes later',
  message: 'The request object must have nbf and exp, at most 60 minutes apart',
  errors: { authorization: 'invalid_request_object' },
  request({ ctx }) {
    const { claims } = cameSigned.of(ctx) ?? {};
    if (!claims) return undefined;
    const { nbf, exp } = claims;
    // exp is in the future, so nbf is at most 60 minutes ago
    const isShort = nbf !== undefined && exp !== undefined && exp - nbf <= LONGEST;
    return isShort ? undefined : { nbf, exp };
  },
};

export const unsignedResponse: Rule = {
  name: 'unsigned response',
  forbids:
    'an authorization response that is not signed: a `response_mode` other than `jwt` and those that end in `.jwt`',
  why: DENIED,
  remedy: 'A client that sends response_mode=jwt (JARM)',
  message: 'This client must send response_mode=jwt',
  request: ({ request: { responseMode = 'absent' }, isWithoutBrowser }) =>
    isWithoutBrowser || /^(?:\w+\.)?jwt$/.test(responseMode) ? undefined : { response_mode: responseMode },
};

export const unsignedIntrospection: Rule = {
  name: 'unsigned introspection',
  forbids: 'an introspection endpoint that signs no answers',
  why: DENIED,
  remedy: 'introspection(tokens.introspect, { jwtResponses: true }), with keys in createServer({ keys })',
  part(core) {
    const { introspection_signing_alg_values_supported: signs = [] } =
      core.extension('introspection')?.metadata?.() ?? {};
    return signs.length > 0 ? undefined : { missing: 'introspection(…, { jwtResponses: true })' };
  },
};
