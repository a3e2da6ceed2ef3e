/** What profiles forbid in authentication requests of CIBA, which the user answers on another device. */
import { TYPE } from '../../extension/backchannel-authentication/names.js';
import { cameSigned } from '../../signed-request/came-signed.js';
import type { AskedRequest } from '../../steps.js';
import type { Rule } from '../rule.js';

function isOfCIBA({ isWithoutBrowser, request: { type } }: AskedRequest<unknown>): boolean {
  return isWithoutBrowser === true && type === TYPE;
}

export const withoutBackchannel: Rule = {
  name: 'no CIBA',
  forbids: 'a server without CIBA',
  why: 'The profile has rules for CIBA only',
  remedy: 'server.extend(openid(), backchannelAuthentication({ findUser, ask })) before the profile',
  part: (core) =>
    core.extension('backchannelAuthentication') ? undefined : { missing: 'backchannelAuthentication()' },
};

export const unsignedBackchannel: Rule = {
  name: 'unsigned CIBA request',
  forbids: 'an authentication request (CIBA) that is not signed',
  why: 'The client can deny that it sent the request, and nobody can prove what it asked for',
  remedy:
    'backchannel_authentication_request_signing_alg in the registration, and a client that signs its requests (CIBA §7.1.1)',
  message: 'This client must sign its authentication requests',
  request: (asked) => (isOfCIBA(asked) && !cameSigned.of(asked.ctx) ? { request: 'absent' } : undefined),
};

export const withoutContext: Rule = {
  name: 'no binding_message',
  forbids: 'an authentication request (CIBA) with neither `binding_message` nor `authorization_details`',
  why: 'An attacker who begins a request at the same moment has the user allow the wrong one: nothing on the two devices can be compared',
  remedy: 'A client that sends binding_message and shows it to the user',
  message: 'This client must send binding_message',
  errors: { authorization: 'invalid_binding_message' },
  request: (asked) =>
    isOfCIBA(asked) && !asked.params.has('binding_message') && !asked.params.has('authorization_details')
      ? { binding_message: 'absent' }
      : undefined,
};
